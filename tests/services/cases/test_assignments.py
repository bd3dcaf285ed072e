"""A case in somebody's hand: taken from whoever was on the screen, and let go with the office."""

import asyncio
from uuid import UUID

import pytest

from portal.domain.errors import Conflict, DomainError, NotFound
from portal.domain.lifecycle import State
from portal.services.administration import mandates as grants
from portal.services.cases import assignments
from portal.services.identity import mandates
from portal.tables.mandates import Assignment
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.services import kinds, today


async def take(builder: Builder, number: str, name: str, seen: UUID | None = None) -> None:
    await assignments.assign(number, by=builder.people[name], seen=seen, now=builder.clock.tick(1))


async def holder(builder: Builder, number: str) -> str | None:
    """The full name of whoever has the case in hand."""
    found = await assignments.holder((await case_of(number))["id"], builder.clock())
    return found["holder"] if found else None


async def test_a_case_is_taken_in_hand_once_however_often_it_is_asked_for(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    assert await holder(builder, number) is None
    await take(builder, number, "officer")
    await take(builder, number, "officer")
    assert await holder(builder, number) == "افسر استان"
    assert (await kinds(number)).count("CaseTakenInHand") == 1


async def test_it_is_taken_over_from_whoever_was_on_the_screen_alone(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await take(builder, number, "officer")
    with pytest.raises(Conflict, match="hand-changed") as refusal:
        await take(builder, number, "colleague")
    assert refusal.value.facts == {"holder": "افسر استان"}
    await take(builder, number, "colleague", seen=builder.people["officer"].id)
    assert await holder(builder, number) == "همکار استان"


async def test_of_two_at_once_one_has_it(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    hands = (take(builder, number, name) for name in ("officer", "colleague"))
    said = await asyncio.gather(*hands, return_exceptions=True)
    assert sorted(each.code for each in said if isinstance(each, DomainError)) == ["hand-changed"]
    assert await holder(builder, number) in ("افسر استان", "همکار استان")


async def test_only_the_office_that_it_waits_for_takes_it(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    for name in ("clerk", "auditor"):
        with pytest.raises(Conflict, match="other-desk"):
            await take(builder, number, name)
    for name in ("stranger", "neighbour", "examiner", "head"):
        with pytest.raises(NotFound):
            await take(builder, number, name)


async def test_the_first_act_takes_it_and_the_next_office_finds_it_free(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number, "colleague")
    assert await holder(builder, number) == "همکار استان"
    await builder.attest(number, "officer")
    assert await holder(builder, number) == "همکار استان"
    await builder.confirm(number)
    assert await holder(builder, number) is None
    assert not await Assignment.exists().where(Assignment.ended_at.is_null()), "it has left the hand it was in"
    assert "CaseTakenInHand" not in await kinds(number)


async def test_the_first_act_after_the_holders_office_is_over_takes_it(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await take(builder, number, "officer")
    (mandate,) = await mandates.of_person(builder.people["officer"].id)
    head, last_day = builder.people["head"], today(builder.clock)
    await builder.sign(head, lambda now: grants.prepare_end(mandate["id"], last_day=last_day, by=head, now=now))
    builder.clock.tick(24 * 3600)
    await builder.attest(number, "colleague")
    assert await holder(builder, number) == "همکار استان"
    hands = await Assignment.select(Assignment.person, Assignment.ended_at).order_by(Assignment.since)
    mine = [each["person"] for each in hands if each["ended_at"] is None]
    assert mine == [builder.people["colleague"].id], "nothing is left in the hand that may not act"


async def test_what_is_refused_takes_nothing_in_hand(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    with pytest.raises(Conflict):
        await builder.confirm(number)
    assert await holder(builder, number) is None


async def test_what_a_hand_held_whose_office_is_over_has_passed_to_the_office(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await take(builder, number, "officer")
    (mandate,) = await mandates.of_person(builder.people["officer"].id)
    head, last_day = builder.people["head"], today(builder.clock)
    await builder.sign(head, lambda now: grants.prepare_end(mandate["id"], last_day=last_day, by=head, now=now))
    assert await holder(builder, number) == "افسر استان"
    builder.clock.tick(24 * 3600)
    assert await holder(builder, number) is None
    await take(builder, number, "colleague")


async def test_what_somebody_had_in_hand_is_let_go_as_a_whole(builder: Builder) -> None:
    numbers = [await builder.case(State.SUBMITTED, clerk) for clerk in ("clerk", "neighbour")]
    for number in numbers:
        await take(builder, number, "officer")
    await assignments.release_all(builder.people["officer"].id, now=builder.clock.tick(1))
    assert [await holder(builder, number) for number in numbers] == [None, None]
