"""Whose factor it is: heard by a second person, for one office, as long as it is made of what was heard."""

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest

from portal.domain.approvals import Office
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Role
from portal.services.administration import accounts, demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import encryption, factor_confirmations
from portal.services.identity import mandates
from portal.tables.events import Event
from portal.tables.mandates import Mandate
from portal.tables.people import SecondFactor
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import add_passkey, appoint, auditor, hold, kinds, signed_in, statements, today

GOVERNORATE = Office(Role.GOVERNORATE, None, TOWN[:2])
TO_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


async def unheard(username: str, people: Cast, clock: Clock) -> tuple[UUID, str]:
    """Somebody of whose factor nothing is confirmed any more; its fingerprint."""
    person = people[username].id
    await factor_confirmations.revoke(person, now=clock())
    [factor] = await factor_confirmations.of_person(person)
    return person, factor.shown


def test_a_fingerprint_is_the_hex_sha256_of_what_a_factor_is_made_of() -> None:
    assert factor_confirmations.of_secret("JBSWY3DP") == hashlib.sha256(b"daraje authenticator\0JBSWY3DP").hexdigest()
    assert factor_confirmations.of_key(b"DER") == hashlib.sha256(b"DER").hexdigest()


async def test_the_factors_of_a_person_come_with_who_has_heard_them(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    passkey, _ = await add_passkey(await signed_in(clerk, clock), clock)
    first, second = await factor_confirmations.of_person(clerk.id)
    assert (first.kind, first.shown) == ("totp", factor_confirmations.of_secret(demo.secret_of("clerk")))
    assert (second.kind, second.id) == ("passkey", passkey)
    assert first.heard_by == second.heard_by == {GOVERNORATE}, "what a heard factor enrols is the same person's"
    await factor_confirmations.revoke(clerk.id, now=clock())
    assert {each.heard_by for each in await factor_confirmations.of_person(clerk.id)} == {frozenset()}


async def test_a_factor_signs_under_the_mandates_of_the_office_that_heard_it(people: Cast, clock: Clock) -> None:
    clerk, officer = people["clerk"], people["officer"]
    await hold(clerk, clock)
    with pytest.raises(Conflict, match="not-confirmed"):
        await hold(replace(clerk, mandate=officer.mandate), clock)
    await factor_confirmations.revoke(clerk.id, now=clock())
    with pytest.raises(Conflict, match="not-confirmed"):
        await hold(clerk, clock)


async def test_of_what_is_signed_the_last_event_is_told(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    last = await Event.select(Event.position).where(Event.subject == str(clerk.id)).order_by(Event.position)
    assert await hold(clerk, clock) == last[-1]["position"]


async def test_an_exchanged_secret_was_not_heard(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    [factor] = await factor_confirmations.of_person(clerk)
    other = encryption.encrypt(demo.secret_of("stranger"))
    await SecondFactor.update({SecondFactor.secret: other}).where(SecondFactor.id == factor.id)
    assert await factor_confirmations.heard_by(factor.id, clerk) == frozenset()


async def test_the_machines_holder_hears_the_first_sixteen_digits_however_they_are_typed(
    people: Cast, clock: Clock
) -> None:
    person, shown = await unheard("clerk", people, clock)
    typed = " ".join(shown[at : at + 4] for at in range(0, 16, 4)).upper().translate(TO_PERSIAN)
    for _ in range(2):
        await factor_confirmations.confirm_by_machine(person, typed, now=clock())
    [factor] = await factor_confirmations.of_person(person)
    assert factor.heard_by == {GOVERNORATE}
    assert (await kinds(person)).count("FactorConfirmed") == 1, "a second time changes nothing"
    told = (await statements(person))[-1]["intent"]["values"]
    assert (told["by"], told["offices"]) == ("machine", [{"role": "governorate", "province": "13"}])


async def test_the_machines_holder_confirms_no_other_factor_and_nothing_for_nobody(people: Cast, clock: Clock) -> None:
    person, shown = await unheard("clerk", people, clock)
    for heard in ("0" * 16, shown[:15], shown, ""):
        with pytest.raises(Conflict, match="other-fingerprint"):
            await factor_confirmations.confirm_by_machine(person, heard, now=clock())
    await mandates.end_all(person, by=None, now=clock())
    with pytest.raises(Conflict, match="no-mandate"):
        await factor_confirmations.confirm_by_machine(person, shown[:16], now=clock())
    new = await accounts.open_by_machine(NewAccount("new", "نام", "بازرس", Role.AUDITOR), now=clock())
    with pytest.raises(Conflict, match="no-factor-yet"):
        await factor_confirmations.confirm_by_machine(new, shown[:16], now=clock())


async def test_the_machines_holder_confirms_for_every_office_that_is_still_to_hear(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    [factor] = await factor_confirmations.of_person(clerk)
    [held] = await mandates.of_person(clerk)
    await Mandate.update({Mandate.ends_on: today(clock)}).where(Mandate.id == held["id"])
    await appoint(clerk, auditor(clock, 1), clock)
    await factor_confirmations.confirm_by_machine(clerk, factor.shown[:16], now=clock())
    heard = await factor_confirmations.heard_by(factor.id, clerk)
    assert heard == {GOVERNORATE, Office(Role.ADMINISTRATOR)}
    told = (await statements(clerk))[-1]["intent"]["values"]["offices"]
    assert told == [factor_confirmations.as_fact(Office(Role.ADMINISTRATOR))]
