"""The Organization scores a confirmed case under a named version of a rule set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain import grading, jurisdiction
from portal.domain.declarations import Declaration
from portal.domain.dossiers import Dossier
from portal.domain.errors import Invalid
from portal.domain.events import EventKind
from portal.domain.grading import Explanation
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Assessment


def inputs(declaration: Declaration) -> dict[str, Any]:
    """What the engine reads: population in persons, settled amounts in rials, the rank of the seat."""
    return {
        "population": declaration.population,
        "revenue": [amount for _, amount in declaration.settled],
        "division": declaration.division.value if declaration.division else None,
    }


def explain(declaration: Declaration, ruleset: dict[str, Any]) -> Explanation | None:
    """The score of `declaration` under the row `ruleset`; None for inputs missing or outside its tables."""
    try:
        return grading.score(versions.parsed(ruleset["source"]), inputs(declaration))
    except grading.Unscorable:
        return None


async def facts(dossier: Dossier) -> dict[str, Any]:
    """The assessment that a new one takes the place of, as the page shows it."""
    standing = await latest(dossier.case["id"])
    return {"supersedes": standing["event"]} if standing else {}


async def assess(number: str, *, by: Identity, ruleset: str, note: str, proof: Proof, now: datetime) -> None:
    """Score the submitted declaration; the last assessment counts. `ruleset` is a digest or an id.

    The version in force on the day of submission applies; another one is scored under with a reason, in the note.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
        Invalid: no such published rule set, it cannot score this declaration, or its reason is missing.
    """

    version = await versions.named(ruleset)

    async def ready(dossier: Dossier) -> None:
        _explained(dossier.declaration, version)
        applicable = await versions.in_force(dossier.case["submitted_at"])
        if version and applicable and version["digest"] != applicable["digest"] and not note:
            raise Invalid({"note": "another-ruleset-needs-reason"})

    async with signing(number, Act.ASSESSMENT, by, proof, now=now, ready=ready) as act:
        assert version is not None
        explanation = _explained(act.dossier.declaration, version)
        told = explanation.as_dict()
        values = {"ruleset": version["digest"], "official": version["official"], "note": note, "explanation": told}
        await act.prove(values, await facts(act.dossier))
        await cases.move(act.dossier.case, act.to, now=now)
        event = await act.record(EventKind.CASE_ASSESSED)
        await Assessment(
            case=act.dossier.case["id"],
            declaration=act.dossier.declaration_id,
            ruleset=version["digest"],
            total=explanation.total,
            grade=str(explanation.grade),
            explanation=told,
            note=note,
            by=by.id,
            at=now,
            event=event,
        ).save()


def _explained(declaration: Declaration, version: dict[str, Any] | None) -> Explanation:
    if version is None:
        raise Invalid({"ruleset": "unknown-ruleset"})
    explanation = explain(declaration, version)
    if explanation is None:
        raise Invalid({"ruleset": "missing-input"})
    return explanation


async def latest(case: int) -> dict[str, Any] | None:
    """The last assessment of the case with this row id, its rule set's titles beside it."""
    return (
        await Assessment.select(
            *Assessment.all_columns(),
            Assessment.ruleset.title_fa.as_alias("title_fa"),
            Assessment.ruleset.title_en.as_alias("title_en"),
            Assessment.ruleset.official.as_alias("official"),
            Assessment.ruleset.source.as_alias("source"),
        )
        .where(Assessment.case == case)
        .order_by(Assessment.id, ascending=False)
        .output(load_json=True)
        .first()
    )


async def seen(case: Mapping[str, Any], by: Identity) -> dict[str, Any] | None:
    """The last assessment on `case` (its row), where `by` may see the answer already."""
    if not jurisdiction.answer_is_open(by.role, State(case["state"])):
        return None
    return await latest(case["id"])
