"""The one writer of the append-only journal (a Merkle tree as of RFC 9162)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.domain import events, merkle
from portal.domain.errors import NotFound
from portal.domain.events import Kind
from portal.domain.persian import fold_digits
from portal.tables.events import Event, JournalHead, JournalNode


def node_id(level: int, index: int) -> int:
    """The key of the subtree over leaves index·2^level … (index + 1)·2^level − 1."""
    return level << 56 | index


async def append(
    kind: Kind,
    of: Mapping[str, Any],
    *,
    at: datetime,
    person: str | None,
    factor: Mapping[str, Any] | None = None,
    produced: Mapping[str, Any] | None = None,
) -> int:
    """Append the event whose intent is `of`; the journal stays locked until the transaction ends.

    Call it last inside the transaction of the act: lock order is case, person, journal, and nothing may call
    the store or the network afterwards. Costs O(log n), whatever the journal's size.

    Returns:
        The event's position: its leaf index, from 0.
    """
    head = (await JournalHead.select().where(JournalHead.id == 1).lock_rows("UPDATE"))[0]
    position: int = head["size"]
    text = events.canonical(events.statement(of, kind=kind, at=at, factor=factor, position=position, produced=produced))
    leaf = merkle.leaf_hash(text)
    frontier, nodes = merkle.Frontier(position, tuple(head["peaks"])).append(leaf)
    await Event.insert(
        Event(
            position=position,
            kind=kind,
            subject_type=of["subject"]["type"],
            subject=of["subject"]["id"],
            person=person,
            at=at,
            nonce=of["nonce"],
            statement=text.decode(),
            leaf=leaf,
        )
    )
    await JournalNode.insert(*(JournalNode(id=node_id(level, index), hash=each) for level, index, each in nodes))
    await JournalHead.update({JournalHead.size: frontier.size, JournalHead.peaks: list(frontier.peaks)}).where(
        JournalHead.id == 1
    )
    return position


PAGE = 25


async def listing(*, subject: str, before: int | None) -> dict[str, Any]:
    """A page of the journal, the newest first: `rows`, and `older` to go on with; `subject` is a case's number."""
    query = Event.select(Event.position, Event.kind, Event.subject, Event.subject_type, Event.at, Event.statement)
    if subject:
        query = query.where(Event.subject == fold_digits(subject))
    if before is not None:
        query = query.where(Event.position < before)
    rows = await query.order_by(Event.position, ascending=False).limit(PAGE + 1)
    for row in rows:
        row["signer"] = json.loads(row.pop("statement"))["intent"]["signer"]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return {"rows": rows, "older": rows[-1]["position"] if more else None}


async def entry(position: int) -> dict[str, Any]:
    """The event at `position`.

    Raises:
        NotFound.
    """
    row = await Event.select().where(Event.position == position).first()
    if row is None:
        raise NotFound("entry")
    return row


def is_intact(row: Mapping[str, Any]) -> bool:
    """Whether the statement's bytes still give the leaf that was written with them."""
    return bool(merkle.leaf_hash(row["statement"].encode()) == row["leaf"])
