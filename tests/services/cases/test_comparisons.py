"""A draft against the version in force, over what the Organization ever saw."""

from datetime import UTC, datetime

from portal.domain.lifecycle import State
from portal.services.cases import comparisons
from portal.services.rulesets import versions
from tests.world.builders import Builder
from tests.world.publishing import variant
from tests.world.services import today


async def test_a_draft_is_compared_over_all_past_cases(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    await builder.case(State.SUBMITTED, clerk="neighbour")
    text = variant(today(builder.clock), ("[49, 7]", "[50, 7]"))
    digest = await versions.draft(text, by=builder.people["head"], now=builder.clock())
    compared = await comparisons.with_current(await versions.find(digest), builder.clock())
    assert compared is not None
    (change,) = compared.result.changes
    assert (compared.result.compared, change.key, change.by_cutoffs) == (1, number, True)
    assert (compared.result.before, compared.result.after) == ({7: 1}, {6: 1})
    assert {key: row["town"] for key, row in compared.cases.items()} == {number: "اسدآباد"}


async def test_the_version_in_force_changes_nothing_against_itself(builder: Builder) -> None:
    await builder.case(State.CONFIRMED)
    current = await versions.in_force(builder.clock())
    assert current is not None
    compared = await comparisons.with_current(current, builder.clock())
    assert compared is not None
    assert (compared.current["digest"], compared.result.compared) == (current["digest"], 1)
    assert compared.result.changes == ()


async def test_before_any_version_is_in_force_nothing_is_compared(builder: Builder) -> None:
    (sample,) = await versions.published()
    assert await comparisons.with_current(sample, datetime(2015, 4, 17, 12, tzinfo=UTC)) is None
    assert await comparisons.with_current(sample, datetime(2015, 4, 18, 12, tzinfo=UTC)) is not None
