"""What ends with the second person's refusal of a factor, and what does not."""

from uuid import UUID

from portal.domain.approvals import Ends
from portal.domain.lifecycle import Role
from portal.services.administration import declines, invitations
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import enrolment, factor_confirmations, sessions
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.tables.people import Person
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import (
    add_passkey,
    agree,
    auditor,
    end_mandate,
    enter,
    grant,
    kinds,
    link,
    open_account,
    signed_in,
    today,
    waits,
)

OFFICER = NewAccount("newcomer", "افسر تازه", "کارشناس", Role.GOVERNORATE, province=TOWN[:2])


async def entered(people: Cast, clock: Clock) -> UUID:
    """An officer whose account the head has opened, and who has entered."""
    person, token = await open_account(OFFICER, people["head"], clock)
    await enter(token, clock)
    return person


async def put_out(person: UUID, people: Cast, clock: Clock) -> dict[str, object]:
    [asked] = await waits(person, people["examiner"], clock)
    async with Person._meta.db.transaction():
        return await declines.put_out(asked, by=people["examiner"], now=clock.tick())


async def test_with_the_only_factor_every_way_in_ends(people: Cast, clock: Clock) -> None:
    person = await entered(people, clock)
    [asked] = await waits(person, people["examiner"], clock)
    assert await declines.ends(asked) is Ends.EVERYTHING
    token = await link(person, invitations.RESET, people["head"], clock)
    await put_out(person, people, clock)
    row = await identities.find(person)
    assert row["password_hash"] is None
    assert not await enrolment.has_factor(person)
    assert await sessions.of_person(person, clock()) == []
    assert not (await invitations.find(token, clock()))["stands"]
    assert "FactorEnded" not in await kinds(person), "the refusal itself tells what ended"


async def test_an_opening_that_was_never_heard_waits_for_an_agreement_of_its_own(people: Cast, clock: Clock) -> None:
    person = await entered(people, clock)
    [held] = await mandates.of_person(person)
    assert await put_out(person, people, clock) == {"waiting": [str(held["id"])]}
    assert await mandates.in_force(person, clock()) is None
    assert [each.kind for each in await waits(person, people["examiner"], clock)] == ["mandate"]


async def test_an_office_that_has_heard_a_factor_keeps_its_mandate(people: Cast, clock: Clock) -> None:
    person = await entered(people, clock)
    [factor] = await factor_confirmations.of_person(person)
    await factor_confirmations.confirm_by_machine(person, factor.shown[:16], now=clock())
    await factor_confirmations.revoke(person, now=clock())
    assert await put_out(person, people, clock) == {}
    assert await mandates.in_force(person, clock()) is not None


async def test_beside_another_factor_this_one_ends_alone(people: Cast, clock: Clock) -> None:
    officer = people["officer"]
    await factor_confirmations.revoke(officer.id, now=clock())
    passkey, _ = await add_passkey(await signed_in(officer, clock), clock)
    asked = next(each for each in await waits(officer.id, people["examiner"], clock) if each.id == passkey)
    assert await declines.ends(asked) is Ends.FACTOR
    async with Person._meta.db.transaction():
        assert await declines.put_out(asked, by=people["examiner"], now=clock()) == {}
    assert [each.kind for each in await factor_confirmations.of_person(officer.id)] == ["totp"]
    assert (await identities.find(officer.id))["password_hash"] is not None
    assert await sessions.of_person(officer.id, clock()) == [], "whoever enrolled it may sit in any of them"


async def test_what_another_office_has_heard_is_not_this_offices_to_end(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], head, clock, today(clock, 4))
    await agree(await grant(clerk, auditor(clock, 5), head, clock), people["second"], clock)
    [asked] = await waits(clerk, people["third"], clock)
    assert await declines.ends(asked) is Ends.NOTHING
    async with Person._meta.db.transaction():
        assert await declines.put_out(asked, by=people["third"], now=clock()) == {}
    assert await enrolment.has_factor(clerk)
