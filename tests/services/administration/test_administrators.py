"""Somebody administers the portal today, and on the day after whatever is ended."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from portal.domain.errors import Conflict
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts, administrators, demo
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from portal.tables.people import Person
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import appoint, today


def deputy(username: str, **days: Any) -> NewAccount:
    return NewAccount(username, f"نام {username}", "معاون", Role.ADMINISTRATOR, **days)


async def alone(people: Cast, clock: Clock) -> UUID:
    """The head, once the others are closed."""
    for username in ("second", "third"):
        await accounts.close_by_machine(people[username].id, now=clock())
    return people["head"].id


async def names(clock: Clock) -> list[tuple[str, bool]]:
    return [(row["full_name"], row["entered"]) for row in await administrators.of_today(clock())]


async def test_those_of_today_are_named_with_who_has_entered(people: Cast, clock: Clock) -> None:
    head = await alone(people, clock)
    await accounts.open_by_machine(deputy("unheard"), now=clock())
    await accounts.open_by_machine(deputy("tomorrow", starts_on=today(clock, 1)), now=clock())
    assert await names(clock) == [("مدیر", True), ("نام unheard", False)]
    await factor_confirmations.revoke(head, now=clock())
    assert await names(clock) == [("مدیر", False), ("نام unheard", False)]
    clock.tick(86_400)
    assert ("نام tomorrow", False) in await names(clock)


async def test_without_another_one_nobody_may_go(people: Cast, clock: Clock) -> None:
    head = people["head"].id
    assert await administrators.missing(clock(), person=head) is None
    await alone(people, clock)
    assert await administrators.missing(clock(), person=head) == []
    with pytest.raises(Conflict, match="last-administrator"):
        await administrators.require_another(clock(), person=head)
    assert await administrators.missing(clock(), person=people["clerk"].id) is None, "who administers nothing may go"


async def test_who_has_not_entered_is_named_and_does_not_count(people: Cast, clock: Clock) -> None:
    head = await alone(people, clock)
    for username in ("b", "a"):
        await accounts.open_by_machine(deputy(f"head-{username}"), now=clock())
    with pytest.raises(Conflict) as refused:
        await administrators.require_another(clock(), person=head)
    assert (refused.value.code, refused.value.facts) == (
        "last-entered-administrator",
        {"names": ["نام head-a", "نام head-b"]},
    )
    await factor_confirmations.revoke(head, now=clock())
    await administrators.require_another(clock(), person=head)


@pytest.mark.parametrize(
    ("days", "last_day", "expected"),
    [
        ({"ends_on": 5}, 4, None),
        ({"ends_on": 5}, 5, []),  # both end on the same day
        ({"starts_on": 6}, 5, None),  # begins on the very next one
        ({"starts_on": 7}, 5, []),  # a day between them has nobody
        ({"starts_on": 1}, None, []),
    ],
)
async def test_the_other_one_bridges_the_day_that_is_ended(
    people: Cast, clock: Clock, days: dict[str, int], last_day: int | None, expected: list[str] | None
) -> None:
    head = await alone(people, clock)
    span = {name: today(clock, each) for name, each in days.items()}
    await demo.open_account(deputy("other", **span), password_hash="", now=clock())
    last = None if last_day is None else today(clock, last_day)
    assert await administrators.missing(clock(), person=head, last_day=last) == expected


@pytest.mark.parametrize(("confirmed", "expected"), [(True, None), (False, [])])
async def test_the_next_mandate_of_the_same_person_keeps_the_seat_once_it_is_agreed_to(
    people: Cast, clock: Clock, confirmed: bool, expected: list[str] | None
) -> None:
    last_day = today(clock, 2)
    other = (await demo.open_account(deputy("other", ends_on=last_day), password_hash="", now=clock())).id
    for username in ("head", "second", "third"):
        await accounts.close_by_machine(people[username].id, now=clock())
    [held] = await mandates.of_person(other)
    next_one = Grant(MandateKind.REGULAR, "مدیر", Role.ADMINISTRATOR, None, None, today(clock, 3))
    await appoint(other, next_one, clock, confirmed=confirmed)
    found = await administrators.missing(clock(), person=other, mandate=held["id"], last_day=last_day)
    assert found == expected


async def test_a_closed_account_is_not_locked(people: Cast, clock: Clock) -> None:
    await accounts.close_by_machine(people["clerk"].id, now=clock())
    async with Person._meta.db.transaction():
        with pytest.raises(Conflict, match="account-closed"):
            await administrators.lock(people["clerk"].id)
        await administrators.lock(people["head"].id)


async def test_the_last_administrator_stays(people: Cast, clock: Clock) -> None:
    heads = [people[name].id for name in ("head", "second", "third")]
    work = (accounts.close_by_machine(each, now=clock()) for each in heads)
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "NoneType", "NoneType"]
    assert len(await administrators.of_today(clock())) == 1
