"""Whether a rule set can serve in this portal, whose declarations hold three criteria and whose grades are twelve."""

from collections.abc import Iterator
from decimal import Decimal

from portal.domain import rulesets
from portal.domain.declarations import GRADES, Division
from portal.domain.rule_findings import Problem
from portal.domain.rulesets import Criterion, RuleFinding, RuleSet

AMOUNTS, NUMBERS, WORDS = "revenue", "population", "division"


def findings(source: str, rules: RuleSet) -> list[RuleFinding]:
    """What of the TOML `source`, which says `rules`, no declaration could be scored under."""
    return rulesets.located(source, list(_problems(rules)))


def _problems(rules: RuleSet) -> Iterator[Problem]:
    for at, each in enumerate(rules.criteria):
        path = ("criteria", at)
        if each.name not in (AMOUNTS, NUMBERS, WORDS) or not _fits(each):
            yield (*path, "name"), "not-declared", "error"
        elif each.name == WORDS and not set(Division) <= set(each.values or {}):
            yield (*path, "values"), "value-not-declared", "error"
        elif each.bands and each.bands[0][0] > Decimal(0):
            yield (*path, "bands"), "value-not-declared", "error"
    if any(grade not in GRADES for grade in rules.grades):
        yield ("grades",), "not-our-grade", "error"
    elif list(rules.grades) != sorted(rules.grades, key=GRADES.index):
        yield ("grades",), "grades-not-ascending", "error"


def _fits(criterion: Criterion) -> bool:
    """Whether the declared value has the shape that `criterion` reads: a number, three amounts, or a word."""
    return {
        NUMBERS: bool(criterion.bands) and criterion.statistic is None,
        AMOUNTS: criterion.statistic == "mean" and criterion.years == 3,
        WORDS: criterion.values is not None,
    }[criterion.name]
