"""Decisions of the working group: what they rest on, what they may say, and who reads them before the answer."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.decisions import Ruling
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import Outcome, State
from portal.services.cases import assessments, decisions, dossiers, sittings
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at
from tests.world.services import today


async def review(builder: Builder, number: str, ruling: Ruling, by: str = "examiner", four_eyes: bool = False) -> None:
    who, now = builder.people[by], builder.clock()
    await acts.decide(number, by=who, ruling=ruling, four_eyes=four_eyes, now=now)


def ruling(sitting: UUID, outcome: Outcome = Outcome.RAISED, grade: int | None = 9, reason: str = "چنین") -> Ruling:
    return Ruling(sitting, outcome, grade, None, reason)


async def test_a_decision_stands_on_its_assessment_and_its_sitting(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    sitting = await builder.sitting()
    await builder.decide(number, ruling(sitting, Outcome.UNCHANGED, None))
    case = await case_of(number)
    kept, assessment = await decisions.standing(case["id"]), await assessments.latest(case["id"])
    assert kept is not None
    assert assessment is not None
    assert (case["state"], case["sitting"], case["decided_grade"]) == (State.DECIDED, sitting, 7)
    assert (kept["assessment"], kept["grade"], kept["sitting_title"]) == (assessment["id"], 7, "جلسهٔ ششم")
    facts = decisions.facts(assessment)
    assert facts["assessment"]["event"] == assessment["event"]
    assert (await statement_at(kept["event"]))["intent"]["values"]["grade"] == 7


async def test_what_contradicts_itself_is_refused_by_its_field(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)  # 7 is held, 7 was computed
    sitting = await builder.sitting()
    wrong = {
        "grade": [ruling(sitting, grade=7), ruling(sitting, Outcome.LOWERED, 8), ruling(sitting, Outcome.UNCHANGED, 8)],
        "reason": [ruling(sitting, reason=""), ruling(sitting, Outcome.REFUSED, None, "")],
    }
    for field, rulings in wrong.items():
        for each in rulings:
            with pytest.raises(Invalid) as refusal:
                await review(builder, number, each)
            assert set(refusal.value.errors) == {field}


async def test_a_sitting_of_tomorrow_has_decided_nothing_yet(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    by, now = builder.people["examiner"], builder.clock()
    tomorrow, _ = await sittings.call(by=by, title="فردا", held_on=today(builder.clock) + timedelta(days=1), now=now)
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, ruling(tomorrow))
    assert refusal.value.errors == {"sitting": "sitting-to-come"}
    builder.clock.tick(24 * 3600)
    await builder.decide(number, ruling(tomorrow))
    assert (await case_of(number))["sitting"] == tomorrow


async def test_a_sitting_held_before_the_case_was_confirmed_has_not_decided_it(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    by, day = builder.people["examiner"], today(builder.clock)
    for held_on, code in ((day - timedelta(days=1), "sitting-before-confirmation"), (day, None)):
        sitting, _ = await sittings.call(by=by, title=f"{held_on}", held_on=held_on, now=builder.clock())
        if code is None:
            await builder.decide(number, ruling(sitting))
            continue
        with pytest.raises(Invalid) as refusal:
            await review(builder, number, ruling(sitting))
        assert refusal.value.errors == {"sitting": code}
    with pytest.raises(Invalid) as unknown:
        await sittings.require_usable(uuid4(), (await case_of(number))["id"], builder.clock())
    assert unknown.value.errors == {"sitting": "unusable-sitting"}


async def test_under_four_eyes_whoever_assessed_last_does_not_decide(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    sitting = await builder.sitting()
    with pytest.raises(Conflict, match="four-eyes"):
        await review(builder, number, ruling(sitting), four_eyes=True)
    dossier = await dossiers.open_dossier(number, builder.people["examiner"])
    assert await decisions.rests_on(dossier, builder.people["minister"], four_eyes=True)


async def test_the_doors_before_a_decision(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    asked = ruling(await builder.sitting())
    for name in ("clerk", "officer", "minister", "keeper", "head"):
        with pytest.raises(Forbidden):
            await review(builder, number, asked, name)
    with pytest.raises(Conflict, match="wrong-state"):
        await review(builder, number, asked)
    with pytest.raises(NotFound):
        await review(builder, "1405-99999", asked)


async def test_two_offices_see_no_decision_before_the_answer(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    case = await case_of(number)
    seeing = {name for name, by in builder.people.items() if await decisions.seen(case, by)}
    assert not {"clerk", "officer"} & seeing
    assert {"examiner", "minister", "auditor"} <= seeing
    await builder.notify(number)
    told = await decisions.seen(await case_of(number), builder.people["clerk"])
    assert told is not None
    assert told["outcome"] == Outcome.RAISED
