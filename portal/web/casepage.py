"""What the page of a case shows, gathered from its dossier, its acts and its history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from portal.domain import documents, jurisdiction, permissions, persian
from portal.domain.cross_checks import Remark
from portal.domain.declarations import Declaration, Kind, Slot, required_slots
from portal.domain.dossiers import CurrentDocument, Dossier, lead
from portal.domain.eligibility import Eligibility
from portal.domain.errors import NotFound
from portal.domain.events import Kind as Event
from portal.domain.lifecycle import FINAL, WAITS_FOR, Act, Role, State, Verdict
from portal.sandbox import inspection, scanner
from portal.services.cases import access_log, assessments, assignments, decisions, eligibility, history, notices
from portal.services.cases.history import Desk, Entry
from portal.services.documents import uploads
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.tables.acts import Confirmation, Return
from portal.texts import gettext
from portal.web import labels, previews, scorecards, sentences
from portal.web.remarks import by_slot, waiting
from portal.web.templating import day, digits, grouped, rials

UPLOADERS = frozenset({Act.DOCUMENT, Act.DOCUMENT_WITHDRAWAL})
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
KINDS = {
    Event.CASE_RETURNED: "bad",
    Event.DOCUMENT_REFUSED: "bad",
    Event.SIGNATURE_REFUSED: "bad",
    Event.CASE_WITHDRAWN: "plain",
    Event.DECISION_SIGNED: "good",
    Event.CASE_CONFIRMED: "good",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the documents' list: a slot, what fills it, and whether it can be changed now."""

    kind: Kind
    year: int | None
    held: CurrentDocument | None
    editable: bool
    required: bool
    remarks: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()  # other places that hold the very same bytes

    @property
    def label(self) -> str:
        return slot_label((self.kind, self.year))

    @property
    def slot_name(self) -> str:
        """The place's name for programs; every other document has one of its own."""
        if self.kind is Kind.OTHER and self.held:
            return f"other-{self.held.id}"
        return slot_name(self.kind, self.year)


@dataclass(frozen=True, slots=True)
class Step:
    office: Role
    label: str
    note: str
    status: str


def slot_label(slot: Slot) -> str:
    """The name of a place for a document, with the year of a settled budget."""
    kind, year = slot
    name = labels.label(kind)
    return f"{name} {digits(year)}" if year else name


def places(dossier: Dossier, *, editing: bool, remarks: Iterable[Remark] = ()) -> list[Place]:
    """Required places first, each with its document if there is one; then what else the case holds.

    Beside each stands what disagrees with the value that it proves.
    """
    told = by_slot(remarks)
    return [replace(each, remarks=tuple(told.get((each.kind, each.year), ()))) for each in _places(dossier, editing)]


def _places(dossier: Dossier, editing: bool) -> list[Place]:
    wanted = required_slots(dossier.declaration) if dossier.state not in (State.NOTIFIED, State.WITHDRAWN) else ()
    held = {each.slot: each for each in dossier.documents if each.slot[0] is not Kind.OTHER}
    rows = [_place(dossier, slot, held.get(slot), editing, True) for slot in wanted]
    rest = [each for each in dossier.documents if each.slot not in wanted or each.slot[0] is Kind.OTHER]
    return _with_twins(rows + [_place(dossier, each.slot, each, editing, False) for each in rest])


def slot_name(kind: str, year: int | None) -> str:
    """A slot as one word."""
    return f"{kind}-{year}" if year else kind


def _with_twins(rows: list[Place]) -> list[Place]:
    """Each place with the others that hold the same bytes: one scan sent twice is rarely meant."""
    by_digest: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        if row.held:
            by_digest[row.held.row["sha256"]].append(row)
    same = {id(row): group for group in by_digest.values() for row in group}
    return [replace(row, twins=tuple(each.label for each in same.get(id(row), ()) if each is not row)) for row in rows]


def _place(dossier: Dossier, slot: Slot, held: CurrentDocument | None, editing: bool, required: bool) -> Place:
    return Place(slot[0], slot[1], held, editing and documents.is_editable(dossier, held, slot), required)


async def context(dossier: Dossier, by: Identity, now: datetime) -> dict[str, Any]:
    """Everything `case/show.html` and its fragments need."""
    case, state = dossier.case, dossier.state
    acts = permissions.acts_of(by.role, state)
    entries = await history.of_case(dossier.number, by)
    standing = None if state in FINAL else await eligibility.standing(case, dossier.declaration, now)
    assessment = await assessments.seen(case, by) if case["confirmed_at"] else None
    decision = await decisions.seen(case, by) if state in (State.DECIDED, State.NOTIFIED) else None
    return {
        "dossier": dossier,
        "case": case,
        "declaration": dossier.declaration,
        "declared": declared(dossier),
        "places": places(dossier, editing=Act.DOCUMENT in acts, remarks=standing.remarks if standing else ()),
        "waiting": waiting(standing.eligibility, persian.tehran_date(now))
        if standing and Act.SUBMISSION in acts
        else None,
        "authentic": sum(each.verdict is Verdict.AUTHENTIC for each in dossier.documents),
        "unfinished": await unfinished(dossier, now) if Act.DOCUMENT in acts else defaultdict(list),
        "acts": acts,
        "buttons": buttons(acts, dossier, standing.eligibility if standing else None, now),
        "mine": WAITS_FOR[state] is by.role,
        "hand": await assignments.holder(case["id"], now) if case["desk"] else None,
        "way": steps(history.way(entries, state, now), state, case["since"], now),
        "timeline": [_told(entry, state, by.role) for entry in reversed(entries)],
        "readers": by.role in access_log.READERS,
        "preview": await preview(dossier, now)
        if by.role is Role.MUNICIPALITY and state is not State.NOTIFIED
        else None,
        "assessment": assessment,
        "card": _card(assessment) if assessment else None,
        "decision": decision,
        "notice": await _notice(case["id"]) if state is State.NOTIFIED else None,
        "confirmation": await _last(Confirmation, case["id"]),
        "sent_back": await _last(Return, case["id"]) if state in (State.RETURNED, State.SUBMITTED) else None,
        "missing": missing(dossier) if Act.SUBMISSION in acts else [],
        "declaration_open": state is State.DRAFT or "declaration" in dossier.reopened,
        "can_add": Act.DOCUMENT in acts and documents.is_editable(dossier, None, (Kind.OTHER, None)),
        "changes": changes(dossier),
        "checks": {"scanned": scanner.is_asked(), "weakness": inspection.weakness()},
        "drawn": uuid4(),
    }


async def unfinished(dossier: Dossier, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Uploads of a case that can go on, by the name of their slot: the newest of each.

    One whose file has come in another way is left to expire.
    """
    here = {held.row["sha256"] for held in dossier.documents}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await uploads.unfinished(dossier.case["id"], now=now):
        slot = slot_name(row["kind"], row["year"])
        if row["sha256"] not in here and (slot == Kind.OTHER or not found[slot]):
            found[slot].append(row)
    return found


def _card(assessment: dict[str, Any]) -> dict[str, Any]:
    return scorecards.card(assessment["explanation"], versions.parsed(assessment["source"]))


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


def missing(dossier: Dossier) -> list[str]:
    """What a submission still needs, in words."""
    rejected = [held.slot for held in dossier.rejected()]
    return in_words({"fields": dossier.declaration.missing(), "slots": dossier.missing_slots(), "rejected": rejected})


def in_words(facts: Mapping[str, Any]) -> list[str]:
    """The fields and documents that a refusal names as missing, in words."""
    fields = [labels.field_label(name) for name in facts.get("fields", ())]
    slots = [slot_label(slot) for slot in facts.get("slots", ())]
    refused = [
        gettext("%(document)s: not accepted, send it again", document=slot_label(slot))
        for slot in facts.get("rejected", ())
    ]
    return fields + slots + refused


def declared(dossier: Dossier) -> list[tuple[str, str]]:
    """Names and values of the declaration of `dossier`, in words."""
    return declared_values(dossier.declaration)


def declared_values(d: Declaration) -> list[tuple[str, str]]:
    """Names and values of a declaration, in words."""
    rows = [
        (labels.field_label("current_grade"), grade_text(d.current_grade)),
        (labels.field_label("current_grade_notified_on"), day(d.current_grade_notified_on)),
        (labels.field_label("requested_grade"), grade_text(d.requested_grade)),
        (labels.field_label("census_year"), digits(d.census_year) if d.census_year else "—"),
        (
            labels.field_label("population"),
            gettext("%(n)s persons", n=grouped(d.population)) if d.population is not None else "—",
        ),
        (labels.field_label("division"), labels.label(d.division) if d.division else "—"),
    ]
    rows += [
        (
            gettext("Settled budget of %(year)s", year=digits(year) if year else "—"),
            rials(amount) if amount is not None else "—",
        )
        for year, amount in d.settled
    ]
    return rows


def grade_text(grade: int | None) -> str:
    """A grade as people read it: none yet, a dash for unsaid."""
    if grade is None:
        return "—"
    return gettext("Grade %(grade)s", grade=digits(grade)) if grade else gettext("No grade yet")


def proven(held: CurrentDocument) -> str:
    """The declared value that a document proves, in words; empty for none."""
    return proven_values(held.slot[0], held.proves)


def proven_values(kind: Kind, values: Mapping[str, Any]) -> str:
    """What a document of this kind proves, in words; `values` as its statement names them."""
    match kind:
        case Kind.LAST_GRADE:
            notified = values["current_grade_notified_on"]
            text = grade_text(values["current_grade"])
            if not notified:
                return text
            return gettext(
                "%(grade)s, notified on %(day)s", grade=text, day=day(datetime.fromisoformat(notified).date())
            )
        case Kind.CENSUS if values["population"] is not None:
            return gettext(
                "%(n)s persons, census of %(year)s",
                n=grouped(values["population"]),
                year=digits(values["census_year"] or "—"),
            )
        case Kind.JUSTIFICATION:
            return gettext("Request for %(grade)s", grade=grade_text(values["requested_grade"]))
        case Kind.SETTLEMENT if values["settled_amount"] is not None:
            return rials(int(values["settled_amount"]))
    return ""


def changes(dossier: Dossier) -> list[str]:
    """What differs from what the office saw last, in words; empty before a second submission."""
    if dossier.before is None:
        return []
    old, new = dossier.before.as_dict(), dossier.declaration.as_dict()
    fields = [labels.field_label(name) for name in new if old[name] != new[name]]
    return fields + [slot_label(each.slot) for each in dossier.documents if each.changed]


def steps(way: list[Desk], state: State, since: datetime, now: datetime) -> list[Step]:
    """The four desks for the component that draws the way."""
    return [Step(each.role, labels.label(each.role), _note(each, state, since, now), each.status) for each in way]


def _note(desk: Desk, state: State, since: datetime, now: datetime) -> str:
    if desk.status == "now":
        return gettext("%(state)s, since %(day)s", state=labels.label(state), day=day(persian.tehran_date(since)))
    if desk.lay is None:
        return ""
    days = desk.lay.days
    return gettext("lay here for %(n)s days", n=digits(days)) if days else gettext("lay here for less than a day")


async def preview(dossier: Dossier, now: datetime) -> dict[str, Any] | None:
    """What the declaration would score, or None while inputs are missing."""
    return await previews.score(dossier.declaration, dossier.case, now)


def _told(entry: Entry, state: State, role: Role) -> dict[str, Any]:
    who = entry.name + (f"، {entry.title}" if entry.title else "") + (f" ({entry.place})" if entry.place else "")
    is_open = jurisdiction.entry_is_open(entry.kind, role, state)  # a reason is read with the answer, too
    return {
        "when": entry.at,
        "what": labels.label(entry.kind),
        "who": who,
        "note": _note_of(entry) if is_open else None,
        "kind": KINDS.get(entry.kind, "here"),
        "receipt": entry.position if entry.is_signed and is_open else None,
    }


def _note_of(entry: Entry) -> str | None:
    if entry.kind in (Event.DOCUMENT_ADDED, Event.DOCUMENT_WITHDRAWN) and entry.items:
        return slot_label((Kind(entry.items[0]["kind"]), entry.items[0]["year"]))
    if entry.kind is Event.DOCUMENT_REFUSED:
        return _refusal_of(entry.values)
    if entry.kind is Event.ATTESTATION_GIVEN:
        verdicts = [each["verdict"] for each in entry.values["verdicts"].values()]
        good = sum(each == "authentic" for each in verdicts)
        return gettext("%(good)s authentic, %(bad)s not accepted", good=digits(good), bad=digits(len(verdicts) - good))
    if entry.kind is Event.CASE_CONFIRMED:
        return gettext("Letter %(number)s", number=digits(entry.values["letter_number"]))
    if entry.kind is Event.CASE_TAKEN and entry.values["from"]:
        return gettext("from %(name)s", name=entry.values["from"])
    return entry.values.get("reason") or None


def _refusal_of(values: dict[str, Any]) -> str:
    """Which file was refused, and why."""
    place = slot_label((Kind(values["kind"]), values["year"]))
    why = sentences.refusal(values["reason_code"], values["facts"])
    return gettext("%(document)s, “%(name)s”: %(why)s", document=place, name=values["filename"], why=why)
