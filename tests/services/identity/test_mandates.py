"""Mandates as they stand on a day in Tehran: which is in force, who agrees to it, and what a day is free for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from portal.domain.approvals import Office
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span
from portal.services.identity import accounts, mandates
from portal.settings import Settings
from portal.tables.mandates import Mandate
from portal.tables.people import Person
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import appoint, auditor, hold, today

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 3)
MIDNIGHT = datetime(2026, 11, 1, 20, 30, tzinfo=UTC)  # the beginning of FIRST in Tehran
SECOND = timedelta(seconds=1)


def row(**changed: Any) -> dict[str, Any]:
    return {"confirmed_at": MIDNIGHT, "ended_at": None, "starts_on": FIRST, "ends_on": LAST, **changed}


@pytest.mark.parametrize(
    ("changed", "at", "expected"),
    [
        ({}, MIDNIGHT - SECOND, "future"),
        ({}, MIDNIGHT, "now"),
        ({}, MIDNIGHT + timedelta(days=2) - SECOND, "now"),
        ({}, MIDNIGHT + timedelta(days=2), "over"),
        ({"ends_on": None}, MIDNIGHT + timedelta(days=2000), "now"),
        ({"ended_at": MIDNIGHT}, MIDNIGHT, "over"),
        ({"confirmed_at": None}, MIDNIGHT + timedelta(days=9), "waiting"),
        ({"confirmed_at": None, "ended_at": MIDNIGHT}, MIDNIGHT, "declined"),
    ],
)
def test_a_status_goes_by_the_day_in_tehran(changed: dict[str, Any], at: datetime, expected: str) -> None:
    assert mandates.status(row(**changed), at) == expected


def test_a_day_that_is_not_named_is_today_in_tehran() -> None:
    assert mandates.today_or(None, MIDNIGHT - SECOND) == date(2026, 11, 1)
    assert mandates.today_or(None, MIDNIGHT) == FIRST
    assert mandates.today_or(LAST, MIDNIGHT) == LAST


async def over(people: Cast, username: str, clock: Clock) -> UUID:
    """A person of the cast whose mandate was ended."""
    person = people[username].id
    await mandates.end_all(person, by=people["head"].id, now=clock())
    return person


async def test_what_somebody_holds_stands_in_its_order(people: Cast, clock: Clock) -> None:
    clerk = await over(people, "clerk", clock)
    for wanted, confirmed in ((auditor(clock, 5), False), (auditor(clock, 3, 4), True), (auditor(clock, 0, 2), True)):
        await appoint(clerk, wanted, clock, confirmed=confirmed)
    assert [each["status"] for each in await mandates.standing(clerk, clock())] == ["now", "future", "waiting"]
    assert [each["starts_on"] for each in await mandates.of_person(clerk)][:2] == [today(clock, 5), today(clock, 3)]
    held = await mandates.in_force(clerk, clock())
    assert held is not None
    assert (held["starts_on"], held["role"]) == (today(clock), "auditor")
    assert await mandates.in_force(clerk, clock() + timedelta(days=5)) is None


async def test_the_office_of_the_table_agrees_to_each_mandate(people: Cast, clock: Clock) -> None:
    governorate = Office(Role.GOVERNORATE, None, TOWN[:2])
    assert await mandates.approvers(people["clerk"].id, clock()) == {governorate}
    assert await mandates.approver((await mandates.of_person(people["clerk"].id))[0]["id"]) == governorate
    assert await mandates.approvers(people["officer"].id, clock()) == {Office(Role.ORGANIZATION)}
    later = await appoint(await over(people, "neighbour", clock), auditor(clock, 9), clock)
    assert await mandates.approvers(people["neighbour"].id, clock()) == {Office(Role.ADMINISTRATOR)}
    await appoint(people["neighbour"].id, replace(auditor(clock), role=Role.ORGANIZATION), clock, confirmed=False)
    assert len(await mandates.approvers(people["neighbour"].id, clock())) == 1, "what waits is not held"
    assert await mandates.approver(later) == Office(Role.ADMINISTRATOR)


async def test_the_office_of_today_is_named_else_the_next_one(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    now = await mandates.office_now_or_next(clerk, clock())
    assert now is not None
    assert (now["role"], now["municipality"], now["town"]) == ("municipality", TOWN, "اسدآباد")
    await over(people, "clerk", clock)
    assert await mandates.office_now_or_next(clerk, clock()) is None
    for wanted in (auditor(clock, 7, 8), auditor(clock, 3, 4)):
        await appoint(clerk, wanted, clock)
    following = await mandates.office_now_or_next(clerk, clock())
    assert following is not None
    assert (following["role"], following["starts_on"]) == ("auditor", today(clock, 3))


async def test_who_holds_no_office_is_told_why(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await mandates.require_in_force(clerk, clock())
    await over(people, "clerk", clock)
    with pytest.raises(Conflict, match="mandate-over"):
        await mandates.require_in_force(clerk, clock())
    for wanted in (auditor(clock, 7, 8), auditor(clock, 3, 4)):
        await appoint(clerk, wanted, clock)
    with pytest.raises(Conflict) as refused:
        await mandates.require_in_force(clerk, clock())
    assert (refused.value.code, refused.value.facts) == ("mandate-future", {"day": today(clock, 3)})
    with pytest.raises(Conflict, match="no-mandate"):
        await mandates.require_in_force(uuid4(), clock())


async def test_a_mandate_that_is_held_is_not_ended_before_the_act_is_done(
    people: Cast, clock: Clock, engine: Settings
) -> None:
    clerk = people["clerk"]
    other = await asyncpg.connect(engine.database_url)
    asked = "SELECT 1 FROM mandates WHERE id = $1 FOR UPDATE NOWAIT"
    try:
        async with Mandate._meta.db.transaction():
            await hold(clerk, clock)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await other.fetch(asked, clerk.mandate)
    finally:
        await other.close()
    await over(people, "clerk", clock)
    for by in (clerk, replace(clerk, mandate=None), replace(clerk, mandate=uuid4())):
        with pytest.raises(Conflict, match="mandate-over"):
            await hold(by, clock)


@pytest.mark.parametrize(
    ("person", "role", "kind", "days", "error"),
    [
        ("clerk", Role.AUDITOR, MandateKind.REGULAR, (0, None), ("mandate-overlaps", {"title": "کارشناس برنامه"})),
        ("keeper", Role.MINISTER, MandateKind.ACTING, (0, 9), ("seat-taken", {"holder": "وزیر"})),
        ("keeper", Role.MINISTER, MandateKind.REGULAR, (5, None), ("seat-taken", {"holder": "وزیر"})),
        ("keeper", Role.MINISTER, MandateKind.DEPUTY, (0, 9), None),
        ("keeper", Role.GOVERNORATE, MandateKind.REGULAR, (0, None), None),
    ],
)
async def test_a_day_is_held_once_by_a_person_and_a_single_seat_by_one(
    people: Cast, clock: Clock, person: str, role: Role, kind: MandateKind, days: tuple[int, int | None], error: Any
) -> None:
    who = await over(people, "keeper", clock) if person == "keeper" else people[person].id
    span = Span(today(clock, days[0]), None if days[1] is None else today(clock, days[1]))
    if error is None:
        await mandates.require_free(who, role, kind, span, clock())
        return
    with pytest.raises(Invalid) as refused:
        await mandates.require_free(who, role, kind, span, clock())
    assert refused.value.errors == {"starts_on": error}


async def test_neither_the_mandate_itself_nor_one_that_waits_or_is_over_takes_a_day(people: Cast, clock: Clock) -> None:
    clerk = await over(people, "clerk", clock)
    await appoint(clerk, auditor(clock), clock, confirmed=False)
    free = (clerk, Role.AUDITOR, MandateKind.REGULAR, Span(today(clock)), clock())
    await mandates.require_free(*free)
    mandate = await appoint(clerk, auditor(clock), clock)
    await mandates.require_free(*free, but=mandate)
    with pytest.raises(Invalid):
        await mandates.require_free(*free)


async def test_with_an_account_end_its_mandates_that_wait_or_are_to_come_too(people: Cast, clock: Clock) -> None:
    clerk = await over(people, "clerk", clock)
    await appoint(clerk, auditor(clock, 0, 3), clock)
    await appoint(clerk, auditor(clock, 5), clock, confirmed=False)
    await mandates.end_all(clerk, by=None, now=clock.tick())
    rows = await mandates.of_person(clerk)
    assert [mandates.status(each, clock()) for each in rows] == ["declined", "over", "over"]
    kept = [each for each in rows if each["ended_by"] == people["head"].id]
    assert [each["ended_at"] for each in kept] == [clock() - timedelta(seconds=31)], "what was over stays as it was"


async def test_the_accounts_row_follows_the_mandate_that_has_begun(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await mandates.carry_over(
        {"person": clerk, "title": "مدیر کل", "role": "governorate", "municipality": None, "province": "13"}
    )
    found = await accounts.find(clerk)
    assert mandates.office_of(found) == Office(Role.GOVERNORATE, None, "13")
    assert (found["title"], found["province_name"]) == ("مدیر کل", "همدان")
    assert await Person.count().where(Person.title == "مدیر کل") == 1
