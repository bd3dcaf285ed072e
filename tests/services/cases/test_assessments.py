"""Assessments: a confirmed case scored under one version, and who sees the score before the answer."""

from dataclasses import replace

import pytest

from portal.domain.declarations import Declaration
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import State
from portal.services.cases import assessments, dossiers
from portal.services.rulesets import versions
from portal.tables.acts import Assessment
from tests.world import acts
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of, statement_at
from tests.world.publishing import publish, variant
from tests.world.services import today


async def review(builder: Builder, number: str, ruleset: str, by: str = "examiner") -> None:
    """Ask for the score as a page does that shows what will be signed."""
    who = builder.people[by]
    await acts.assess(number, by=who, ruleset=ruleset, note="")


async def test_a_confirmed_case_is_scored_and_every_step_is_signed(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    case = await case_of(number)
    kept = await assessments.latest(case["id"])
    assert kept is not None
    in_force = await versions.in_force(case["submitted_at"])
    assert in_force is not None
    explained = assessments.explain(DECLARED, in_force)
    assert explained is not None
    assert (case["state"], kept["total"], kept["grade"]) == (State.ASSESSED, explained.total, str(explained.grade))
    assert (kept["ruleset"], kept["title_fa"]) == (in_force["digest"], in_force["title_fa"])
    assert kept["explanation"] == explained.as_dict()
    assert (await statement_at(kept["event"]))["intent"]["values"]["explanation"] == kept["explanation"]


async def test_the_last_assessment_counts_and_names_the_one_before(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    dossier = await dossiers.open_dossier(number, builder.people["examiner"])
    first = await assessments.latest(dossier.case["id"])
    assert first is not None
    assert assessments.facts(first) == {"supersedes": first["event"]}
    await builder.assess(number)
    second = await assessments.latest(dossier.case["id"])
    assert second is not None
    assert (second["id"] > first["id"], await Assessment.count()) == (True, 2)


async def test_another_version_than_that_of_its_submission_needs_a_reason(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    later = await publish(builder, variant(today(builder.clock), ("[57, 8]", "[56, 8]")))
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, later)
    assert refusal.value.errors == {"note": "another-ruleset-needs-reason"}
    by = builder.people["examiner"]
    await builder.sign(by, lambda now: acts.assess(number, by=by, ruleset=later, note="دستور"))
    kept = await assessments.latest((await case_of(number))["id"])
    assert kept is not None
    assert (kept["ruleset"], kept["note"]) == (later, "دستور")


async def test_who_may_not_score_and_what_cannot_be_scored_under(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    sample = (await versions.published())[0]["digest"]
    for name in ("clerk", "officer", "minister", "auditor"):
        with pytest.raises(Forbidden):
            await review(builder, number, sample, name)
    with pytest.raises(NotFound):
        await review(builder, number, sample)  # the Organization sees it once it is confirmed
    await builder.attest(number)
    await builder.confirm(number)
    with pytest.raises(Invalid) as refusal:
        await review(builder, number, "0" * 64)
    assert refusal.value.errors == {"ruleset": "unknown-ruleset"}
    await builder.send_back(number, "examiner")
    with pytest.raises(Conflict, match="wrong-state"):
        await review(builder, number, sample)


async def test_what_the_tables_do_not_know_has_no_score(builder: Builder) -> None:
    sample = (await versions.published())[0]
    assert assessments.explain(Declaration(), sample) is None
    assert assessments.explain(replace(DECLARED, population=None), sample) is None
    assert assessments.explain(replace(DECLARED, settled_amount_2=None), sample) is None


async def test_two_offices_see_no_score_before_the_answer(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    case = await case_of(number)
    seeing = [name for name, by in builder.people.items() if await assessments.seen(case, by)]
    assert not {"clerk", "officer"} & set(seeing)
    assert {"examiner", "minister", "auditor"} <= set(seeing)
    await builder.notify(number)
    assert await assessments.seen(await case_of(number), builder.people["clerk"]) is not None
