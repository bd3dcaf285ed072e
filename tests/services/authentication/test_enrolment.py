"""What proves a person: drawn for one session, enrolled by its first code, replaced, woken and ended under a proof."""

import asyncio
from uuid import uuid4

import pytest

from portal.domain import totp
from portal.domain.errors import Conflict, NotFound, ProofRefused
from portal.services.administration import demo
from portal.services.authentication import (
    enrolment,
    factor_confirmations,
    passkeys,
    recovery_codes,
    second_factor,
    sessions,
    sign_in,
)
from portal.services.authentication.recovery_codes import Recovery
from portal.services.identity.identity import Identity
from portal.tables.events import Event
from portal.tables.people import SecondFactor
from portal.web import identity
from tests.world import cast
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import (
    acting,
    add_passkey,
    code_of,
    half_way,
    half_way_as,
    kinds,
    offer,
    recovery_codes_of,
    signed_in,
    statements,
)


async def bare(people: Cast, clock: Clock) -> Identity:
    """The clerk in a session that lacks its second step, and nothing to prove himself with."""
    clerk = people["clerk"].id
    await enrolment.end_factors(clerk, by=None, reason="decline", now=clock())
    return await half_way(clerk, clock)


async def test_a_first_secret_is_drawn_for_one_session_which_goes_on_under_another_token(
    people: Cast, clock: Clock
) -> None:
    by = await bare(people, clock)
    assert await enrolment.offered(by, clock()) is None
    secret, token = await enrolment.draw_first(by, clock())
    assert (await acting(token, clock)).session == by.session
    assert await enrolment.offered(by, clock()) == secret
    elsewhere = await half_way(by.id, clock)
    assert await enrolment.offered(elsewhere, clock()) is None
    with pytest.raises(Conflict, match="enrolled-already"):
        await enrolment.enrol(elsewhere, totp.current_code(secret, clock()), now=clock())


async def test_nothing_is_drawn_beside_an_enrolled_factor(people: Cast, clock: Clock) -> None:
    clerk = await half_way(people["clerk"].id, clock)
    with pytest.raises(Conflict, match="enrolled-already"):
        await enrolment.draw_first(clerk, clock())
    with pytest.raises(Conflict, match="enrolled-already"):
        await enrolment.enrol(clerk, "000000", now=clock())
    assert await SecondFactor.count().where(SecondFactor.person == clerk.id) == 1


async def test_a_wrong_first_code_costs_nothing_and_an_ended_offer_is_gone(people: Cast, clock: Clock) -> None:
    by = await bare(people, clock)
    secret, _ = await enrolment.draw_first(by, clock())
    for _ in range(8):
        with pytest.raises(ProofRefused, match="wrong-code"):
            await enrolment.enrol(by, "not a code", now=clock())
    await enrolment.end_offers(by.id, now=clock())
    with pytest.raises(Conflict, match="enrolled-already"):
        await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    secret, _ = await enrolment.draw_first(by, clock())
    await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    assert await enrolment.fingerprint_in_force(by.id) == enrolment.fingerprint(secret)


@pytest.mark.parametrize("by_recovery", [False, True])
async def test_only_a_heard_factor_vouches_for_its_successor(people: Cast, clock: Clock, by_recovery: bool) -> None:
    clerk = await signed_in(people["clerk"], clock)
    codes = await recovery_codes_of(clerk, clock)
    given = Recovery(codes[0]) if by_recovery else code_of(clerk, clock)
    by = await acting(await enrolment.begin_replacement(clerk, given, now=clock()), clock)
    secret = await enrolment.offered(by, clock())
    assert secret is not None
    await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    [factor] = await factor_confirmations.of_person(by.id)
    assert bool(factor.heard_by) is not by_recovery
    last = (await statements(by.id))[-1]["intent"]["values"]
    assert (last["kind"], last["fingerprint"]) == ("totp", factor.shown)


async def test_an_authenticator_that_rests_is_woken_by_another_proof(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    codes = await recovery_codes_of(clerk, clock)
    with pytest.raises(Conflict, match="not-resting"):
        await enrolment.restore(clerk, Recovery(codes[0]), now=clock())
    await SecondFactor.update({SecondFactor.rested_at: clock()}).where(SecondFactor.person == clerk.id)
    with pytest.raises(ProofRefused, match="wrong-recovery-code"):
        await enrolment.restore(clerk, Recovery("0" * 24), now=clock())
    await enrolment.restore(clerk, Recovery(codes[0]), now=clock())
    factor = await second_factor.in_force(clerk.id)
    assert factor is not None
    assert (factor["rested_at"], factor["failures"]) == (None, 0)
    told = (await statements(clerk.id))[-2:]
    assert [each["record"]["kind"] for each in told] == ["FactorRestored", "RecoveryCodeUsed"]
    assert told[0]["intent"]["values"] == {"factor": str(factor["id"]), "by": "recovery"}


async def test_a_passkey_is_enrolled_and_ended_under_a_fresh_proof(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    other = await signed_in(people["clerk"], clock)
    passkey, device = await add_passkey(clerk, clock)
    assert [row["id"] for row in await sessions.of_person(clerk.id, clock())] == [clerk.session] != [other.session]
    with pytest.raises(ProofRefused, match="used-code"):
        await enrolment.add_passkey(clerk, _last_code(clerk, clock), offer(device), now=clock())
    with pytest.raises(NotFound, match="passkey"):
        await enrolment.end_passkey(clerk, code_of(clerk, clock), uuid4(), now=clock())
    await enrolment.end_passkey(clerk, code_of(clerk, clock), passkey, now=clock())
    assert await passkeys.of_person(clerk.id) == []


def _last_code(by: Identity, clock: Clock) -> str:
    return totp.current_code(demo.secret_of(by.username), clock())


async def test_with_everything_that_proves_a_person_every_session_ends(people: Cast, clock: Clock) -> None:
    clerk = await signed_in(people["clerk"], clock)
    await add_passkey(clerk, clock)
    await recovery_codes_of(clerk, clock)
    assert await enrolment.has_factor(clerk.id)
    await enrolment.end_factors(clerk.id, by=people["head"], reason="decline", now=clock())
    assert not await enrolment.has_factor(clerk.id)
    assert await enrolment.fingerprint_in_force(clerk.id) is None
    assert await recovery_codes.left(clerk.id) == 0
    assert await sessions.of_person(clerk.id, clock()) == []
    told = [each["intent"]["values"] for each in (await statements(clerk.id))[-2:]]
    assert [(each["kind"], each["by"]) for each in told] == [("totp", "decline"), ("passkey", "decline")]
    assert (await kinds(clerk.id)).count("FactorEnded") == 2


async def signed_in_as(username: str, clock: Clock) -> Identity:
    _, by = await half_way_as(username, clock)
    await sign_in.prove(by, cast.code(username, clock.tick()), now=clock())
    return by


async def test_the_first_code_enrols_and_is_spent(people: Cast, clock: Clock) -> None:
    by = await bare(people, clock)
    secret, _ = await enrolment.draw_first(by, clock())
    assert secret == await enrolment.offered(by, clock())
    with pytest.raises(ProofRefused, match="wrong-code"):
        await enrolment.enrol(by, "12345", now=clock())
    code = totp.current_code(secret, clock())
    token = await enrolment.enrol(by, code, now=clock())
    login = await identity.find(token, clock())
    assert login is not None
    assert login.proved
    with pytest.raises(ProofRefused, match="used-code"):
        await sign_in.prove(by, code, now=clock())
    assert await enrolment.offered(by, clock()) is None
    assert await _kinds(by) == ["FactorEnrolled", "CodeReplayed"]


async def _kinds(by: Identity) -> list[str]:
    rows = await Event.select(Event.kind).where(Event.person == str(by.id)).order_by(Event.position)
    return [row["kind"] for row in rows]


async def test_of_two_enrolments_at_once_one_counts(people: Cast, clock: Clock) -> None:
    by = await bare(people, clock)
    secret, _ = await enrolment.draw_first(by, clock())
    code = totp.current_code(secret, clock())
    work = (enrolment.enrol(by, code, now=clock()) for _ in range(3))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(each, str) for each in answers) == 1
    assert sum(isinstance(each, Conflict) for each in answers) == 2


async def test_an_authenticator_stays_until_its_successor_is_enrolled(people: Cast, clock: Clock) -> None:
    other = await signed_in_as("clerk", clock)
    by = await signed_in_as("clerk", clock)
    assert await enrolment.offered(by, clock()) is None
    with pytest.raises(ProofRefused):
        await enrolment.begin_replacement(by, "000000", now=clock())
    await enrolment.begin_replacement(by, cast.code("clerk", clock.tick()), now=clock())
    assert other.session not in {row["id"] for row in await sessions.of_person(by.id, clock())}

    former = await second_factor.in_force(by.id)
    secret = await enrolment.offered(by, clock())
    assert secret is not None
    assert former is not None, "the old one still signs"
    await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    now_in_force = await second_factor.in_force(by.id)
    assert now_in_force is not None
    assert now_in_force["id"] != former["id"]
    assert await _kinds(by) == ["FactorEnded", "FactorEnrolled"]


async def test_a_replacement_that_is_not_finished_lapses(people: Cast, clock: Clock) -> None:
    by = await signed_in_as("clerk", clock)
    await enrolment.begin_replacement(by, cast.code("clerk", clock.tick()), now=clock())
    secret = await enrolment.offered(by, clock())
    assert secret is not None
    clock.tick(enrolment.REPLACED_WITHIN.total_seconds() + 1)
    assert await enrolment.offered(by, clock()) is None
    with pytest.raises(Conflict):
        await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    assert await enrolment.has_factor(by.id)
