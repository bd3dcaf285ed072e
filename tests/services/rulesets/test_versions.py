"""Versions of rule sets: drafts that bind nobody, publications for good, and which one applies when."""

import re
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from portal.domain import rulesets
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound
from portal.domain.lifecycle import Role, State
from portal.domain.rulesets import RuleSetError
from portal.services.rulesets import versions
from portal.tables.cases import Case
from portal.tables.rulesets import RuleSetVersion
from tests.world.builders import Builder
from tests.world.publishing import publish, variant
from tests.world.services import kinds, today


async def test_a_draft_applies_to_nothing_until_it_is_published(builder: Builder) -> None:
    text = variant(today(builder.clock), ("[57, 8]", "[55, 8]"))
    digest = await versions.draft(text, by=builder.people["head"], now=builder.clock())
    assert await versions.named(digest) is None
    assert [row["digest"] for row in await versions.drafts()] == [digest]
    before = await versions.in_force(builder.clock())
    by = builder.people["examiner"]
    await builder.sign(by, lambda now: versions.prepare_publication(digest, by=by, now=now))
    assert before is not None
    row = await versions.in_force(builder.clock())
    assert row is not None
    assert (row["digest"], row["published_by"], row["source"]) == (digest, by.id, text)
    assert await kinds(digest) == ["RuleSetDrafted", "RuleSetPublished"]


async def test_who_may_bring_and_who_may_publish(builder: Builder) -> None:
    text = variant(today(builder.clock))
    for by in builder.people.values():
        if by.role is not Role.ADMINISTRATOR:
            with pytest.raises(Forbidden):
                await versions.draft(text, by=by, now=builder.clock())
    digest = await versions.draft(text, by=builder.people["head"], now=builder.clock())
    for by in builder.people.values():
        if by.role is not Role.ORGANIZATION:
            with pytest.raises(Forbidden):
                await versions.publication(digest, by, builder.clock())
    with pytest.raises(NotFound):
        await versions.publication("0" * 64, builder.people["examiner"], builder.clock())
    assert await versions.draft(text.replace("\n", "\r\n"), by=builder.people["head"], now=builder.clock()) == digest
    assert len(await versions.drafts()) == 1
    in_force = await versions.in_force(builder.clock())
    assert in_force is not None
    with pytest.raises(Invalid):
        await versions.draft(in_force["source"], by=builder.people["head"], now=builder.clock())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("weight = 0.20", "weight = 0.21", "weights-do-not-add-up"),
        ('name = "population" ', 'name = "inhabitants" ', "not-declared"),
        ("ostandari = 100", "capital = 100", "value-not-declared"),
        ("[[0, 5], [2500, 12]", "[[1, 5], [2500, 12]", "value-not-declared"),
        ("grades = [1, 2,", 'grades = ["first", 1, 2,', "not-our-grade"),
        ("years = 3", "years = 4", "not-declared"),
    ],
)
async def test_what_could_never_serve_is_refused_at_once(builder: Builder, old: str, new: str, code: str) -> None:
    with pytest.raises(RuleSetError) as refusal:
        await versions.draft(variant(today(builder.clock), (old, new)), by=builder.people["head"], now=builder.clock())
    assert [each.code for each in refusal.value.findings] == [code]
    assert await versions.drafts() == []


async def test_a_table_that_turns_our_grades_over_is_refused(builder: Builder) -> None:
    """Turned over as a whole it is sound in itself; only the portal's own grades say that 12 is more than 1."""
    text = variant(today(builder.clock))
    head, _, cutoffs = text.partition("cutoffs = ")
    turned = re.sub(r", (\d+)\]", lambda found: f", {13 - int(found[1])}]", cutoffs)
    text = f"{head}cutoffs = {turned}".replace(str(list(range(1, 13))), str(list(range(12, 0, -1))))
    assert not [each for each in rulesets.check(text) if each.severity is rulesets.Severity.ERROR]
    with pytest.raises(RuleSetError) as refusal:
        await versions.draft(text, by=builder.people["head"], now=builder.clock())
    assert [each.code for each in refusal.value.findings] == ["grades-not-ascending"]


async def test_a_digest_names_its_own_table_before_any_id(builder: Builder) -> None:
    current = await versions.in_force(builder.clock())
    assert current is not None
    text = variant(today(builder.clock), ('id = "ir-2762-sample"', f'id = "{current["digest"]}"'))
    with pytest.raises(RuleSetError) as refusal:
        await versions.draft(text, by=builder.people["head"], now=builder.clock())
    assert [each.code for each in refusal.value.findings] == ["id-like-digest"]
    later = await publish(builder, variant(today(builder.clock)))
    columns = await RuleSetVersion.select().where(RuleSetVersion.digest == later).first()
    assert columns is not None
    kept = columns | {"digest": "0" * 64, "name": current["digest"], "published_at": builder.clock.tick(1)}
    kept |= {"event": None, "published_by": None}  # as an earlier version of the portal could have let it in
    await RuleSetVersion.insert(RuleSetVersion(**{k: v for k, v in kept.items() if k != "id"}))
    found = await versions.named(current["digest"])
    assert found is not None
    assert found["name"] == "ir-2762-sample"


async def test_nothing_comes_into_force_in_the_past(builder: Builder) -> None:
    digest = await versions.draft(variant(today(builder.clock)), by=builder.people["head"], now=builder.clock())
    builder.clock.tick(24 * 3600)
    with pytest.raises(Conflict, match="effective-in-past"):
        await versions.publication(digest, builder.people["examiner"], builder.clock())


async def test_what_is_published_is_published_once(builder: Builder) -> None:
    digest = await publish(builder, variant(today(builder.clock)))
    with pytest.raises(Conflict, match="published-already"):
        await versions.publication(digest, builder.people["examiner"], builder.clock())
    assert (await versions.published())[0]["digest"] == digest
    assert await versions.drafts() == []


async def test_a_version_counts_from_its_day_in_tehran_on(builder: Builder) -> None:
    sample = await versions.in_force(builder.clock())
    assert sample is not None
    digest = await publish(builder, variant(today(builder.clock) + timedelta(days=1)))
    eve, night = datetime(2026, 11, 1, 20, 29, tzinfo=UTC), datetime(2026, 11, 1, 20, 31, tzinfo=UTC)
    found = [await versions.in_force(at) for at in (eve, night)]
    assert [row and row["digest"] for row in found] == [sample["digest"], digest]
    assert await versions.in_force(datetime(2015, 4, 17, 12, tzinfo=UTC)) is None


async def test_a_version_is_found_by_digest_or_id_and_a_draft_by_digest_alone(builder: Builder) -> None:
    (sample,) = await versions.published()
    digest = await versions.draft(variant(today(builder.clock)), by=builder.people["head"], now=builder.clock())
    assert (await versions.find(digest))["published_at"] is None
    for name in (sample["digest"], sample["name"]):
        assert (await versions.find(name))["digest"] == sample["digest"]
    with pytest.raises(NotFound):
        await versions.find("nothing")


async def test_what_is_shipped_is_published_once_and_a_text_without_end_not_read(builder: Builder) -> None:
    await versions.load_shipped(now=builder.clock.tick(1))
    assert len(await versions.published()) == 1
    with pytest.raises(Invalid) as refusal:
        await versions.draft("#" * (versions.LARGEST + 1), by=builder.people["head"], now=builder.clock())
    assert refusal.value.errors == {"source": ("too-long", {"most": versions.LARGEST})}


async def test_the_database_keeps_published_versions_and_scores_as_they_are(builder: Builder) -> None:
    await builder.case(State.ASSESSED)
    for statement in (
        "UPDATE rulesets SET source = source || ' '",
        "UPDATE rulesets SET effective_from = effective_from - 1",
        "DELETE FROM rulesets",
        "UPDATE assessments SET total = total + 1",
        "DELETE FROM assessments",
    ):
        with pytest.raises(asyncpg.PostgresError, match=r"final|violates"):
            await Case.raw(statement)
    digest = await versions.draft(variant(today(builder.clock)), by=builder.people["head"], now=builder.clock())
    await Case.raw("UPDATE rulesets SET name = name WHERE digest = {}", digest)
