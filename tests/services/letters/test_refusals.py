"""The Minister refuses: the decision stands no more, and another may follow."""

import pytest

from portal.domain.decisions import Ruling
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Act, Outcome, State
from portal.services.cases import decisions, signing
from portal.services.letters import issuing, notices, refusals
from portal.tables.acts import Decision, Refusal
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cases import case_of


async def refuse(builder: Builder, number: str) -> None:
    by = builder.people["minister"]
    await builder.sign(by, lambda now: acts.refuse(number, by=by, reason="ناقص"))


async def test_a_refused_decision_stands_no_more_and_another_may_follow(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    await refuse(builder, number)
    case = await case_of(number)
    assert (case["state"], case["decided_grade"], case["outcome"]) == (State.ASSESSED, None, None)
    assert await decisions.standing(case["id"]) is None
    assert [row["reason"] for row in await Refusal.select()] == ["ناقص"]
    await builder.decide(number, Ruling(case["sitting"], Outcome.RAISED, 8, None, "دوباره"))
    await builder.notify(number)
    notice, standing = await notices.of_case(case["id"]), await decisions.standing(case["id"])
    assert standing is not None
    assert (notice["decision"], standing["grade"], await Decision.count()) == (standing["id"], 8, 2)


async def test_what_was_refused_between_the_reading_of_its_case_and_of_its_decision_is_not_signed(
    builder: Builder,
) -> None:
    number, by = await builder.case(State.DECIDED), builder.people["minister"]
    dossier = await signing.approach(number, Act.SIGNATURE, by)
    await refuse(builder, number)
    with pytest.raises(Conflict, match="wrong-state"):
        await issuing.prepare(dossier, by=by, store=builder.store, base_url="http://127.0.0.1", seal="none")
    with pytest.raises(Conflict, match="wrong-state"):
        await refusals.prepare(dossier, by=by, reason="ناقص")
