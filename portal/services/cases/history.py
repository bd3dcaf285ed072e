"""What happened to a case, read from its own events: the way over the four desks, and the list of acts."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.domain.events import EventKind
from portal.domain.lifecycle import WAITS_FOR, WAY, Role, State
from portal.services.identity.identity import Identity
from portal.tables.events import Event

EDITS = frozenset(
    {EventKind.DECLARATION_SAVED, EventKind.DOCUMENT_ADDED, EventKind.DOCUMENT_WITHDRAWN, EventKind.DOCUMENT_REFUSED}
)
"""What a municipality does before it sends: offices see the result, not the editing."""
MOST = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: who did what, when, and the values that were typed."""

    position: int
    kind: EventKind
    at: datetime
    name: str
    title: str
    place: str
    before: State | None
    after: State | None
    values: dict[str, Any]
    items: list[dict[str, Any]]
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """An office on the way: `lay` is how long the case has lain there so far, `status` done, now or todo."""

    role: Role
    status: str
    lay: timedelta | None


async def of_case(number: str, by: Identity) -> list[Entry]:
    """The events of case `number`, the first one first, as far as they concern `by`."""
    rows = (
        await Event.select(Event.position, Event.kind, Event.at, Event.statement)
        .where((Event.subject == number) & (Event.subject_type == "case"))
        .order_by(Event.position, ascending=False)
        .limit(MOST)
    )
    entries = [entry for row in reversed(rows) if (entry := _entry(row))]
    whole = by.role in (Role.MUNICIPALITY, Role.AUDITOR)
    return [each for each in entries if whole or each.kind not in EDITS]


def _entry(row: dict[str, Any]) -> Entry | None:
    """The event of `row`; None for one whose statement was tampered with: the auditor's page shows that."""
    try:
        return _read(row)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _read(row: dict[str, Any]) -> Entry:
    statement = json.loads(row["statement"])
    intent = statement["intent"]
    signer, state = intent["signer"], intent["state"]
    return Entry(
        position=row["position"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        name=signer.get("name", ""),
        title=signer.get("title", ""),
        place=signer.get("place", {}).get("name", ""),
        before=State(state["before"]) if state["before"] else None,
        after=State(state["after"]) if state["after"] else None,
        values=intent["values"],
        items=intent["items"],
        is_signed=statement["record"]["factor"] is not None,
    )


def way(entries: list[Entry], state: State, now: datetime) -> list[Desk]:
    """The four desks: where the case stands, and how long it lay at each."""
    lay: dict[Role, timedelta] = {}
    here, since = None, now
    for entry in entries:
        if entry.after is None or (entry.before is entry.after and here is not None):
            continue
        if here is not None:
            lay[here] = lay.get(here, timedelta()) + (entry.at - since)
        here, since = WAITS_FOR[entry.after], entry.at
    if here is not None:
        lay[here] = lay.get(here, timedelta()) + (now - since)
    current = WAITS_FOR[state]
    passed = len(WAY) if current is None and state is State.NOTIFIED else WAY.index(current) if current else 0
    return [Desk(role, _status(index, passed, current), lay.get(role)) for index, role in enumerate(WAY)]


def _status(index: int, passed: int, current: Role | None) -> str:
    if current is not None and index == passed:
        return "now"
    return "done" if index < passed else "todo"
