"""Held, asked, computed and decided: where they part is marked and said."""

from collections.abc import Iterator
from typing import Any

import pytest

from portal import texts
from portal.web.pages.facts import Facts, facts


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = texts.locale.set("en")
    yield
    texts.locale.reset(before)


def strip(held: int | None, asked: int, computed: int | None = None, **decision: Any) -> Facts:
    assessment = {"grade": str(computed)} if computed else None
    ruling = {"reason": "because", "grade": None, **decision} if decision else None
    return facts({"current_grade": held, "requested_grade": asked}, assessment, ruling)


def between(shown: Facts) -> list[int]:
    return [each.grade for each in shown.stair if "between" in each.kinds.split()]


def test_without_a_score_nothing_parts() -> None:
    shown = strip(5, 7)
    assert [each.value for each in shown.figures] == ["5", "7", "—", "—"]
    assert (shown.told, between(shown), shown.reason) == ([], [], None)


def test_a_score_below_the_request_is_spanned_and_said() -> None:
    shown = strip(5, 7, 4)
    assert [each.kind for each in shown.figures if each.parts] == ["computed"]
    assert between(shown) == [4, 5, 6, 7]
    assert shown.told == [
        "The computed grade is 3 grades below the requested one.",
        "It is 1 grade below the current one.",
    ]


def test_a_score_that_meets_the_request_is_not_marked() -> None:
    shown = strip(5, 7, 7)
    assert (shown.told, between(shown)) == ([], [])
    assert [each.signs for each in shown.stair if each.signs] == ["●", "◆■"]


def test_a_decision_is_held_against_the_score_and_gives_its_reason() -> None:
    shown = strip(5, 7, 4, outcome="raised", grade=7)
    assert [each.kind for each in shown.figures if each.parts] == ["decided"]
    assert between(shown) == [4, 5, 6, 7]
    assert (shown.told, shown.reason) == (["The decision is 3 grades above the computed one."], "because")


def test_a_decision_as_computed_needs_no_reason() -> None:
    shown = strip(5, 7, 7, outcome="raised", grade=7)
    assert (shown.told, shown.reason, between(shown)) == ([], None, [])


def test_a_refusal_is_a_word_and_says_why() -> None:
    shown = strip(5, 7, 4, outcome="refused")
    assert shown.figures[-1].value == "Request refused"
    assert shown.reason == "because"


def test_a_new_town_holds_none() -> None:
    shown = strip(0, 3, 2)
    assert shown.figures[0].value == "—"
    assert shown.told == ["The computed grade is 1 grade below the requested one."]
    assert "Held: —" in shown.words
