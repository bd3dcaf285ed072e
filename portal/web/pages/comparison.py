"""A draft against the table in force, in words and in a picture."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from portal.domain.comparison import Change
from portal.domain.declarations import GRADES
from portal.domain.grading import Explanation
from portal.services.cases.comparisons import ComparedVersions
from portal.services.rulesets import versions
from portal.texts import gettext
from portal.web.formats import decimal, digits, points
from portal.web.pages import pictures, scorecard
from portal.web.pages.pictures import Picture


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    template: ClassVar = "ruleset/comparison.html"
    row: dict[str, Any]
    current: dict[str, Any]
    compared: int
    unscored: int
    raised: int
    lowered: int
    distribution: list[tuple[int, int, int]]
    bars: list[tuple[Picture, Picture]]  # of each grade: before, after
    changes: list[dict[str, Any]]


def context(compared: ComparedVersions, draft: dict[str, Any]) -> ComparisonPage:
    """What the page says of a `draft` that is compared."""
    result = compared.result
    known = {*versions.parsed(draft["source"]).grades, *result.before}
    names = [grade for grade in GRADES if grade in known]
    before = [result.before.get(each, 0) for each in names]
    after = [result.after.get(each, 0) for each in names]
    most = max([0, *before, *after])
    return ComparisonPage(
        row=draft,
        current=compared.current,
        compared=result.compared,
        unscored=result.unscored,
        raised=sum(_rank(each.after) > _rank(each.before) for each in result.changes),
        lowered=sum(_rank(each.after) < _rank(each.before) for each in result.changes),
        distribution=list(zip(names, before, after, strict=True)),
        bars=[
            (pictures.bar("", [("before", old)], most), pictures.bar("", [("after", new)], most))
            for old, new in zip(before, after, strict=True)
        ],
        changes=[_change(each, compared) for each in result.changes],
    )


def _rank(told: Explanation | None) -> int:
    """What a grade is worth in the portal, whatever grades a table knows; no score is less than any."""
    return -1 if told is None else int(told.grade)


def _change(change: Change, compared: ComparedVersions) -> dict[str, Any]:
    row = compared.cases[change.key]
    return {
        "number": change.key,
        "town": row["town"],
        "province": row["province_name"],
        "before": _grade(change.before),
        "after": _grade(change.after),
        "why": [*_causes(change), *((gettext("the cut-offs of the grades changed"),) if change.by_cutoffs else ())],
    }


def _grade(told: Explanation | None) -> str:
    if told is None:
        return gettext("no score")
    return gettext("%(grade)s (%(points)s)", grade=digits(told.grade), points=points(told.total))


def _causes(change: Change) -> list[str]:
    return [
        gettext(
            "%(name)s: %(before)s → %(after)s points",
            name=scorecard.name_of(each.name),
            before=_points(each.before),
            after=_points(each.after),
        )
        for each in change.causes
    ]


def _points(product: Decimal | None) -> str:
    return decimal(product) if product is not None else "—"
