"""The Organization scores a confirmed case under a named version of a rule set."""

from collections.abc import Collection, Mapping
from typing import Any

from portal.domain import grading, jurisdiction
from portal.domain.declarations import Declaration
from portal.domain.dossiers import Dossier
from portal.domain.errors import Invalid
from portal.domain.events import EventKind
from portal.domain.grading import Explanation
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.services.signing.signoffs import Prepared, Signed
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


def facts(standing: Mapping[str, Any] | None) -> dict[str, Any]:
    """The assessment that a new one takes the place of (`latest`), as the page shows it."""
    return {"supersedes": standing["event"]} if standing else {}


async def prepare(dossier: Dossier, *, by: Identity, ruleset: str, note: str) -> Prepared[None]:
    """The score of the submitted declaration; the last assessment counts. `ruleset` is a digest or an id.

    The version in force on the day of submission applies; another one is scored under with a reason, in the note.

    Raises:
        Forbidden, Conflict.
        Invalid: no such published rule set, it cannot score this declaration, or its reason is missing.
    """
    published = await versions.published()
    version = versions.named_in(published, ruleset)
    if version is None:
        raise Invalid({"ruleset": "unknown-ruleset"})
    explanation = _explained(dossier.declaration, version)
    applicable = versions.in_force_of(published, dossier.case["submitted_at"])
    if applicable and version["digest"] != applicable["digest"] and not note:
        raise Invalid({"note": "another-ruleset-needs-reason"})
    told = explanation.as_dict()

    async def write(signed: Signed, to: State) -> None:
        await cases.move(dossier.case, to, by=by, now=signed.now)
        event = await signed.record(EventKind.CASE_ASSESSED)
        await Assessment(
            case=dossier.case["id"],
            declaration=dossier.declaration_id,
            ruleset=version["digest"],
            total=explanation.total,
            grade=str(explanation.grade),
            explanation=told,
            note=note,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    values = {"ruleset": version["digest"], "official": version["official"], "note": note, "explanation": told}
    return signing.prepare(dossier, Act.ASSESSMENT, by, write, values, facts(await latest(dossier.case["id"])))


def _explained(declaration: Declaration, version: dict[str, Any]) -> Explanation:
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


async def grades(cases: Collection[int]) -> dict[int, str]:
    """The last computed grade of each of the cases with these row ids that was assessed."""
    rows = (
        await Assessment.select(Assessment.case, Assessment.grade)
        .where(Assessment.case.is_in(list(cases)))
        .order_by(Assessment.id)
    )
    return {row["case"]: row["grade"] for row in rows}


async def seen(case: Mapping[str, Any], by: Identity) -> dict[str, Any] | None:
    """The last assessment on `case` (its row), where `by` may see the answer already."""
    if not jurisdiction.answer_is_open(by.role, State(case["state"])):
        return None
    return await latest(case["id"])
