"""Withdrawals: a request given up for good, once."""

import asyncio

import pytest

from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import State
from portal.services.cases import cases, withdrawals
from portal.tables.acts import Withdrawal
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at
from tests.world.services import kinds


async def withdraw(builder: Builder, number: str, by: str = "clerk", reason: str = "منصرف شدیم") -> bool:
    return await withdrawals.withdraw(number, by=builder.people[by], reason=reason, now=builder.clock.tick(1))


async def test_a_request_is_given_up_with_its_reason(builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    assert await withdraw(builder, number)
    (kept,), case = await Withdrawal.select(), await case_of(number)
    assert (case["state"], case["desk"], case["archived_at"]) == (State.WITHDRAWN, None, None)
    said = (await statement_at(kept["event"]))["intent"]
    assert (said["values"], said["state"]) == ({"reason": kept["reason"]}, {"before": "draft", "after": "withdrawn"})


async def test_pressed_twice_it_is_given_up_once(builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    assert sorted(await asyncio.gather(*(withdraw(builder, number) for _ in range(3)))) == [False, False, True]
    with pytest.raises(Conflict, match="wrong-state"):
        await withdraw(builder, number, reason="به دلیلی دیگر")
    assert (await kinds(number)).count("CaseWithdrawn") == 1


async def test_what_was_submitted_once_is_archived(builder: Builder) -> None:
    number = await builder.case(State.RETURNED)
    await withdraw(builder, number)
    case = await case_of(number)
    assert (case["archived_at"], case["reopened"]) == (builder.clock(), None)


async def test_only_the_own_town_gives_up_and_only_what_lies_with_it(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    refused = {"officer": Forbidden, "auditor": Forbidden, "neighbour": NotFound, "clerk": Conflict}
    for name, refusal in refused.items():
        with pytest.raises(refusal):
            await withdraw(builder, number, name)
    assert await Withdrawal.count() == 0
