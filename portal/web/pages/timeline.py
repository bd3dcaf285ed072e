"""The way of a case over the four desks, and the list of what happened to it, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import jurisdiction, persian
from portal.domain.declarations import DocumentKind
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State
from portal.services.cases.history import Desk, Entry
from portal.texts import gettext, ngettext
from portal.web.formats import day, digits, listed
from portal.web.words import error_messages, labels
from portal.web.words.declared import slot_label

KINDS = {
    EventKind.CASE_RETURNED: "bad",
    EventKind.DOCUMENT_REFUSED: "bad",
    EventKind.SIGNATURE_REFUSED: "bad",
    EventKind.CASE_WITHDRAWN: "plain",
    EventKind.DECISION_SIGNED: "good",
    EventKind.CASE_CONFIRMED: "good",
}


@dataclass(frozen=True, slots=True)
class Step:
    office: Role
    label: str
    note: str
    status: str


def steps(way: list[Desk], state: State, since: datetime, now: datetime) -> list[Step]:
    """The four desks for the component that draws the way."""
    return [Step(each.role, labels.label(each.role), _note(each, state, since, now), each.status) for each in way]


def _note(desk: Desk, state: State, since: datetime, now: datetime) -> str:
    if desk.status == "now":
        return gettext("%(state)s, since %(day)s", state=labels.label(state), day=day(persian.tehran_date(since)))
    if desk.lay is None:
        return ""
    days = desk.lay.days
    if not days:
        return gettext("stayed here for less than a day")
    return ngettext("stayed here for %(n)s day", "stayed here for %(n)s days", days, n=digits(days))


def timeline(entries: Iterable[Entry], state: State, role: Role) -> list[dict[str, Any]]:
    """What happened to a case in `state`, the last first, as `role` may read it."""
    return [_told(entry, state, role) for entry in reversed(list(entries))]


def _told(entry: Entry, state: State, role: Role) -> dict[str, Any]:
    who = listed((entry.name, entry.title)) + (f" ({entry.place})" if entry.place else "")
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
    if entry.kind in (EventKind.DOCUMENT_ADDED, EventKind.DOCUMENT_WITHDRAWN) and entry.items:
        return slot_label((DocumentKind(entry.items[0]["kind"]), entry.items[0]["year"]))
    if entry.kind is EventKind.DOCUMENT_REFUSED:
        return _refusal_of(entry.values)
    if entry.kind is EventKind.ATTESTATION_GIVEN:
        verdicts = [each["verdict"] for each in entry.values["verdicts"].values()]
        good = sum(each == "authentic" for each in verdicts)
        return gettext("%(good)s authentic, %(bad)s not accepted", good=digits(good), bad=digits(len(verdicts) - good))
    if entry.kind is EventKind.CASE_CONFIRMED:
        return gettext("Letter %(number)s", number=digits(entry.values["letter_number"]))
    if entry.kind is EventKind.CASE_TAKEN and entry.values["from"]:
        return gettext("from %(name)s", name=entry.values["from"])
    return entry.values.get("reason") or None


def _refusal_of(values: dict[str, Any]) -> str:
    """Which file was refused, and why."""
    place = slot_label((DocumentKind(values["kind"]), values["year"]))
    why = error_messages.refusal(values["reason_code"], values["facts"])
    return gettext("%(document)s, “%(name)s”: %(why)s", document=place, name=values["filename"], why=why)
