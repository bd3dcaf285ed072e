"""Mandates are proposed, agreed to by the machine's holder where nobody else is left, and ended or shortened."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts
from portal.services.administration import mandates as grants
from portal.services.administration.mandates import Grant
from portal.services.authentication import sessions
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.tables.mandates import Mandate
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import agree, appoint, auditor, end_mandate, grant, kinds, signed_in, statements, today


async def leave(username: str, people: Cast, clock: Clock, days: int | None = None) -> UUID:
    """End the mandate of somebody, at once or after so many days; the person's id."""
    person = people[username].id
    last_day = None if days is None else today(clock, days)
    await end_mandate((await mandates.of_person(person))[0]["id"], people["head"], clock, last_day)
    return person


async def test_what_is_granted_waits_and_is_signed_in_the_form_in_which_it_is_kept(people: Cast, clock: Clock) -> None:
    clerk = await leave("clerk", people, clock)
    wanted = Grant(MandateKind.REGULAR, " بازرس  كل ", Role.GOVERNORATE, TOWN, "۱۳", today(clock))
    mandate = await grant(clerk, wanted, people["head"], clock)
    row = await grants.find(mandate)
    assert (row["title"], row["municipality"], row["province"]) == ("بازرس کل", None, "13")
    assert mandates.status(row, clock()) == "waiting"
    assert await mandates.in_force(clerk, clock()) is None
    last = (await statements(clerk))[-1]
    assert (last["intent"]["values"]["title"], last["intent"]["values"]["place"]) == ("بازرس کل", "همدان")
    assert last["record"]["produced"] == {"mandate": str(mandate)}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"title": " "}, {"title": "blank"}),
        ({"starts_on": -1}, {"starts_on": "past-day"}),
        ({"starts_on": 3}, {"starts_on": ("mandate-overlaps", {"title": "کارشناس برنامه"})}),
        ({"kind": MandateKind.DEPUTY}, {"ends_on": "end-needed"}),
        ({"role": Role.MUNICIPALITY, "municipality": "9999999999"}, {"municipality": "unknown-municipality"}),
        ({"role": Role.MINISTER}, {"starts_on": ("seat-taken", {"holder": "وزیر"})}),
    ],
)
async def test_a_mandate_that_cannot_be_is_refused_by_its_field(
    people: Cast, clock: Clock, change: dict[str, Any], errors: dict[str, Any]
) -> None:
    clerk = await leave("clerk", people, clock, 3)
    days = {name: today(clock, change[name]) for name in change.keys() & {"starts_on"}}
    with pytest.raises(Invalid) as refused:
        await grant(clerk, replace(auditor(clock, 4), **{**change, **days}), people["head"], clock)
    assert refused.value.errors == errors


async def test_nothing_is_granted_twice_to_oneself_to_the_closed_or_by_others(people: Cast, clock: Clock) -> None:
    clerk, head = await leave("clerk", people, clock), people["head"]
    await grant(clerk, auditor(clock), head, clock)
    gone = people["neighbour"].id
    await accounts.close_by_machine(gone, now=clock())
    refusals: tuple[tuple[UUID, str, type[DomainError], str], ...] = (
        (clerk, "head", Conflict, "mandate-waits"),
        (head.id, "head", Conflict, "own-account"),
        (gone, "head", Conflict, "account-closed"),
        (uuid4(), "head", NotFound, "account"),
        (clerk, "officer", Forbidden, "role"),
    )
    for person, by, error, code in refusals:
        with pytest.raises(error, match=code):
            await grant(person, auditor(clock), people[by], clock)


async def test_the_machines_holder_agrees_to_what_waits_and_to_nothing_else(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    with pytest.raises(Conflict, match="no-mandate-waits"):
        await grants.agree_by_machine(clerk, now=clock())
    await leave("clerk", people, clock, 1)
    await grant(clerk, auditor(clock, 2, 2), people["head"], clock)
    await grants.agree_by_machine(clerk, now=clock())
    assert [row["status"] for row in await mandates.standing(clerk, clock())] == ["now", "future"]
    assert (await statements(clerk))[-1]["intent"]["values"]["by"] == "machine"
    await accounts.close_by_machine(clerk, now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await grants.agree_by_machine(clerk, now=clock())


async def test_what_is_past_or_taken_meanwhile_is_agreed_to_no_more(people: Cast, clock: Clock) -> None:
    clerk = await leave("clerk", people, clock)
    mandate = await grant(clerk, auditor(clock, 0, 1), people["head"], clock)
    row = await grants.find(mandate)
    archivist = Grant(MandateKind.REGULAR, "بایگان", Role.ARCHIVIST, None, None, today(clock, 1))
    await appoint(clerk, archivist, clock)
    with pytest.raises(Invalid) as refused:
        await grants.require_agreeable(row, clock())
    assert refused.value.errors == {"starts_on": ("mandate-overlaps", {"title": "بایگان"})}
    clock.tick(2 * 86_400)
    with pytest.raises(Conflict, match="mandate-over-already"):
        await grants.require_agreeable(row, clock())


async def test_who_enters_another_office_enters_anew_once_it_has_begun(people: Cast, clock: Clock) -> None:
    clerk = await leave("clerk", people, clock, 0)
    await signed_in(people["clerk"], clock)
    await agree(await grant(clerk, auditor(clock, 1), people["head"], clock), people["second"], clock)
    assert ((await identities.find(clerk))["role"], len(await sessions.of_person(clerk, clock()))) == (
        "municipality",
        1,
    ), "today nothing has changed"
    clock.tick(86_400)
    [held] = [row for row in await mandates.standing(clerk, clock()) if row["status"] == "now"]
    await sessions.begin(clerk, b"a token", address="", agent="", now=clock())
    async with Mandate._meta.db.transaction():
        await grants.write_agreement(held, by=None, now=clock())
    assert (await identities.find(clerk))["role"] == "auditor"
    assert await sessions.of_person(clerk, clock()) == []


async def test_a_mandate_is_shortened_within_its_days_and_ended_once(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    [held] = await mandates.of_person(clerk)
    await end_mandate(held["id"], head, clock, today(clock, 5))
    for days, code in ((-1, "past-day"), (6, "no-longer")):
        with pytest.raises(Invalid) as refused:
            await end_mandate(held["id"], head, clock, today(clock, days))
        assert refused.value.errors == {"last_day": code}
    await end_mandate(held["id"], head, clock)
    with pytest.raises(Conflict, match="mandate-over-already"):
        await end_mandate(held["id"], head, clock)
    assert (await kinds(clerk)).count("MandateEnded") == 2


async def test_nobody_ends_an_unknown_mandate_ones_own_or_the_last_administrators(people: Cast, clock: Clock) -> None:
    head, held = people["head"], await mandates.of_person(people["head"].id)
    with pytest.raises(NotFound, match="mandate"):
        await end_mandate(uuid4(), head, clock)
    with pytest.raises(Conflict, match="own-account"):
        await end_mandate(held[0]["id"], head, clock)
    with pytest.raises(Forbidden, match="role"):
        await end_mandate(held[0]["id"], people["examiner"], clock)
    await accounts.close_by_machine(people["third"].id, now=clock())
    await leave("second", people, clock, 3)
    with pytest.raises(Conflict, match="last-administrator"):
        await end_mandate(held[0]["id"], people["second"], clock, today(clock, 3))
