"""The second person agrees or refuses: of the right office, once, and with a trace of what that changed."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.approvals import OBJECTION, Ends, Hearing, Waiting
from portal.domain.errors import Conflict, NotFound, ProofRefused
from portal.domain.lifecycle import Role
from portal.services.administration import approvals, invitations, restorations
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import factor_confirmations
from portal.services.identity import accounts, mandates
from portal.tables.mandates import Restoration
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import (
    agree,
    auditor,
    decline,
    end_mandate,
    enter,
    grant,
    kinds,
    open_account,
    restore,
    statements,
    today,
    waits,
)

OFFICER = NewAccount("newcomer", "افسر تازه", "کارشناس", Role.GOVERNORATE, province=TOWN[:2])


async def proposed(people: Cast, clock: Clock) -> tuple[UUID, UUID]:
    """A clerk's account, whose mandate is over, and the auditor's mandate that waits for it."""
    clerk, head = people["clerk"].id, people["head"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], head, clock)
    return clerk, await grant(clerk, auditor(clock), head, clock)


async def test_a_mandate_that_is_agreed_to_is_in_force(people: Cast, clock: Clock) -> None:
    clerk, mandate = await proposed(people, clock)
    assert await agree(mandate, people["second"], clock) is Waiting.MANDATE
    held = await mandates.in_force(clerk, clock())
    assert held is not None
    assert (held["role"], held["confirmer"]) == (Role.AUDITOR, people["second"].full_name)
    assert (await accounts.find(clerk))["role"] == Role.AUDITOR, "the account's row follows"
    assert (await kinds(clerk))[-2:] == ["MandateGranted", "MandateConfirmed"]


async def test_an_authenticator_that_was_heard_signs_for_that_office(people: Cast, clock: Clock) -> None:
    person, token = await open_account(OFFICER, people["head"], clock)
    await enter(token, clock)
    [asked] = await waits(person, people["examiner"], clock)
    assert await agree(asked.id, people["examiner"], clock, Hearing.PHONE) is Waiting.ENROLMENT
    assert await factor_confirmations.heard_by(asked.id, person) == {asked.approver}
    assert (await statements(person))[-1]["intent"]["values"] == {"compared": "phone"}


async def test_a_restoration_that_is_agreed_to_leaves_its_owner_a_day_to_object(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    token = await restore(clerk, people["head"], clock)
    [asked] = await waits(clerk, people["officer"], clock)
    assert await agree(asked.id, people["officer"], clock) is Waiting.RESTORATION
    found = await invitations.find(token, clock())
    assert (found["stands"], found["opens_at"]) == (False, clock() + OBJECTION)
    assert found["expires_at"] == clock() + OBJECTION + invitations.GOOD_FOR
    assert (await invitations.find(token, clock() + OBJECTION))["stands"]


async def test_neither_the_first_person_nor_another_office_is_the_second(people: Cast, clock: Clock) -> None:
    _, mandate = await proposed(people, clock)
    with pytest.raises(Conflict, match="first-person"):
        await approvals.approach(mandate, people["head"], clock())
    for username in ("officer", "minister", "clerk"):
        with pytest.raises(NotFound, match="approval"):
            await approvals.approach(mandate, people[username], clock())
    with pytest.raises(NotFound, match="approval"):
        await approvals.approach(uuid4(), people["second"], clock())
    restoration = await restore(people["neighbour"].id, people["head"], clock)
    assert restoration
    [asked] = await waits(people["neighbour"].id, people["officer"], clock)
    with pytest.raises(NotFound, match="approval"):
        await approvals.approach(asked.id, people["stranger"], clock())


async def test_of_two_who_agree_at_once_one_counts_and_a_second_time_nothing_waits(people: Cast, clock: Clock) -> None:
    clerk, mandate = await proposed(people, clock)
    work = (agree(mandate, people[each], clock) for each in ("second", "third"))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sum(answer is Waiting.MANDATE for answer in answers) == 1
    assert sum(isinstance(answer, NotFound | ProofRefused) for answer in answers) == 1
    assert (await kinds(clerk)).count("MandateConfirmed") == 1
    with pytest.raises(NotFound):
        await agree(mandate, people["second"], clock)


async def test_what_has_lapsed_meanwhile_is_not_agreed_to(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], head, clock, today(clock, 1))
    mandate = await grant(clerk, auditor(clock, 2, 3), head, clock)
    await restore(people["neighbour"].id, head, clock)
    [asked] = await waits(people["neighbour"].id, people["officer"], clock)
    clock.tick(timedelta(days=7).total_seconds())
    with pytest.raises(Conflict, match="mandate-over-already"):
        await agree(mandate, people["second"], clock)
    with pytest.raises(Conflict, match="restoration-old"):
        await agree(asked.id, people["officer"], clock)


async def test_a_refusal_ends_what_was_asked_for_and_keeps_the_reason(people: Cast, clock: Clock) -> None:
    clerk, mandate = await proposed(people, clock)
    await decline(mandate, people["second"], clock, "جای او را کسی دیگر دارد")
    assert [mandates.status(row, clock()) for row in await mandates.of_person(clerk)] == ["declined", "over"]
    assert (await statements(clerk))[-1]["intent"]["values"] == {"reason": "جای او را کسی دیگر دارد"}
    await restore(people["neighbour"].id, people["head"], clock)
    [asked] = await waits(people["neighbour"].id, people["officer"], clock)
    await decline(asked.id, people["officer"], clock)
    assert await restorations.of_person(people["neighbour"].id) is None
    assert (await Restoration.select())[0]["outcome"] == "declined"


async def test_who_refuses_an_authenticator_signs_what_ends_with_it(people: Cast, clock: Clock) -> None:
    person, token = await open_account(OFFICER, people["head"], clock)
    await enter(token, clock)
    [asked] = await waits(person, people["examiner"], clock)
    _, matter = await approvals.approach_decline(asked.id, people["examiner"], clock())
    assert matter.facts["ends"] is Ends.EVERYTHING
    assert "ends" not in (await approvals.approach(asked.id, people["examiner"], clock()))[1].facts
