"""The working group's decision on an assessed case, recorded by the Organization."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain import decisions, jurisdiction
from portal.domain.decisions import Ruling
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import assessments, cases, signing, sittings
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.acts import Decision


def facts(assessment: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment that the decision rests on (`assessments.latest`), as the page shows it."""
    return {
        "assessment": {
            "event": assessment["event"],
            "ruleset": assessment["ruleset"],
            "official": assessment["official"],
            "total": str(assessment["total"]),
            "grade": assessment["grade"],
        }
    }


async def rests_on(dossier: Dossier, by: Identity, *, four_eyes: bool) -> dict[str, Any]:
    """The assessment that counts, on which a decision rests.

    Raises:
        Conflict: `four-eyes`: `by` made it.
    """
    assessment = await assessments.latest(dossier.case["id"])
    assert assessment is not None
    if four_eyes and assessment["by"] == by.id:
        raise Conflict("four-eyes")
    return assessment


async def prepare(
    dossier: Dossier, *, by: Identity, assessment: Mapping[str, Any], ruling: Ruling, now: datetime
) -> Prepared[None]:
    """The decision on `assessment` (`rests_on`); the case goes onto the agenda of its sitting if it was on none.

    Raises:
        Forbidden, Conflict, Invalid.
    """
    await sittings.require_usable(ruling.sitting, dossier.case["id"], now)
    settled = decisions.settle(ruling, dossier.declaration.current_grade, assessment["grade"])

    async def write(signed: Signed, to: State) -> None:
        columns = {"sitting": settled.sitting, "decided_grade": settled.grade, "outcome": settled.outcome}
        await cases.move(dossier.case, to, by=by, now=signed.now, **columns)
        event = await signed.record(EventKind.DECISION_TAKEN)
        await Decision(
            case=dossier.case["id"],
            sitting=settled.sitting,
            assessment=assessment["id"],
            outcome=settled.outcome,
            grade=settled.grade,
            effective_on=settled.effective_on,
            reason=settled.reason,
            refusal_code=settled.refusal_code,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    return signing.prepare(dossier, Act.DECISION, by, write, _values(settled), facts(assessment))


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
