"""What in a declaration disagrees with what is known otherwise. It is shown, never corrected, and blocks nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from portal.domain import persian
from portal.domain.declarations import NEW_TOWN, Declaration, DocumentKind, Slot
from portal.domain.eligibility import Known

JUMP = 3
"""Times by which an amount may grow or shrink from one settled year to the next before somebody should look."""
APPROVED_AFTER_MONTH = 3
"""A council approves the settlement of the year before by the end of Khordad (Municipalities Act, article 67)."""


class Check(StrEnum):
    """What can stand out."""

    POPULATION = "population-differs"
    GRADE = "grade-differs"
    NOTIFIED_ON = "notification-differs"
    CONSECUTIVE = "years-not-consecutive"
    LATEST = "years-not-latest"
    JUMP = "amount-jumps"


@dataclass(frozen=True, slots=True)
class Remark:
    """A check that stands out, the document that it stands beside, and facts for its sentence."""

    check: Check
    slot: Slot
    facts: dict[str, Any] = field(default_factory=dict)


def remarks(declaration: Declaration, known: Known, today: date) -> list[Remark]:
    """What in `declaration` disagrees with what is `known` on the day `today`; blanks disagree with nothing."""
    return [*_grade(declaration, known), *_settled(declaration, today), *_population(declaration, known)]


def _population(d: Declaration, known: Known) -> Iterator[Remark]:
    counted = known.census.get(d.census_year or 0)
    if counted is not None and d.population is not None and d.population != counted:
        facts = {"declared": d.population, "known": counted, "year": d.census_year}
        yield Remark(Check.POPULATION, (DocumentKind.CENSUS, None), facts)


def _grade(d: Declaration, known: Known) -> Iterator[Remark]:
    slot: Slot = (DocumentKind.LAST_GRADE, None)
    held, told = known.grade(), known.notified_on()
    if held and d.current_grade is not None and d.current_grade != held[1]:
        yield Remark(Check.GRADE, slot, {"source": held[0], "declared": d.current_grade, "known": held[1]})
    declared = d.current_grade_notified_on
    if told and declared != told[1] and (declared or d.current_grade == NEW_TOWN):
        yield Remark(Check.NOTIFIED_ON, slot, {"source": told[0], "declared": declared, "known": told[1]})


def _settled(d: Declaration, today: date) -> Iterator[Remark]:
    settled = sorted((year, amount) for year, amount in d.settled if year is not None and amount is not None)
    years = sorted({year for year, _ in d.settled if year is not None})
    if len(years) == 3 and years[2] - years[0] != 2:
        yield Remark(Check.CONSECUTIVE, (DocumentKind.SETTLEMENT, years[2]), {"years": years})
    if len(years) == 3 and years[2] < latest_settled(today):
        yield Remark(Check.LATEST, (DocumentKind.SETTLEMENT, years[2]), {"year": latest_settled(today)})
    for (_, before), (year, after) in pairwise(settled):
        if max(before, after) > JUMP * min(before, after):
            facts = {"year": year, "before": before, "after": after, "times": JUMP}
            yield Remark(Check.JUMP, (DocumentKind.SETTLEMENT, year), facts)


def latest_settled(today: date) -> int:
    """The last Solar Hijri year whose settlement should be approved by the day `today`."""
    year, month, _ = persian.jalali(today)
    return year - 1 if month > APPROVED_AFTER_MONTH else year - 2
