"""Two rule sets over the same towns: whose grade would change, by how much, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.domain import grading
from portal.domain.grading import Explanation
from portal.domain.rulesets import Grade, RuleSet


@dataclass(frozen=True, slots=True)
class Cause:
    """A criterion whose points × weight differ; None where a rule set does not know it."""

    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """A town that would get another grade. `by_cutoffs`: its old total alone would give another grade already."""

    key: str
    before: Explanation | None
    after: Explanation | None
    causes: tuple[Cause, ...]
    by_cutoffs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`compared` towns; those without a score under both are `unscored` and in no distribution."""

    compared: int
    unscored: int
    changes: tuple[Change, ...]
    before: Mapping[Grade, int]
    after: Mapping[Grade, int]


def compare(old: RuleSet, new: RuleSet, towns: Iterable[tuple[str, Mapping[str, Any]]]) -> Comparison:
    """The grades of `towns` (a key and inputs, as `grading.score` takes them) under `old` and `new`."""
    before: Counter[Grade] = Counter()
    after: Counter[Grade] = Counter()
    changes, compared, unscored = [], 0, 0
    for key, inputs in towns:
        compared += 1
        first, second = _score(old, inputs), _score(new, inputs)
        if first is None and second is None:
            unscored += 1
            continue
        before.update([first.grade] if first else [])
        after.update([second.grade] if second else [])
        if first is None or second is None or first.grade != second.grade:
            changes.append(_change(key, first, second, new))
    return Comparison(compared, unscored, tuple(changes), before, after)


def _score(rules: RuleSet, inputs: Mapping[str, Any]) -> Explanation | None:
    try:
        return grading.score(rules, inputs)
    except grading.Unscorable:
        return None


def _change(key: str, before: Explanation | None, after: Explanation | None, new: RuleSet) -> Change:
    if before is None or after is None:
        return Change(key, before, after, (), False)
    old = {step.name: step.product for step in before.criteria}
    now = {step.name: step.product for step in after.criteria}
    names = [*old, *(name for name in now if name not in old)]
    causes = tuple(Cause(name, old.get(name), now.get(name)) for name in names if old.get(name) != now.get(name))
    grades = [grade for bound, grade in new.cutoffs if bound <= before.total]
    return Change(key, before, after, causes, not grades or grades[-1] != before.grade)
