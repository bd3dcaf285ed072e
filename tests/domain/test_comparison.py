"""A draft over past towns: who would change, and why."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import portal
from portal.domain import comparison, rulesets
from tests.world.rulesets import INPUTS, RA_11964, SAMPLE, TOWN

TEXT = (Path(portal.__file__).parent / "rulesets" / "ir-2762-sample.toml").read_text(encoding="utf-8")


def test_nothing_changes_under_the_same_tables() -> None:
    result = comparison.compare(SAMPLE, SAMPLE, [("a", TOWN), ("b", {**TOWN, "population": 900})])
    assert (result.compared, result.unscored, result.changes) == (2, 0, ())
    assert result.before == result.after


def test_points_that_moved_are_named() -> None:
    draft = rulesets.parse(TEXT.replace("[35000, 50]", "[35000, 58]"))
    (change,) = comparison.compare(SAMPLE, draft, [("a", TOWN), ("b", {**TOWN, "population": 900})]).changes
    assert change.key == "a"
    [cause] = change.causes
    assert (cause.name, cause.before, cause.after) == ("population", Decimal(20), Decimal("23.2"))
    assert change.by_cutoffs is False


def test_cutoffs_that_moved_are_named() -> None:
    (change,) = comparison.compare(SAMPLE, rulesets.parse(TEXT.replace("[41, 6]", "[37, 6]")), [("a", TOWN)]).changes
    assert (change.causes, change.by_cutoffs) == ((), True)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.grade, change.after.grade) == (5, 6)


def test_towns_without_a_score_are_counted_apart() -> None:
    result = comparison.compare(SAMPLE, RA_11964, [("a", TOWN), ("b", {}), ("c", {"income": 5})])
    assert (result.compared, result.unscored) == (3, 1)
    assert [(each.key, each.before is None, each.after is None) for each in result.changes] == [
        ("a", False, True),
        ("c", True, False),
    ]


@given(st.lists(INPUTS, max_size=8))
def test_the_distributions_add_up(towns: list[dict[str, Any]]) -> None:
    draft = rulesets.parse(TEXT.replace("[57, 8]", "[50, 8]"))
    result = comparison.compare(SAMPLE, draft, [(str(n), each) for n, each in enumerate(towns)])
    assert sum(result.before.values()) == sum(result.after.values()) == len(towns)
    moved = sum(abs(result.before.get(each, 0) - result.after.get(each, 0)) for each in SAMPLE.grades)
    assert moved <= 2 * len(result.changes)
