"""A score with its whole arithmetic, in words and pictures: the same for a preview and for an assessment."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.domain.declarations import Division
from portal.domain.rulesets import Criterion, RuleSet
from portal.texts import N_, gettext, ngettext
from portal.web.formats import decimal, digits, grouped, points, rials
from portal.web.pages import pictures
from portal.web.pages.pictures import Picture
from portal.web.words import labels

NAMES: Mapping[str, str] = {
    "population": N_("Population"),
    "revenue": N_("Mean of the budget settlements"),
    "division": N_("Division status"),
}


def name_of(criterion: str) -> str:
    """The name of a criterion; one that the portal does not know keeps its own."""
    return gettext(NAMES[criterion]) if criterion in NAMES else criterion


def card(told: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    """The explanation `told` (of `Explanation.as_dict`) under `rules`, as the score card's component takes it."""
    known = {each.name: each for each in rules.criteria}
    rows = [_row(step, known[step["name"]], told["next_grade"]) for step in told["criteria"]]
    lack = told["to_next_grade"]
    return {
        "rows": rows,
        "total": told["total"],
        "grade": told["grade"],
        "cutoff": told["cutoff"],
        "next": ngettext(
            "%(points)s point to grade %(grade)s",
            "%(points)s points to grade %(grade)s",
            lack,
            points=decimal(lack),
            grade=digits(told["next_grade"]),
        )
        if lack is not None
        else gettext("There is no higher grade in this table."),
        "ladder": _ladder(told, rules),
    }


def _row(step: Mapping[str, Any], criterion: Criterion, next_grade: Any) -> dict[str, Any]:
    name = step["name"]
    return {
        "label": name_of(name),
        "value": amount(name, step["value"]),
        "band": _band(step, criterion),
        "points": step["points"],
        "weight": step["weight"],
        "product": step["product"],
        "next": _distance(name, step["next_band"], step["to_next"]),
        "next_grade": _distance(name, step["grade_band"], step["to_next_grade"]) if next_grade is not None else "",
        "strip": _strip(step, criterion),
    }


def _band(step: Mapping[str, Any], criterion: Criterion) -> str:
    bound, given = amount(step["name"], step["band"]), points(step["points"])
    if criterion.values is not None:
        return gettext("%(word)s: %(points)s", word=bound, points=given)
    return gettext("from %(bound)s: %(points)s", bound=bound, points=given)


def _distance(name: str, bound: str | None, distance: str | None) -> str:
    """Where the next band or grade begins, and how far that is; empty where there is none."""
    if bound is None:
        return ""
    if distance is None:
        return amount(name, bound)
    return gettext("%(distance)s more (from %(bound)s on)", distance=amount(name, distance), bound=amount(name, bound))


def amount(name: str, value: Any) -> str:
    """A value of a criterion with its unit, amounts of money without fractions of a rial."""
    if name == "division":
        return labels.labelled(Division, value) if value in set(Division) else str(value)
    number = Decimal(str(value))
    whole = int(number)
    if name == "revenue":
        return rials(whole)
    shown = grouped(whole) if number == whole else decimal(number)
    return ngettext("%(n)s person", "%(n)s persons", number, n=shown) if name == "population" else shown


def _strip(step: Mapping[str, Any], criterion: Criterion) -> Picture:
    """Where the value lies among the bands of its criterion; words stand in the order of their points."""
    name = step["name"]
    if criterion.values is not None:
        words = sorted(criterion.values, key=lambda word: criterion.values[word] if criterion.values else 0)
        at, within = words.index(step["value"]), 0.5
        steps = [criterion.values[word] for word in words]
        bound = step["value"]
    else:
        bounds = [each for each, _ in criterion.bands]
        at = bounds.index(Decimal(step["band"]))
        steps = [each for _, each in criterion.bands]
        low, high = bounds[at], bounds[at + 1] if at + 1 < len(bounds) else None
        within = float((Decimal(step["value"]) - low) / (high - low)) if high is not None else 0.5
        bound = low
    title = gettext(
        "%(name)s: %(value)s is in band %(at)s of %(all)s",
        name=name_of(name),
        value=amount(name, step["value"]),
        at=digits(at + 1),
        all=digits(len(steps)),
    )
    return pictures.strip(title, steps, at, within, amount(name, bound))


def _ladder(told: Mapping[str, Any], rules: RuleSet) -> Picture:
    title = ngettext(
        "%(points)s point in all: grade %(grade)s",
        "%(points)s points in all: grade %(grade)s",
        told["total"],
        points=decimal(told["total"]),
        grade=digits(told["grade"]),
    )
    parts = [Decimal(step["product"]) for step in told["criteria"]]
    return pictures.ladder(title, parts, [(bound, str(grade)) for bound, grade in rules.cutoffs], str(told["grade"]))
