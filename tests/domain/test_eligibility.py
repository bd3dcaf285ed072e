"""When a town may ask again: who says since when, which answers start the waiting, and what a lift frees it of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import eligibility, persian
from portal.domain.eligibility import Known, Notified, Source
from portal.domain.lifecycle import Outcome
from tests.world.rulesets import SAMPLE

TOLD = Notified(date(2024, 5, 1), Outcome.RAISED, 8)
REFUSED = Notified(date(2025, 5, 1), Outcome.REFUSED, None)
DECLARED = date(2020, 1, 13)


def test_the_portals_own_notification_outranks_the_register_and_the_declaration() -> None:
    known = Known(notified=(TOLD,), register_grade=7, register_notified_on=date(2019, 1, 1))
    found = eligibility.of_town(SAMPLE, known, DECLARED)
    assert (found.source, found.since) == (Source.PORTAL, TOLD.on)
    assert known.grade() == (Source.PORTAL, 8)
    found = eligibility.of_town(SAMPLE, Known(register_grade=7, register_notified_on=date(2019, 1, 1)), DECLARED)
    assert (found.source, found.since) == (Source.REGISTER, date(2019, 1, 1))
    assert eligibility.of_town(SAMPLE, Known(), DECLARED).source is Source.DECLARATION


def test_a_refused_request_does_not_start_the_waiting() -> None:
    """The rule set says so in `waiting_after`; the refusal is the later answer all the same."""
    found = eligibility.of_town(SAMPLE, Known(notified=(REFUSED, TOLD)), None)
    assert found.since == TOLD.on
    assert eligibility.of_town(SAMPLE, Known(notified=(REFUSED,)), DECLARED).source is Source.DECLARATION
    assert Known(notified=(REFUSED, TOLD)).grade() == (Source.PORTAL, 8)


def test_a_town_of_which_nothing_is_known_waits_for_nothing() -> None:
    found = eligibility.of_town(SAMPLE, Known(), None)
    assert found.day is None
    assert found.is_reached(date(1990, 1, 1))


def test_the_day_itself_is_not_too_early() -> None:
    found = eligibility.of_town(SAMPLE, Known(), persian.jalali_date("1401/10/23"))
    assert found.day == persian.jalali_date("1405/10/23")
    assert found.is_reached(found.day)
    assert not found.is_reached(found.day - timedelta(days=1))


@pytest.mark.parametrize(("lifted", "free"), [(TOLD.on, True), (TOLD.on - timedelta(days=1), False)])
def test_a_lift_frees_of_the_waiting_that_had_begun(lifted: date, free: bool) -> None:
    found = eligibility.of_town(SAMPLE, Known(notified=(TOLD,), lifted_on=lifted), None)
    assert found.is_lifted is free
    assert found.is_reached(TOLD.on + timedelta(days=30)) is free


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.dates(date(1990, 1, 1), date(2080, 1, 1)))
def test_who_is_eligible_stays_so(since: date, today: date) -> None:
    found = eligibility.of_town(SAMPLE, Known(), since)
    assert not found.is_reached(today) or found.is_reached(today + timedelta(days=1))
    assert found.is_reached(today) or (today - since).days < 4 * 366 + 1
