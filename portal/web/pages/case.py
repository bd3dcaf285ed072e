"""What the page of a case shows, gathered from its dossier, its acts and its history."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from portal.domain import documents, permissions, persian
from portal.domain.declarations import Declaration, DocumentKind
from portal.domain.dossiers import Dossier, lead
from portal.domain.eligibility import Eligibility
from portal.domain.errors import NotFound
from portal.domain.lifecycle import FINAL, WAITS_FOR, Act, Role, State, Verdict
from portal.domain.seals import SealState
from portal.sandbox import inspection, scanner
from portal.services.cases import access_log, assessments, assignments, decisions, eligibility, history
from portal.services.cases.eligibility import Standing
from portal.services.documents import uploads
from portal.services.identity.identity import Identity
from portal.services.letters import notices, seals
from portal.services.rulesets import versions
from portal.tables.acts import Confirmation, Return
from portal.web.pages import places, scorecard
from portal.web.pages import preview as score_preview
from portal.web.pages.checklist import Item, checklist
from portal.web.pages.facts import Facts, facts
from portal.web.pages.timeline import Step, steps, timeline
from portal.web.words import labels
from portal.web.words.cross_check_messages import waiting
from portal.web.words.declared import changes, declared

PRIMARY = (
    Act.SUBMISSION,
    Act.ATTESTATION,
    Act.CONFIRMATION,
    Act.ASSESSMENT,
    Act.DECISION,
    Act.SIGNATURE,
    Act.RETURN,
    Act.REFUSAL,
    Act.WITHDRAWAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    template: ClassVar = "case/show.html"
    case: Mapping[str, Any]
    declaration: Declaration
    since: date
    declared: list[tuple[str, str]]
    places: list[places.Place]
    waiting: Mapping[str, Any] | None
    checklist: list[Item]
    facts: Facts | None
    authentic: int
    unfinished: Mapping[str, list[dict[str, Any]]]
    buttons: list[tuple[Act, str, bool]]
    mine: bool
    hand: Mapping[str, Any] | None
    way: list[Step]
    timeline: list[dict[str, Any]]
    readers: bool
    preview: Mapping[str, Any] | None
    assessment: Mapping[str, Any] | None
    card: Mapping[str, Any] | None
    decision: Mapping[str, Any] | None
    notice: Mapping[str, Any] | None
    seal: SealState | None  # of the letter, once there is one
    confirmation: Mapping[str, Any] | None
    sent_back: Mapping[str, Any] | None
    can_add: bool
    changes: list[str]
    checks: Mapping[str, Any]
    drawn: UUID
    errors: Mapping[str, str] = field(default_factory=dict)


async def context(dossier: Dossier, by: Identity, now: datetime) -> CasePage:
    """The page of the case of `dossier`, as `by` sees it."""
    case, state = dossier.case, dossier.state
    acts = permissions.acts_of(by.role, state)
    entries = await history.of_case(dossier.number, by)
    standing = None if state in FINAL else await eligibility.standing(case, dossier.declaration, now)
    assessment = await assessments.seen(case, by) if case["confirmed_at"] else None
    decision = await decisions.seen(case, by) if state in (State.DECIDED, State.NOTIFIED) else None
    notice = await _notice(case["id"]) if state is State.NOTIFIED else None
    scored = by.role is Role.MUNICIPALITY and state is not State.NOTIFIED
    remarks = standing.remarks if standing else ()
    rows = places.places(dossier, now, editing=Act.DOCUMENT in acts, remarks=remarks)
    waits = _waiting(standing, now) if Act.SUBMISSION in acts else None
    return CasePage(
        case=case,
        declaration=dossier.declaration,
        since=persian.tehran_date(case["since"]),
        declared=declared(dossier) if dossier.declaration != Declaration() else [],
        places=rows,
        waiting=waits,
        checklist=checklist(dossier, rows, waits) if Act.SUBMISSION in acts else [],
        facts=facts(dossier.declaration.as_dict(), assessment, decision) if assessment else None,
        authentic=sum(each.verdict is Verdict.AUTHENTIC for each in dossier.documents),
        unfinished=await unfinished(dossier, now) if Act.DOCUMENT in acts else defaultdict(list),
        buttons=buttons(acts, dossier, standing.eligibility if standing else None, now),
        mine=WAITS_FOR[state] is by.role,
        hand=await assignments.holder(case["id"], now) if case["desk"] else None,
        way=steps(history.way(entries, state, now)),
        timeline=timeline(entries, state, by.role),
        readers=by.role in access_log.READERS,
        preview=await preview(dossier, now) if scored else None,
        assessment=assessment,
        card=_card(assessment) if assessment else None,
        decision=decision,
        notice=notice,
        seal=seals.state(await seals.current(notice)) if notice else None,
        confirmation=await _last(Confirmation, case["id"]),
        sent_back=await _last(Return, case["id"]) if state in (State.RETURNED, State.SUBMITTED) else None,
        can_add=Act.DOCUMENT in acts and documents.is_editable(dossier, None, (DocumentKind.OTHER, None)),
        changes=changes(dossier),
        checks={"scanned": scanner.is_asked(), "weakness": inspection.weakness()},
        drawn=uuid4(),
    )


def _waiting(standing: Standing | None, now: datetime) -> Any:
    return waiting(standing.eligibility, persian.tehran_date(now)) if standing else None


async def unfinished(dossier: Dossier, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Uploads of a case that can go on, by the name of their slot: the newest of each.

    One whose file has come in another way is left to expire.
    """
    here = {held.row["sha256"] for held in dossier.documents}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await uploads.unfinished(dossier.case["id"], now=now):
        slot = places.slot_name(row["kind"], row["year"])
        if row["sha256"] not in here and (slot == DocumentKind.OTHER or not found[slot]):
            found[slot].append(row)
    return found


def _card(assessment: dict[str, Any]) -> dict[str, Any]:
    return scorecard.card(assessment["explanation"], versions.parsed(assessment["source"]))


async def _notice(case: int) -> dict[str, Any] | None:
    try:
        return await notices.of_case(case)
    except NotFound:
        return None


async def _last(table: Any, case: int) -> dict[str, Any] | None:
    row: dict[str, Any] | None = (
        await table.select().where(table.case == case).order_by(table.id, ascending=False).first()
    )
    return row


def buttons(
    acts: tuple[Act, ...], dossier: Dossier, eligible: Eligibility | None, now: datetime
) -> list[tuple[Act, str, bool]]:
    """Act, name and whether it can be done at once, the main one first. Drawn from the table that guards them."""
    able = {
        Act.SUBMISSION: dossier.is_complete() and (eligible is None or eligible.is_reached(persian.tehran_date(now))),
        Act.CONFIRMATION: dossier.is_attested(),
    }
    first = lead(dossier)
    offered = sorted((act for act in PRIMARY if act in acts), key=lambda act: act is not first)
    return [(act, labels.label(act), able.get(act, True)) for act in offered]


async def preview(dossier: Dossier, now: datetime) -> dict[str, Any] | None:
    """What the declaration would score, or None while inputs are missing."""
    return await score_preview.score(dossier.declaration, dossier.case, now)
