"""One-time links: for whom they are made, what makes them void, and what their use changes."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from portal.domain.approvals import OBJECTION
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import accounts, invitations, restorations
from portal.services.administration.accounts import NewAccount
from portal.services.administration.invitations import INVITATION, RESET
from portal.services.authentication import enrolment, factor_confirmations, passwords, sessions, sign_in
from portal.services.identity import mandates
from portal.tables.mandates import Restoration
from portal.tables.people import Person, Session
from tests.world import cast
from tests.world.cast import PASSWORD, Cast
from tests.world.clock import Clock
from tests.world.newcomers import GOOD, digest_of, events, invited
from tests.world.services import (
    agree,
    appoint,
    auditor,
    end_mandate,
    link,
    open_account,
    restore,
    signed_in,
    statements,
    today,
    waits,
)

READER = NewAccount("reader", "خواننده", "بازرس", Role.AUDITOR)


async def stands(token: str, clock: Clock) -> bool:
    return bool((await invitations.find(token, clock()))["stands"])


async def test_a_signed_link_is_journalled_with_who_let_in(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    assert await stands(await link(clerk, RESET, head, clock), clock)
    last = (await statements(clerk))[-1]
    assert (last["record"]["kind"], last["intent"]["act"]) == ("LinkMade", "reset")
    assert last["intent"]["signer"]["username"] == "head"
    assert last["record"]["factor"]["kind"] == "totp"


async def test_a_link_is_signed_for_whom_it_fits_and_by_an_administrator(people: Cast, clock: Clock) -> None:
    person, _ = await open_account(READER, people["head"], clock)
    for about, purpose, by, refused in (
        (people["clerk"].id, INVITATION, "head", (Conflict, "entered-already")),
        (person, RESET, "head", (Conflict, "not-entered")),
        (people["head"].id, RESET, "head", (Conflict, "own-account")),
        (people["clerk"].id, RESET, "officer", (Forbidden, "role")),
    ):
        with pytest.raises(refused[0], match=refused[1]):
            await link(about, purpose, people[by], clock)


async def test_the_next_link_voids_the_one_before_and_a_restoration(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    first = await restore(clerk, head, clock)
    second = await link(clerk, RESET, head, clock)
    assert (await Restoration.select())[0]["outcome"] == "withdrawn"
    assert (await invitations.find(first, clock()))["used_at"] == clock()
    assert await stands(second, clock)
    async with Person._meta.db.transaction():
        await invitations.revoke(clerk, now=clock())
    assert not await stands(second, clock)


async def test_another_mandate_voids_what_a_person_asked_for_and_not_the_machines(people: Cast, clock: Clock) -> None:
    clerk, neighbour = people["clerk"].id, people["neighbour"].id
    asked = await restore(clerk, people["head"], clock)
    given = await restorations.begin_by_machine(neighbour, now=clock())
    async with Person._meta.db.transaction():
        for person in (clerk, neighbour):
            await invitations.void_restoration(person, now=clock())
    assert await restorations.of_person(clerk) is None
    assert (await invitations.find(asked, clock()))["used_at"] is not None
    assert await stands(given, clock)


async def test_a_restoration_does_not_open_where_the_office_of_the_agreement_is_over(
    people: Cast, clock: Clock
) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], head, clock, today(clock))
    token = await restore(clerk, head, clock)
    assert (await invitations.find(token, clock()))["waits"], "nobody has agreed yet"
    [asked] = await waits(clerk, people["officer"], clock)
    await agree(asked.id, people["officer"], clock)
    await appoint(clerk, auditor(clock, 1), clock)
    found = await invitations.find(token, clock.tick(OBJECTION.total_seconds()))
    assert (found["waits"], found["stands"]) == (False, False), "the office of that day is over"


async def test_who_entered_by_a_link_is_told_until_the_next_choice_of_a_password(people: Cast, clock: Clock) -> None:
    person, token = await open_account(READER, people["head"], clock)
    assert await invitations.entered_at(person) is None
    await invitations.accept(token, password=PASSWORD, now=clock.tick())
    assert await invitations.entered_at(person) == clock()
    assert await invitations.entered_at(people["clerk"].id) is None
    clerk = await signed_in(people["clerk"], clock)
    await invitations.accept(await link(clerk.id, RESET, people["head"], clock), password=PASSWORD, now=clock())
    assert await invitations.entered_at(clerk.id) == clock()
    await passwords.change(clerk, old=PASSWORD, new=cast.PASSWORD, now=clock.tick())
    assert await invitations.entered_at(clerk.id) is None


async def test_a_restoration_that_is_used_ends_the_lost_factor_and_every_session(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    token = await restorations.begin_by_machine(clerk.id, now=clock())
    with pytest.raises(Invalid) as refused:
        await invitations.accept(token, password="clerk", now=clock())
    assert refused.value.errors.keys() == {"password"}
    assert await enrolment.has_factor(clerk.id), "nothing is half done"
    await invitations.accept(token, password=PASSWORD, now=clock.tick())
    assert not await enrolment.has_factor(clerk.id)
    assert await sessions.of_person(clerk.id, clock()) == []
    assert (await Restoration.select())[0]["outcome"] == "used"
    with pytest.raises(NotFound, match="invitation"):
        await invitations.accept(token, password=PASSWORD, now=clock())


async def test_an_account_without_a_password_is_invited_by_the_machine_and_not_reset(
    people: Cast, clock: Clock
) -> None:
    person = await accounts.open_by_machine(READER, now=clock())
    with pytest.raises(Conflict, match="not-entered"):
        await invitations.invite(person, purpose=RESET, by=None, now=clock())
    token = await invitations.invite(person, purpose=INVITATION, by=None, now=clock())
    found = await invitations.find(token, clock() + invitations.GOOD_FOR - timedelta(seconds=1))
    assert (found["username"], found["made_by"], found["maker_stands"], found["stands"]) == ("reader", None, True, True)
    assert (await statements(person))[-1]["intent"]["values"] == {"purpose": INVITATION, "by": "machine"}


async def test_a_link_sets_a_password_once(people: Cast, clock: Clock) -> None:
    person, token = await invited(clock)
    assert (await invitations.find(token, clock()))["stands"]
    assert await invitations.accept(token, password=GOOD, now=clock()) == person
    assert not (await invitations.find(token, clock()))["stands"]
    with pytest.raises(NotFound):
        await invitations.accept(token, password=GOOD, now=clock())
    assert [kind for kind, _ in await events(person)] == ["AccountOpened", "LinkMade", "PasswordSet"]
    assert await sign_in.begin("New.Head", GOOD, address="::1", agent="", now=clock())


async def test_of_two_uses_at_once_one_counts(people: Cast, clock: Clock) -> None:
    person, token = await invited(clock)
    work = (invitations.accept(token, password=GOOD + str(n), now=clock()) for n in range(4))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(isinstance(each, NotFound) for each in answers) == [False, True, True, True]
    assert [kind for kind, _ in await events(person)].count("PasswordSet") == 1


async def test_a_link_ends_by_time_by_a_newer_one_and_with_its_account(people: Cast, clock: Clock) -> None:
    person, first = await invited(clock)
    second = await invitations.invite(person, purpose=INVITATION, by=None, now=clock())
    later = clock() + timedelta(days=7)
    assert not (await invitations.find(first, clock()))["stands"]
    assert (await invitations.find(second, later - timedelta(seconds=1)))["stands"]
    assert not (await invitations.find(second, later))["stands"]
    await accounts.close_by_machine(person, now=clock())
    with pytest.raises(NotFound):
        await invitations.accept(second, password=GOOD, now=clock())
    with pytest.raises(NotFound):
        await invitations.find("no such token", clock())


async def test_links_are_made_for_whom_they_fit(people: Cast, clock: Clock) -> None:
    with pytest.raises(Conflict, match="entered-already"):
        await invitations.invite(people["clerk"].id, purpose=INVITATION, by=None, now=clock())
    with pytest.raises(NotFound):
        await invitations.invite(uuid4(), purpose=RESET, by=None, now=clock())
    await accounts.close_by_machine(people["clerk"].id, now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await invitations.invite(people["clerk"].id, purpose=RESET, by=None, now=clock())


async def test_a_reset_ends_the_password_and_what_was_confirmed_when_it_is_used_and_not_before(
    people: Cast, clock: Clock
) -> None:
    clerk = people["clerk"]
    await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    token = await invitations.invite(clerk.id, purpose=RESET, by=people["head"], now=clock())
    assert await enrolment.has_factor(clerk.id)
    assert await sessions.of_person(clerk.id, clock())

    await invitations.accept(token, password=GOOD, now=clock())
    found = await factor_confirmations.of_person(clerk.id)
    assert [each.heard_by for each in found] == [frozenset()], "a second person confirms it again"
    assert not await sessions.of_person(clerk.id, clock())
    told = {"by": "reset", "link_made_by": str(people["head"].id), "hash_sha256": await digest_of(clerk.id)}
    assert (await events(clerk.id))[-1] == ("PasswordSet", told)
    with pytest.raises(Invalid):
        await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())


async def test_only_digests_of_tokens_are_kept(people: Cast, clock: Clock) -> None:
    token = await sign_in.begin("clerk", PASSWORD, address="::1", agent="", now=clock())
    row = await Session.select(Session.token).output(load_json=False).first()
    assert row is not None
    assert token.encode() not in bytes(row["token"])
