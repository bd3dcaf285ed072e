"""Tries are counted before they are looked at: free ones, growing pauses, and a quiet day that pays them back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.errors import TooMany
from portal.services.authentication import rate_limits
from portal.services.authentication.rate_limits import FREE_TOGETHER, Budget
from portal.settings import Settings
from portal.tables.people import LoginBudget
from tests.world.cast import Cast
from tests.world.clock import Clock

MINE, OTHER = Budget("mine"), Budget("other")


async def failures() -> dict[str, int]:
    return {row["key"]: row["failures"] for row in await LoginBudget.select()}


async def test_a_known_device_has_a_budget_that_no_stranger_spends(people: Cast) -> None:
    clerk = replace(people["clerk"], address="192.0.2.1")
    unknown, known = rate_limits.of_code(clerk), rate_limits.of_code(replace(clerk, device="d1"))
    assert [each.free for each in unknown] == [FREE_TOGETHER, 5]
    assert [each.free for each in known] == [5]
    elsewhere = rate_limits.of_code(replace(clerk, address="192.0.2.2"))
    assert [one == two for one, two in zip(unknown, elsewhere, strict=True)] == [True, False]
    assert not {*unknown} & {*rate_limits.of_recovery(clerk), *rate_limits.of_password(clerk.id), *known}


def test_a_budget_of_whatever_somebody_types_fits_its_column() -> None:
    for budgets in (rate_limits.of_sign_in("a" * 90, "u" * 900), rate_limits.of_sign_in("a", "u" * 900, "d" * 90)):
        assert {len(each.key) for each in budgets} == {160}


async def test_after_five_free_tries_each_is_followed_by_a_longer_pause(engine: Settings, clock: Clock) -> None:
    told = [await rate_limits.count(MINE, clock()) for _ in range(6)]
    assert told == [*((n, timedelta()) for n in range(1, 5)), (5, timedelta(seconds=30)), None]
    assert await rate_limits.seconds_left((MINE,), clock()) == 30
    clock.tick(29.5)
    assert await rate_limits.seconds_left((MINE,), clock()) == 1, "the last half of a second, too"
    clock.tick(0.5)
    assert await rate_limits.seconds_left((MINE,), clock()) == 0
    assert await rate_limits.count(MINE, clock()) == (6, timedelta(minutes=1))


async def test_a_try_in_a_pause_is_refused_and_counts_nowhere(engine: Settings, clock: Clock) -> None:
    for _ in range(5):
        await rate_limits.hit((MINE,), clock())
    with pytest.raises(TooMany) as refused:
        await rate_limits.hit((OTHER, MINE), clock())
    assert (refused.value.code, refused.value.facts) == ("paused-sign-in", {"seconds": 30})
    assert await failures() == {"mine": 5}, "what was counted before the pause was met is taken back"


async def test_a_crowd_of_addresses_is_worth_no_crowd_of_tries(engine: Settings, clock: Clock) -> None:
    for n in range(FREE_TOGETHER):
        await rate_limits.hit(rate_limits.of_sign_in(f"192.0.2.{n}", "clerk"), clock())
    with pytest.raises(TooMany):
        await rate_limits.hit(rate_limits.of_sign_in("198.51.100.1", "clerk"), clock())
    await rate_limits.hit(rate_limits.of_sign_in("198.51.100.1", "clerk", "d1"), clock())
    await rate_limits.hit(rate_limits.of_sign_in("198.51.100.1", "officer"), clock())


async def test_success_and_a_quiet_day_forget(engine: Settings, clock: Clock) -> None:
    for budget in (MINE, MINE, OTHER):
        await rate_limits.hit((budget,), clock())
    await rate_limits.undo((MINE,))
    assert await failures() == {"other": 1}
    clock.tick(rate_limits.FORGOTTEN.total_seconds())
    assert await rate_limits.count(OTHER, clock()) == (2, timedelta()), "to the very second it is no quiet day yet"
    clock.tick(rate_limits.FORGOTTEN.total_seconds() + 1)
    assert await rate_limits.count(OTHER, clock()) == (1, timedelta())


async def test_tries_at_names_that_nobody_has_are_forgotten_in_a_day(people: Cast, clock: Clock) -> None:
    async def tried(name: str) -> None:
        await rate_limits.hit(rate_limits.of_sign_in("203.0.113.7", name), clock())

    for each in range(10):
        await tried(f"made-up-{each}")
    clock.tick(25 * 3600)
    await tried("made-up-0")
    assert await rate_limits.forget(now=clock()) == 18
    rows = await LoginBudget.select()
    assert [row["failures"] for row in rows] == [1, 1]
    assert all("made-up-0" in row["key"] for row in rows)
