"""The working group's decision on an assessed case, recorded by the Organization."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.domain.declarations import NEW_TOWN
from portal.domain.errors import Conflict, Invalid
from portal.domain.events import Kind
from portal.domain.lifecycle import Act, Outcome
from portal.services.cases import assessments, cases, sittings
from portal.services.cases.dossiers import Dossier
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Decision


class RefusalCode(StrEnum):
    """Why a request is refused: the product's own codes (DOMAIN §2)."""

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


async def facts(dossier: Dossier) -> dict[str, Any]:
    """The assessment that the decision rests on, as the page shows it."""
    assessment = await assessments.latest(dossier.case["id"])
    assert assessment is not None
    return {
        "assessment": {
            "event": assessment["event"],
            "ruleset": assessment["ruleset"],
            "official": assessment["official"],
            "total": str(assessment["total"]),
            "grade": assessment["grade"],
        }
    }


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


async def require_four_eyes(dossier: Dossier, by: Identity) -> None:
    """Refuse (`Conflict`) whoever made the assessment that counts."""
    assessment = await assessments.latest(dossier.case["id"])
    if assessment is not None and assessment["by"] == by.id:
        raise Conflict("four-eyes")


async def decide(number: str, *, by: Identity, ruling: Ruling, proof: Proof, four_eyes: bool, now: datetime) -> None:
    """Record the decision; the case goes onto the agenda of its sitting if it was on none.

    Raises:
        NotFound, Forbidden, Conflict, Invalid, ProofRefused, CodeAwaited.
    """

    async def ready(dossier: Dossier) -> None:
        if four_eyes:
            await require_four_eyes(dossier, by)
        if ruling.sitting not in {row["id"] for row in await sittings.usable(now)}:
            raise Invalid({"sitting": "unusable-sitting"})
        await _settled(ruling, dossier)

    async with signing(number, Act.DECISION, by, proof, now=now, ready=ready) as act:
        ruling, shown = await _settled(ruling, act.dossier)
        await act.prove(_values(ruling), shown)
        case = act.dossier.case
        await cases.move(
            case, act.to, now=now, sitting=ruling.sitting, decided_grade=ruling.grade, outcome=ruling.outcome
        )
        assessment = await assessments.latest(case["id"])
        assert assessment is not None
        event = await act.record(Kind.DECISION_TAKEN)
        await Decision(
            case=case["id"],
            sitting=ruling.sitting,
            assessment=assessment["id"],
            outcome=ruling.outcome,
            grade=ruling.grade,
            effective_on=ruling.effective_on,
            reason=ruling.reason,
            refusal_code=ruling.refusal_code,
            by=by.id,
            at=now,
            event=event,
        ).save()


async def _settled(ruling: Ruling, dossier: Dossier) -> tuple[Ruling, dict[str, Any]]:
    shown = await facts(dossier)
    return settle(ruling, dossier.declaration.current_grade, shown["assessment"]["grade"]), shown


def _values(ruling: Ruling) -> dict[str, Any]:
    return {
        "sitting": str(ruling.sitting),
        "outcome": ruling.outcome,
        "grade": ruling.grade,
        "effective_on": ruling.effective_on.isoformat() if ruling.effective_on else None,
        "reason": ruling.reason,
        "refusal_code": ruling.refusal_code,
    }


async def standing(case: int) -> dict[str, Any] | None:
    """The decision that stands on the case with this row id, its sitting beside it."""
    return (
        await Decision.select(
            *Decision.all_columns(),
            Decision.sitting.title.as_alias("sitting_title"),
            Decision.sitting.held_on.as_alias("sitting_date"),
        )
        .where((Decision.case == case) & (Decision.standing == True))  # noqa: E712
        .first()
    )
