"""Submissions: what is sent is complete, and stays as it was sent."""

from dataclasses import replace

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import State
from portal.services.cases import cases, dossiers
from portal.tables.cases import Declared, Submission
from tests.world import acts
from tests.world.builders import DECLARED, SLOTS, Builder
from tests.world.cases import case_of


async def review(builder: Builder, number: str, by: str = "clerk") -> None:
    who, now = builder.people[by], builder.clock()
    await acts.submit(number, by=who, now=now)


async def test_what_is_sent_is_fixed_as_it_is(builder: Builder) -> None:
    number = await builder.draft()
    dossier = await dossiers.open_dossier(number, builder.people["clerk"])
    await builder.submit(number)
    (sent,), case = await Submission.select(), await case_of(number)
    assert (sent["ordinal"], sent["declaration"]) == (1, dossier.declaration_id)
    assert sent["documents"] == [held.id for held in dossier.documents]
    assert (case["state"], case["submission"], case["submitted_at"]) == (State.SUBMITTED, sent["id"], sent["at"])
    assert case["declaration"] is None
    assert [row["fixed_at"] for row in await Declared.select()] == [sent["at"]]


async def test_what_is_missing_is_named(builder: Builder) -> None:
    clerk = builder.people["clerk"]
    number = await cases.open_case(by=clerk, now=builder.clock())
    await cases.declare(number, by=clerk, declaration=replace(DECLARED, population=None), now=builder.clock.tick(1))
    await builder.send(number, DocumentKind.CENSUS)
    with pytest.raises(Conflict, match="incomplete") as refusal:
        await review(builder, number)
    facts = refusal.value.facts
    assert (facts["fields"], facts["rejected"]) == (("population",), ())
    assert set(facts["slots"]) == set(SLOTS) - {(DocumentKind.CENSUS, None)}


async def test_a_refused_document_is_not_sent_again(builder: Builder) -> None:
    number = await builder.case(State.RETURNED)
    with pytest.raises(Conflict, match="incomplete") as refusal:
        await review(builder, number)
    assert refusal.value.facts == {"fields": (), "slots": (), "rejected": ((DocumentKind.CENSUS, None),)}


async def test_a_second_submission_leaves_the_first_one_standing(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await builder.send_back(number)
    changed = replace(DECLARED, population=60_000)
    await cases.declare(number, by=builder.people["clerk"], declaration=changed, now=builder.clock.tick(1))
    await builder.submit(number)
    first, second = await Submission.select().order_by(Submission.ordinal)
    assert (await dossiers.declared(first["declaration"]), await dossiers.declared(second["declaration"])) == (
        DECLARED,
        changed,
    )
    case = await case_of(number)
    assert (second["ordinal"], case["submitted_at"], case["reopened"]) == (2, first["at"], None)


async def test_only_the_own_town_submits_and_only_what_it_edits(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    refused = {"officer": Forbidden, "auditor": Forbidden, "neighbour": NotFound, "clerk": Conflict}
    for name, refusal in refused.items():
        with pytest.raises(refusal):
            await review(builder, number, name)
    assert await Submission.count() == 1
