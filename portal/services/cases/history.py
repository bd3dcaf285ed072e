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

    @property
    def who(self) -> tuple[str, str, str]:
        """The person as the statement names them: name, title, place."""
        return self.name, self.title, self.place


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay of the case at an office: the `lap`-th there, `lay` long so far; `status` done, now or todo.

    One to come has the lap 0 and no length.
    """

    role: Role
    status: str
    lap: int
    lay: timedelta


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


def way(entries: list[Entry], state: State, now: datetime) -> list[Visit]:
    """Every stay of the case at an office in its order, then the offices that are still before it."""
    stays = _stays(entries, now)
    current = WAITS_FOR[state]
    last = WAY[-1] if state is State.NOTIFIED else current or WAY[0]
    laps: dict[Role, int] = {}
    visits = []
    for at, (role, lay) in enumerate(stays, 1):
        laps[role] = laps.get(role, 0) + 1
        visits.append(Visit(role, "now" if current and at == len(stays) else "done", laps[role], lay))
    return visits + [Visit(role, "todo", 0, timedelta()) for role in WAY[WAY.index(last) + 1 :]]


def _stays(entries: list[Entry], now: datetime) -> list[tuple[Role, timedelta]]:
    """Office after office with the time that the case lay there; two states of one office are one stay."""
    turns: list[tuple[Role | None, datetime]] = []
    for each in entries:
        if each.after and (not turns or turns[-1][0] is not WAITS_FOR[each.after]):
            turns.append((WAITS_FOR[each.after], each.at))
    ends = [at for _, at in turns[1:]] + [now]
    return [(role, end - at) for (role, at), end in zip(turns, ends, strict=True) if role]
