"""The way of a case over the four desks, and the list of what happened to it, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.domain import jurisdiction
from portal.domain.declarations import DocumentKind
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State
from portal.services.cases.history import EDITS, Entry, Visit
from portal.texts import gettext, ngettext
from portal.web.formats import digits, listed
from portal.web.words import error_messages, labels
from portal.web.words.declared import slot_label

KINDS = {
    EventKind.CASE_RETURNED: "bad",
    EventKind.DOCUMENT_REFUSED: "bad",
    EventKind.SIGNATURE_REFUSED: "bad",
    EventKind.CASE_WITHDRAWN: "plain",
    EventKind.DECISION_SIGNED: "good",
    EventKind.LETTER_SEALED: "good",
    EventKind.CASE_CONFIRMED: "good",
}


WITHIN = timedelta(hours=1)
"""What one person does to files and values in this time is told as one entry."""

WIDEST = 12
"""The parts of the longest stay; the others are drawn in proportion to it (static/css/components/signs.css)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stay at an office as the way draws it: `width` in parts of `WIDEST`, `lap` 0 before it comes there."""

    label: str
    days: str
    lap: int
    status: str
    width: int


def steps(way: list[Visit]) -> list[Step]:
    """The stays for the component that draws the way."""
    longest = max((each.lay.days for each in way), default=0) or 1
    return [
        Step(labels.label(each.role), _days(each), each.lap, each.status, max(1, each.lay.days * WIDEST // longest))
        for each in way
    ]


def _days(visit: Visit) -> str:
    """How many days a stay has lasted; empty for one to come."""
    if visit.status == "todo":
        return ""
    if not visit.lay.days:
        return gettext("today") if visit.status == "now" else gettext("same day")
    return ngettext("%(n)s day", "%(n)s days", visit.lay.days, n=digits(visit.lay.days))


def timeline(entries: Iterable[Entry], state: State, role: Role) -> list[dict[str, Any]]:
    """What happened to a case in `state`, the last first, as `role` may read it; editing is told in groups."""
    told = [_told(group, state, role) for run in _runs(entries) for group in _by_kind(run)]
    return told[::-1]


def _runs(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Entries that follow one another; what one person edits within the hour stands together."""
    runs: list[list[Entry]] = []
    for entry in entries:
        first = runs[-1][0] if runs else None
        if first and {first.kind, entry.kind} <= EDITS and first.who == entry.who and entry.at - first.at <= WITHIN:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _by_kind(run: list[Entry]) -> list[list[Entry]]:
    kinds: dict[EventKind, list[Entry]] = {}
    for entry in run:
        kinds.setdefault(entry.kind, []).append(entry)
    return list(kinds.values())


def _told(group: list[Entry], state: State, role: Role) -> dict[str, Any]:
    entry = group[-1]
    is_open = jurisdiction.entry_is_open(entry.kind, role, state)  # a reason is read with the answer, too
    notes = [note for each in group if (note := _note_of(each))] if is_open else []
    return {
        "when": entry.at,
        "what": _counted(entry.kind, len(group)),
        "who": _who(entry),
        "note": notes[0] if len(group) == 1 and notes else None,
        "parts": notes if len(group) > 1 else [],
        "kind": KINDS.get(entry.kind, "here"),
        "receipt": entry.position if entry.is_signed and is_open else None,
    }


def _who(entry: Entry) -> str:
    """Name, title and place; nobody signs what the portal does by itself."""
    who = listed((entry.name, entry.title)) + (f" ({entry.place})" if entry.place else "")
    return who or gettext("The portal")


def _counted(kind: EventKind, count: int) -> str:
    """What happened, with how often where that is more than once."""
    if count == 1:
        return labels.label(kind)
    n = digits(count)
    match kind:
        case EventKind.DOCUMENT_ADDED:
            return ngettext("%(n)s document uploaded", "%(n)s documents uploaded", count, n=n)
        case EventKind.DOCUMENT_WITHDRAWN:
            return ngettext("%(n)s document removed", "%(n)s documents removed", count, n=n)
        case EventKind.DOCUMENT_REFUSED:
            return ngettext("%(n)s file not accepted", "%(n)s files not accepted", count, n=n)
        case _:
            return gettext("%(what)s (%(n)s times)", what=labels.label(kind), n=n)


def _note_of(entry: Entry) -> str | None:
    if entry.kind in (EventKind.DOCUMENT_ADDED, EventKind.DOCUMENT_WITHDRAWN) and entry.items:
        return slot_label((DocumentKind(entry.items[0]["kind"]), entry.items[0]["year"]))
    if entry.kind is EventKind.DOCUMENT_REFUSED:
        return _refusal_of(entry.values)
    if entry.kind is EventKind.ATTESTATION_GIVEN:
        verdicts = [each["verdict"] for each in entry.values["verdicts"].values()]
        good = sum(each == "authentic" for each in verdicts)
        return gettext("%(good)s authentic, %(bad)s not accepted", good=digits(good), bad=digits(len(verdicts) - good))
    if entry.kind is EventKind.LETTER_SEALED:
        return gettext("with a time stamp") if entry.values["is_stamped"] else None
    if entry.kind in (EventKind.CASE_CONFIRMED, EventKind.LETTER_SCANNED):
        return gettext("Letter %(number)s", number=digits(entry.values["letter_number"]))
    if entry.kind is EventKind.CASE_TAKEN and entry.values["from"]:
        return gettext("from %(name)s", name=entry.values["from"])
    return entry.values.get("reason") or None


def _refusal_of(values: dict[str, Any]) -> str:
    """Which file was refused, and why."""
    place = slot_label((DocumentKind(values["kind"]), values["year"]))
    why = error_messages.refusal(values["reason_code"], values["facts"])
    return gettext("%(document)s, “%(name)s”: %(why)s", document=place, name=values["filename"], why=why)
