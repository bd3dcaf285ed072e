"""The working group's decision on an assessed case, recorded by the Organization."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain import decisions, jurisdiction
from portal.domain.decisions import Ruling
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict, Invalid
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import assessments, cases, sittings
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Decision


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
        event = await act.record(EventKind.DECISION_TAKEN)
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
    return decisions.settle(ruling, dossier.declaration.current_grade, shown["assessment"]["grade"]), shown


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


async def seen(case: Mapping[str, Any], by: Identity) -> dict[str, Any] | None:
    """The decision that stands on `case` (its row), where `by` may see the answer already."""
    if not jurisdiction.answer_is_open(by.role, State(case["state"])):
        return None
    return await standing(case["id"])
