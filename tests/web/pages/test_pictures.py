"""Pictures under any table: every shape stays within its frame, in both directions, and says what it shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import texts
from portal.domain import grading
from portal.domain.rulesets import RuleSet
from portal.web.pages import pictures, scorecard
from portal.web.pages.pictures import Box, Picture, Rule
from tests.world.rulesets import SAMPLE, TOWN, tables


@pytest.fixture(params=["fa", "en"])
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    token = texts.locale.set(request.param)
    yield request.param
    texts.locale.reset(token)


def within(drawn: Picture) -> bool:
    """Whether every shape lies in the frame; a hair's breadth is forgiven."""

    def reach(each: Any) -> tuple[float, float]:
        match each:
            case Box():
                return each.x, each.x + each.width
            case _:
                return each.x, each.x

    spans = [reach(each) for each in drawn.shapes]
    return bool(drawn.title) and all(low >= -0.01 and high <= drawn.width + 0.01 for low, high in spans)


@given(tables())
@settings(max_examples=60)
def test_a_score_under_any_table_can_be_drawn(table: tuple[RuleSet, dict[str, Any]]) -> None:
    rules, inputs = table
    card = scorecard.card(grading.score(rules, inputs).as_dict(), rules)
    assert within(card["ladder"])
    assert all(within(row["strip"]) for row in card["rows"])


def test_a_persian_reader_reads_from_the_right(locale: str) -> None:
    card = scorecard.card(grading.score(SAMPLE, TOWN).as_dict(), SAMPLE)
    parts = [each for each in card["ladder"].shapes if isinstance(each, Box) and each.kind.startswith("part")]
    assert (parts[0].x > parts[-1].x) is (locale == "fa")
    assert [each.kind for each in parts] == ["part part-1", "part part-2", "part part-3"]


@given(st.lists(st.integers(0, 400), min_size=12, max_size=12))
def test_distributions_can_be_drawn(counts: list[int]) -> None:
    assert within(pictures.profile("title", counts))
    assert within(pictures.bar("title", [(f"part-{n}", count) for n, count in enumerate(counts)], sum(counts)))


def test_no_line_of_the_ruler_crosses_a_number(locale: str) -> None:
    ruler = scorecard.card(grading.score(SAMPLE, TOWN).as_dict(), SAMPLE)["ladder"]
    lines = [each for each in ruler.shapes if isinstance(each, Rule)]
    bar = [each for each in ruler.shapes if isinstance(each, Box) and each.kind.startswith("part")]
    assert lines
    assert all(line.y >= part.y + part.height for line in lines for part in bar)


def test_the_marked_band_is_the_one_that_was_hit(locale: str) -> None:
    strip = scorecard.card(grading.score(SAMPLE, TOWN).as_dict(), SAMPLE)["rows"][0]["strip"]
    bands = [each for each in strip.shapes if isinstance(each, Box)]
    assert [n for n, each in enumerate(bands) if each.kind == "band hit"] == [5]
    hit = bands[5]
    tip = next(each for each in strip.shapes if each.tag == "path")
    assert hit.x <= tip.x <= hit.x + hit.width
