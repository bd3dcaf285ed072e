"""Signing in: budgets are charged first, unknown names cost the same, authenticators replace each other."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import Invalid, ProofRefused, TooMany
from portal.services.authentication import sign_in
from portal.tables.people import LoginBudget
from portal.web import identity
from tests.world import cast
from tests.world.cast import PASSWORD, Cast
from tests.world.clock import Clock
from tests.world.services import enter_password, half_way_as


async def fail(username: str, clock: Clock, address: str = "192.0.2.1") -> Any:
    with pytest.raises((Invalid, TooMany)) as refused:
        await enter_password(username, "wrong", clock, address)
    return refused.value


@pytest.mark.parametrize("username", ["clerk", "nobody-at-all"])
async def test_five_wrong_passwords_then_growing_pauses(people: Cast, clock: Clock, username: str) -> None:
    for _ in range(5):
        assert (await fail(username, clock)).errors == {"password": "sign-in-refused"}
    refused = await fail(username, clock)
    assert (refused.code, refused.facts) == ("paused-sign-in", {"seconds": 30})
    with pytest.raises(TooMany):
        await enter_password(username, PASSWORD, clock)  # the right one waits, too
    for pause in (30, 60, 120, 240, 300, 300):
        clock.tick(pause)
        assert isinstance(await fail(username, clock), Invalid)
        assert isinstance(await fail(username, clock), TooMany)


async def test_success_and_a_quiet_day_forget_failures(people: Cast, clock: Clock) -> None:
    for _ in range(4):
        await fail("clerk", clock)
    await enter_password("clerk", PASSWORD, clock)
    for _ in range(5):
        assert isinstance(await fail("clerk", clock), Invalid)
    clock.tick(timedelta(days=1, seconds=1).total_seconds())
    for _ in range(5):
        assert isinstance(await fail("clerk", clock), Invalid)


async def test_a_strangers_tries_do_not_shut_the_owner_out(people: Cast, clock: Clock) -> None:
    for _ in range(6):
        await fail("clerk", clock, "198.51.100.9")
    assert await enter_password("clerk", PASSWORD, clock)


async def test_no_try_slips_past_the_pause_in_a_crowd(people: Cast, clock: Clock) -> None:
    work = (enter_password("clerk", f"guess {n}", clock) for n in range(12))
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(each, Invalid) for each in answers) == 5
    assert sum(isinstance(each, TooMany) for each in answers) == 7
    assert {row["failures"] for row in await LoginBudget.select()} == {5}


@pytest.mark.parametrize("name", ["clerk", " CLERK ", "Clerk"])
async def test_a_username_is_the_same_however_it_is_typed(people: Cast, clock: Clock, name: str) -> None:
    assert await enter_password(name, PASSWORD, clock)


async def test_the_second_step_proves_and_renews(people: Cast, clock: Clock) -> None:
    old, by = await half_way_as("clerk", clock)
    new = await sign_in.prove(by, cast.code("clerk", clock.tick()), now=clock())
    assert await identity.find(old, clock()) is None
    login = await identity.find(new, clock())
    assert login is not None
    assert login.proved
    with pytest.raises(ProofRefused, match="used-code"):
        await sign_in.prove(by, cast.code("clerk", clock()), now=clock())
