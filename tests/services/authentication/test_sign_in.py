"""Signing in: budgets are charged first, unknown names cost the same, authenticators replace each other."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from portal.domain import totp
from portal.domain.errors import Conflict, Invalid, ProofRefused, TooMany
from portal.services.administration import accounts
from portal.services.authentication import enrolment, second_factor, sessions, sign_in
from portal.services.identity.identity import Identity
from portal.tables.events import Event
from portal.tables.people import LoginBudget, SecondFactor
from portal.web import identity
from tests.world import cast
from tests.world.cast import PASSWORD, Cast
from tests.world.clock import Clock


async def begin(username: str, password: str, clock: Clock, address: str = "192.0.2.1") -> str:
    return await sign_in.begin(username, password, address=address, agent="test", now=clock())


async def fail(username: str, clock: Clock, address: str = "192.0.2.1") -> Any:
    with pytest.raises((Invalid, TooMany)) as refused:
        await begin(username, "wrong", clock, address)
    return refused.value


@pytest.mark.parametrize("username", ["clerk", "nobody-at-all"])
async def test_five_wrong_passwords_then_growing_pauses(people: Cast, clock: Clock, username: str) -> None:
    for _ in range(5):
        assert (await fail(username, clock)).errors == {"password": "sign-in-refused"}
    refused = await fail(username, clock)
    assert (refused.code, refused.facts) == ("paused-sign-in", {"seconds": 30})
    with pytest.raises(TooMany):
        await begin(username, PASSWORD, clock)  # the right one waits, too
    for pause in (30, 60, 120, 240, 300, 300):
        clock.tick(pause)
        assert isinstance(await fail(username, clock), Invalid)
        assert isinstance(await fail(username, clock), TooMany)


async def test_success_and_a_quiet_day_forget_failures(people: Cast, clock: Clock) -> None:
    for _ in range(4):
        await fail("clerk", clock)
    await begin("clerk", PASSWORD, clock)
    for _ in range(5):
        assert isinstance(await fail("clerk", clock), Invalid)
    clock.tick(timedelta(days=1, seconds=1).total_seconds())
    for _ in range(5):
        assert isinstance(await fail("clerk", clock), Invalid)


async def test_a_strangers_tries_do_not_shut_the_owner_out(people: Cast, clock: Clock) -> None:
    for _ in range(6):
        await fail("clerk", clock, "198.51.100.9")
    assert await begin("clerk", PASSWORD, clock)


async def test_no_try_slips_past_the_pause_in_a_crowd(people: Cast, clock: Clock) -> None:
    work = (begin("clerk", f"guess {n}", clock) for n in range(12))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(each, Invalid) for each in answers) == 5
    assert sum(isinstance(each, TooMany) for each in answers) == 7
    assert {row["failures"] for row in await LoginBudget.select()} == {5}


@pytest.mark.parametrize("name", ["clerk", " CLERK ", "Clerk"])
async def test_a_username_is_the_same_however_it_is_typed(people: Cast, clock: Clock, name: str) -> None:
    assert await begin(name, PASSWORD, clock)


async def half_way(username: str, clock: Clock) -> tuple[str, Identity]:
    token = await begin(username, PASSWORD, clock)
    login = await identity.find(token, clock())
    assert login is not None
    assert not login.proved
    return token, login.by


async def signed_in(username: str, clock: Clock) -> Identity:
    _, by = await half_way(username, clock)
    await sign_in.prove(by, cast.code(username, clock.tick()), now=clock())
    return by


async def test_the_second_step_proves_and_renews(people: Cast, clock: Clock) -> None:
    old, by = await half_way("clerk", clock)
    new = await sign_in.prove(by, cast.code("clerk", clock.tick()), now=clock())
    assert await identity.find(old, clock()) is None
    login = await identity.find(new, clock())
    assert login is not None
    assert login.proved
    with pytest.raises(ProofRefused, match="used-code"):
        await sign_in.prove(by, cast.code("clerk", clock()), now=clock())


async def test_an_idle_or_old_session_ends(people: Cast, clock: Clock) -> None:
    token, _ = await half_way("clerk", clock)
    clock.tick(29 * 60)
    assert await identity.find(token, clock())
    clock.tick(31 * 60)
    assert await identity.find(token, clock()) is None


async def unenrolled(people: Cast, clock: Clock) -> Identity:
    """The clerk, signed in by password alone, without an authenticator."""
    _, by = await half_way("clerk", clock)
    await SecondFactor.update({SecondFactor.ended_at: clock()}).where(SecondFactor.person == by.id)
    return by


async def test_the_first_code_enrols_and_is_spent(people: Cast, clock: Clock) -> None:
    by = await unenrolled(people, clock)
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
    by = await unenrolled(people, clock)
    secret, _ = await enrolment.draw_first(by, clock())
    code = totp.current_code(secret, clock())
    work = (enrolment.enrol(by, code, now=clock()) for _ in range(3))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(each, str) for each in answers) == 1
    assert sum(isinstance(each, Conflict) for each in answers) == 2


async def test_an_authenticator_stays_until_its_successor_is_enrolled(people: Cast, clock: Clock) -> None:
    other = await signed_in("clerk", clock)
    by = await signed_in("clerk", clock)
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
    by = await signed_in("clerk", clock)
    await enrolment.begin_replacement(by, cast.code("clerk", clock.tick()), now=clock())
    secret = await enrolment.offered(by, clock())
    assert secret is not None
    clock.tick(enrolment.REPLACED_WITHIN.total_seconds() + 1)
    assert await enrolment.offered(by, clock()) is None
    with pytest.raises(Conflict):
        await enrolment.enrol(by, totp.current_code(secret, clock()), now=clock())
    assert await enrolment.has_factor(by.id)


async def test_a_session_ends_with_its_account(people: Cast, clock: Clock) -> None:
    token, by = await half_way("clerk", clock)
    await accounts.close_by_machine(by.id, now=clock())
    assert await identity.find(token, clock()) is None
