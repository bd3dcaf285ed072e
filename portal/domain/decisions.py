"""Decisions: what the working group can rule, and what follows from it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.domain.declarations import NEW_TOWN
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Outcome


class RefusalCode(StrEnum):
    """Why a request is refused: the product's own codes."""

    TOO_EARLY = "too-early"
    FEW_SETTLED_YEARS = "few-settled-years"
    NOT_APPROVED = "not-approved"
    NOT_CENSUS = "not-census"
    ILLEGIBLE = "illegible"
    DISAGREES = "disagrees"
    FEW_POINTS = "few-points"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided. `grade` is None for *refused*, and may be for *unchanged* (the held one is meant)."""

    sitting: UUID
    outcome: Outcome
    grade: int | None
    effective_on: date | None
    reason: str
    refusal_code: RefusalCode | None = None


def settle(ruling: Ruling, held: int | None, computed: str) -> Ruling:
    """`ruling` with what follows from it: the grade of *unchanged*, none of *refused*, a code for a refusal.

    Raises:
        Invalid: the grade contradicts the outcome, or a reason is missing.
    """
    errors: dict[str, Any] = {}
    grade, code = ruling.grade, None
    match ruling.outcome:
        case Outcome.REFUSED:
            grade, code = None, ruling.refusal_code or RefusalCode.OTHER
            if not ruling.reason:
                errors["reason"] = "refusal-needs-reason"
        case Outcome.UNCHANGED:
            grade = held if grade is None else grade
            if held in (None, NEW_TOWN):
                errors["outcome"] = "nothing-to-keep"
            elif grade != held:
                errors["grade"] = ("grade-not-held", {"held": held})
        case Outcome.RAISED if grade is None or grade <= (held or 0):
            errors["grade"] = ("grade-not-higher", {"held": held or 0})
        case Outcome.LOWERED if grade is None or grade >= (held or 0):
            errors["grade"] = ("grade-not-lower", {"held": held or 0})
    if not errors and grade is not None and str(grade) != computed and not ruling.reason:
        errors["reason"] = ("differs-from-computed", {"computed": computed})
    if errors:
        raise Invalid(errors)
    return Ruling(ruling.sitting, ruling.outcome, grade, ruling.effective_on, ruling.reason, code)
