"""What the Organization should know before it publishes a rule set that can be scored under.

An *error* would let a town go without a grade, let more of a criterion give less, or could not be kept and shown; a
*warning* is only odd.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.domain import persian
from portal.domain.toml_lines import Path

if TYPE_CHECKING:
    from portal.domain.rulesets import Criterion, RuleSet

Problem = tuple[Path, str, str]
"""Where, a stable code, and `error` or `warning`."""

WHOLE = (Decimal(1), Decimal(100))
"""What weights may add up to: fractions, or percentages."""
MOST_TOTALS = 20_000
"""Totals beyond which reachability is judged by the smallest and the largest alone."""
DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
OLDEST, NEWEST = date(1900, 1, 1), date(2200, 1, 1)


def of(rules: "RuleSet") -> Iterator[Problem]:
    """The problems of `rules`."""
    yield from _weights(rules)
    for at, each in enumerate(rules.criteria):
        yield from _criterion(each, ("criteria", at))
    yield from _cutoffs(rules)
    yield from _reach(rules)
    yield from _texts(rules)
    if not persian.has_jalali(rules.effective_from):
        yield ("effective_from",), "unshowable-date", "error"
    elif not OLDEST <= rules.effective_from < NEWEST:
        yield ("effective_from",), "odd-date", "warning"


def of_day(rules: "RuleSet", today: date) -> Iterator[Problem]:
    """A rule set that is published on the day `today` may not change what was in force before it."""
    if rules.effective_from < today:
        yield ("effective_from",), "effective-in-past", "warning"


def _weights(rules: "RuleSet") -> Iterator[Problem]:
    """Weights add up to 1 or 100. Where all are 1, which is also the default, points simply add up."""
    weights = [each.weight for each in rules.criteria]
    if sum(weights) not in WHOLE and any(each != 1 for each in weights):
        yield ("criteria",), "weights-do-not-add-up", "error"


def _criterion(criterion: "Criterion", path: Path) -> Iterator[Problem]:
    if criterion.bands and criterion.bands[0][0] > 0:
        yield (*path, "bands", 0), "gap-below-first-band", "warning"
    for at, ((_, lower), (_, upper)) in enumerate(pairwise(criterion.bands), start=1):
        if upper < lower:
            yield (*path, "bands", at), "fewer-points-for-more", "error"
        elif upper == lower:
            yield (*path, "bands", at), "band-without-effect", "warning"


def _cutoffs(rules: "RuleSet") -> Iterator[Problem]:
    places = {grade: at for at, grade in enumerate(rules.grades)}
    ranks = [places[grade] for _, grade in rules.cutoffs]
    for at, (lower, upper) in enumerate(pairwise(ranks), start=1):
        if upper <= lower:
            yield ("result", "cutoffs", at), "lower-grade-for-more", "error"
    for at in set(range(len(rules.grades))) - set(ranks):
        yield ("grades", at), "grade-without-cutoff", "warning"


def _reach(rules: "RuleSet") -> Iterator[Problem]:
    """Whether every total has a grade, and every grade a total."""
    totals = _totals(rules.criteria)
    if totals[0] < rules.cutoffs[0][0]:
        yield ("result", "cutoffs", 0), "totals-below-first-cutoff", "error"
    ends = [bound for bound, _ in rules.cutoffs[1:]] + [totals[-1] + 1]
    for at, ((bound, _), end) in enumerate(zip(rules.cutoffs, ends, strict=True)):
        first = bisect_left(totals, bound)
        inside = first < len(totals) and totals[first] < end
        if not inside and (len(totals) > 2 or bound > totals[-1] or end <= totals[0]):
            yield ("result", "cutoffs", at), "grade-out-of-reach", "warning"


def _texts(rules: "RuleSet") -> Iterator[Problem]:
    """The id, which must not read as the digest of a version, and titles; no page carries control characters."""
    if DIGEST.fullmatch(rules.id):
        yield ("id",), "id-like-digest", "error"
    for path, text in ((("id",), rules.id), *((("title", language), title) for language, title in rules.title.items())):
        if any(unicodedata.category(each) == "Cc" for each in text):
            yield path, "control-character", "error"
    for language in ("fa", "en"):
        if not rules.title.get(language):
            yield ("title",), f"no-title-{language}", "warning"


def _totals(criteria: "tuple[Criterion, ...]") -> list[Decimal]:
    """Every total that some input reaches, ascending; the smallest and the largest where there are too many."""
    totals = {Decimal(0)}
    for each in criteria:
        points = {found for _, found in each.bands} or set((each.values or {}).values())
        if len(totals) * len(points) > MOST_TOTALS:
            return _extremes(criteria)
        totals = {total + each.weight * one for total in totals for one in points}
    return sorted(totals)


def _extremes(criteria: "tuple[Criterion, ...]") -> list[Decimal]:
    options = [
        [each.weight * one for one in ([found for _, found in each.bands] or (each.values or {}).values())]
        for each in criteria
    ]
    return [sum(map(min, options), Decimal(0)), sum(map(max, options), Decimal(0))]
