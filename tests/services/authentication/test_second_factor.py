"""Codes: looked at, spent in the act, charged when wrong, and never shut by a refused act."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.domain import totp
from portal.domain.errors import ProofRefused
from portal.services.administration import demo
from portal.services.authentication import enrolment, second_factor
from portal.services.authentication.second_factor import Matched
from portal.services.identity.identity import Identity
from portal.tables.factors import Caution
from portal.tables.people import LoginBudget, SecondFactor
from tests.world import cast
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import code_of, half_way, kinds, statements


async def use(by: Identity, code: str, clock: Clock) -> None:
    async with second_factor.proving(by, code, now=clock()) as proven:
        await second_factor.consume(proven, now=clock())


async def refusal(by: Identity, code: str, clock: Clock) -> tuple[str, dict[str, Any]]:
    with pytest.raises(ProofRefused) as refused:
        await use(by, code, clock)
    return refused.value.code, refused.value.facts


def wrong(by: Identity, clock: Clock) -> str:
    """A code that is right at no time within reach."""
    near = {
        totp.current_code(demo.secret_of(by.username), clock() + timedelta(seconds=30 * each))
        for each in range(-140, 141)
    }
    return next(code for n in range(10**6) if (code := f"{n:06}") not in near)


async def test_a_code_proves_once_and_carries_its_step(people: Cast, clock: Clock) -> None:
    clerk, code = people["clerk"], code_of(people["clerk"], clock)
    async with second_factor.proving(clerk, code, now=clock()) as proven:
        assert isinstance(proven, Matched)
        step = int(clock().timestamp()) // 30
        assert proven.as_dict() == {"kind": "totp", "id": str(proven.factor), "step": step}
        await second_factor.consume(proven, now=clock())
    assert await refusal(clerk, code, clock) == ("used-code", {"seconds": totp.seconds_left(clock())})
    assert (await kinds(clerk.id)).count("CodeReplayed") == 1
    await refusal(clerk, code, clock)
    assert (await kinds(clerk.id)).count("CodeReplayed") == 1, "it is journalled once"


async def both_use(by: Identity, code: str, clock: Clock) -> None:
    """Two acts look at the code before either of them spends it."""
    async with (
        second_factor.proving(by, code, now=clock()) as first,
        second_factor.proving(by, code, now=clock()) as second,
    ):
        await second_factor.consume(first, now=clock())
        await second_factor.consume(second, now=clock())


async def test_of_two_acts_that_hold_one_code_one_spends_it_and_the_owner_is_told(people: Cast, clock: Clock) -> None:
    clerk, code = people["clerk"], code_of(people["clerk"], clock)
    with pytest.raises(ProofRefused, match="used-code"):
        await both_use(clerk, code, clock)
    assert (await kinds(clerk.id)).count("CodeReplayed") == 1


async def test_an_act_that_is_refused_spends_no_code(people: Cast, clock: Clock) -> None:
    clerk, code = people["clerk"], code_of(people["clerk"], clock)
    with pytest.raises(ArithmeticError):
        async with second_factor.proving(clerk, code, now=clock()):
            raise ArithmeticError
    await use(clerk, code, clock)


async def wrong_codes(by: Identity, clock: Clock, times: int) -> None:
    for _ in range(times):
        await refusal(by, wrong(by, clock), clock)


async def overtaken(
    by: Identity, clock: Clock, meanwhile: Callable[[str], Awaitable[None]], code: str | None = None
) -> None:
    """An act that looks at a right code, and spends it after something has happened to its factor."""
    code = code or code_of(by, clock)
    async with second_factor.proving(by, code, now=clock()) as proven:
        await meanwhile(code)
        await second_factor.consume(proven, now=clock())


async def wear_out(by: Identity, clock: Clock) -> None:
    await SecondFactor.update({SecondFactor.failures: totp.RESTS_AFTER - 1}).where(SecondFactor.person == by.id)
    await wrong_codes(by, clock, 1)


MEANWHILE: dict[str, Callable[[Identity, Clock, str], Awaitable[None]]] = {
    "used-code": lambda by, clock, code: use(by, code, clock),
    "paused": lambda by, clock, _: wrong_codes(by, clock, 5),
    "resting": lambda by, clock, _: wear_out(by, clock),
    "no-factor": lambda by, clock, _: enrolment.end_factors(by.id, by=None, reason="decline", now=clock()),
}


@pytest.mark.parametrize("refused", MEANWHILE)
async def test_a_right_code_is_looked_at_again_where_its_factor_has_changed(
    people: Cast, clock: Clock, refused: str
) -> None:
    clerk = people["clerk"]
    with pytest.raises(ProofRefused, match=refused):
        await overtaken(clerk, clock, lambda code: MEANWHILE[refused](clerk, clock, code))


async def test_a_wrong_try_meanwhile_spoils_no_right_code_and_is_forgotten(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    await overtaken(clerk, clock, lambda _: wrong_codes(clerk, clock, 1))
    factor = await second_factor.in_force(clerk.id)
    assert factor is not None
    assert (factor["failures"], await LoginBudget.count()) == (0, 0)
    assert factor["last_step"] == totp.step_at(clock())


async def test_a_code_that_was_seen_before_its_time_is_spent(people: Cast, clock: Clock) -> None:
    """Tried while it was wrong, by the clock of another: it is no secret any more."""
    clerk, code = people["clerk"], code_of(people["clerk"], clock)

    async def early(_: str) -> None:
        with pytest.raises(ProofRefused):
            async with second_factor.proving(clerk, code, now=clock() - timedelta(minutes=5)):
                raise AssertionError("it was not its time")

    with pytest.raises(ProofRefused, match="used-code"):
        await overtaken(clerk, clock, early, code)
    assert (await refusal(clerk, code, clock))[0] == "used-code", "nor is it taken afterwards"


async def test_wrong_codes_tell_what_is_left_then_pause_and_warn(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    told = [await refusal(clerk, wrong(clerk, clock), clock) for _ in range(5)]
    assert told == [("wrong-code", {"left": left}) for left in (4, 3, 2, 1, 0)]
    assert await refusal(clerk, cast.code("clerk", clock()), clock) == ("paused", {"seconds": 30})
    last = (await statements(clerk.id))[-1]
    assert last["record"]["kind"] == "CodesFailed"
    assert {name: last["intent"]["values"][name] for name in ("failures", "in_a_row", "pause")} == {
        "failures": 5,
        "in_a_row": 5,
        "pause": 30,
    }
    [row] = await Caution.select().where(Caution.person == clerk.id)
    assert row["kind"] == "codes-failed"


async def test_success_forgets_failures(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    for _ in range(3):
        await refusal(clerk, wrong(clerk, clock), clock)
    await use(clerk, code_of(clerk, clock), clock)
    factor = await second_factor.in_force(clerk.id)
    assert factor is not None
    assert (factor["failures"], await LoginBudget.count()) == (0, 0)


@pytest.mark.parametrize(("steps", "code"), [(10, "clock-ahead"), (-10, "clock-behind")])
async def test_a_clock_that_is_off_is_told_at_its_second_code_in_minutes(
    people: Cast, clock: Clock, steps: int, code: str
) -> None:
    clerk, off = people["clerk"], timedelta(seconds=30 * steps)
    assert (await refusal(clerk, cast.code("clerk", clock() + off), clock))[0] == "wrong-code"
    assert await refusal(clerk, cast.code("clerk", clock.tick(30) + off), clock) == (code, {"minutes": 5})


async def test_after_the_last_failure_the_factor_rests_and_signs_nothing(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    await SecondFactor.update({SecondFactor.failures: totp.RESTS_AFTER - 1}).where(SecondFactor.person == clerk.id)
    assert await refusal(clerk, wrong(clerk, clock), clock) == ("resting", {})
    assert await refusal(clerk, code_of(clerk, clock), clock) == ("resting", {})
    assert await second_factor.in_force(clerk.id) is not None, "it is in force while it rests"
    assert (await kinds(clerk.id))[-1] == "FactorRested"


async def test_nothing_proves_who_has_enrolled_nothing(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    await enrolment.end_factors(clerk.id, by=None, reason="decline", now=clock())
    await enrolment.draw_first(await half_way(clerk.id, clock), clock())
    assert await second_factor.in_force(clerk.id) is None, "what waits for its first code proves nothing"
    assert await refusal(clerk, code_of(clerk, clock), clock) == ("no-factor", {})
