"""The history of a case as it is told: editing in groups, and a way whose stays are as long as their days."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import texts
from portal.domain.lifecycle import Role, State
from portal.services.cases import history
from portal.services.cases.history import Visit
from portal.web.pages.timeline import WIDEST, steps, timeline
from tests.world.builders import Builder


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = texts.locale.set("en")
    yield
    texts.locale.reset(before)


async def test_what_one_person_edits_within_an_hour_is_told_at_once(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    entries = await history.of_case(number, builder.people["clerk"])
    told = timeline(entries, State.SUBMITTED, Role.MUNICIPALITY)
    assert [each["what"] for each in told] == [
        "Submitted to the governorate",
        "6 documents uploaded",
        "Declaration saved",
        "Case started",
    ]
    assert len(told[1]["parts"]) == 6
    assert told[1]["note"] is None


async def test_what_is_edited_later_or_by_another_is_told_apart(builder: Builder) -> None:
    number = await builder.draft()
    entries = await history.of_case(number, builder.people["clerk"])
    first, last = entries[2], entries[-1]
    for other in (replace(last, at=first.at + timedelta(hours=2)), replace(last, name="Another")):
        told = timeline([*entries[:-1], other], State.DRAFT, Role.MUNICIPALITY)
        assert [len(each["parts"]) for each in told] == [0, 5, 0, 0]


def test_stays_are_drawn_in_proportion_to_their_days() -> None:

    def visit(role: Role, days: int, status: str = "done", lap: int = 1) -> Visit:
        return Visit(role, status, lap, timedelta(days=days, hours=1))

    way = [
        visit(Role.MUNICIPALITY, 6),
        visit(Role.GOVERNORATE, 24),
        visit(Role.MUNICIPALITY, 0, lap=2),
        visit(Role.GOVERNORATE, 0, "now", 2),
        Visit(Role.ORGANIZATION, "todo", 0, timedelta()),
    ]
    assert [each.width for each in steps(way)] == [3, WIDEST, 1, 1, 1]
    assert [each.days for each in steps(way)] == ["6 days", "24 days", "same day", "today", ""]
