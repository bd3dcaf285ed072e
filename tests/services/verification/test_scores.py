"""Scores computed again from what stands there now, and what that finds."""

from datetime import timedelta

import asyncpg
import pytest

from portal.domain.errors import Invalid
from portal.domain.lifecycle import State
from portal.services.rulesets import versions
from portal.services.verification import scores
from portal.settings import Settings
from portal.tables.acts import Assessment, Decision
from tests.world import acts
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.publishing import publish, variant
from tests.world.services import today
from tests.world.verification import World


async def test_three_versions_around_a_decided_case_change_it_in_nothing(builder: Builder) -> None:
    """One before its submission, one between submission and decision, one after it."""
    first = await publish(builder, variant(today(builder.clock), ("[57, 8]", "[56, 8]")))
    number = await builder.case(State.CONFIRMED)
    second = await publish(
        builder, variant(today(builder.clock), ("[57, 8]", "[40, 8]"), ("[49, 7]", "[39, 7]"), ("[41, 6]", "[38, 6]"))
    )
    applicable = await versions.in_force((await case_of(number))["submitted_at"])
    assert applicable is not None
    assert applicable["digest"] == first, "published on the same day, but after the submission"
    by = builder.people["examiner"]
    with pytest.raises(Invalid) as refusal:
        await builder.sign(
            by,
            lambda now: acts.assess(number, by=by, ruleset=second, note=""),
        )
    assert refusal.value.errors == {"note": "another-ruleset-needs-reason"}
    await builder.sign(by, lambda now: acts.assess(number, by=by, ruleset=first, note=""))
    await builder.decide(number)
    await builder.notify(number)
    kept = await Assessment.select().order_by(Assessment.id), await Decision.select().order_by(Decision.id)
    third = await publish(builder, variant(today(builder.clock) + timedelta(days=1), ("[57, 8]", "[58, 8]")))
    builder.clock.tick(48 * 3600)
    row = await versions.in_force(builder.clock())
    assert row is not None
    assert row["digest"] == third
    assert (await Assessment.select().order_by(Assessment.id), await Decision.select().order_by(Decision.id)) == kept
    assert kept[0][0]["ruleset"] == first
    replayed = [each async for each in scores.all_scores()]
    assert [(each.number, each.ruleset, each.is_decided, each.code) for each in replayed] == [
        (number, first, True, None)
    ]


async def test_a_score_that_no_longer_agrees_is_found(engine: Settings, builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    assert await scores.count() == 1
    assert engine.migration_database_url is not None
    owner = await asyncpg.connect(engine.migration_database_url)
    try:
        await owner.execute("UPDATE declarations SET population = 5")
        assert [each.code async for each in scores.all_scores()] == ["score"]
        await owner.execute("UPDATE declarations SET population = 55704")  # the same points, other inputs
        assert [each.code async for each in scores.all_scores()] == ["score"]
        await owner.execute("UPDATE declarations SET population = 55703, census_year = 1390")
        assert [each.code async for each in scores.all_scores()] == ["signed"]
        await owner.execute("UPDATE declarations SET census_year = 1395")
        await owner.execute("ALTER TABLE rulesets DISABLE TRIGGER rulesets_published_are_final")
        await owner.execute("UPDATE rulesets SET source = replace(source, '[92, 12]', '[93, 12]')")
    finally:
        await owner.close()
    assert [(each.number, each.code) async for each in scores.all_scores()] == [(number, "ruleset")]


async def test_a_score_whose_statement_cannot_be_read_is_not_signed(world: World) -> None:
    assert [each.code async for each in scores.all_scores()] == [None]
    await world.tamper(
        """UPDATE events SET statement = replace(statement, '"values"', '"gone"') WHERE kind = 'CaseAssessed'"""
    )
    assert [(each.number, each.code) async for each in scores.all_scores()] == [(world.number, "signed")]
