"""The one writer of the append-only journal (a Merkle tree as of RFC 9162), and the proofs over it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4

from portal.domain import events, merkle, signatures
from portal.domain.errors import DomainError, NotFound, Unavailable
from portal.domain.events import EventKind
from portal.domain.merkle import Frontier, Place
from portal.domain.signed_notes import Signer
from portal.services.journal import keys
from portal.tables.events import Event, JournalNode, SigningBegins

INCOMPLETE = partial(Unavailable, "journal-incomplete")
LOCK = 0x6461_7261_6A65  # the advisory lock that whoever appends holds until its transaction ends

# Every bit that is set in the size has its complete subtree; each is one look-up by primary key.
_FRONTIER = """
WITH head AS (SELECT coalesce(max(position) + 1, 0) AS size FROM events)
SELECT head.size, ARRAY(
    SELECT (SELECT n.hash FROM journal_nodes n WHERE n.id = (level::bigint << 56) | ((head.size >> level) - 1))
    FROM generate_series(55, 0, -1) AS level WHERE (head.size >> level) & 1 = 1 ORDER BY level DESC
) AS peaks, (
    SELECT e.leaf FROM events e WHERE e.subject = 'key' AND e.subject_type = 'journal' ORDER BY e.position DESC LIMIT 1
) AS change, {} <> '' AND EXISTS (SELECT 1 FROM events e WHERE e.nonce >= {} AND e.nonce < {}) AS is_drawn FROM head
"""
_WRITE = """
WITH leaf AS (
    INSERT INTO events (position, kind, subject_type, subject, person, at, nonce, statement, leaf)
    VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})
) INSERT INTO journal_nodes (id, hash) SELECT * FROM unnest({}::bigint[], {}::bytea[])
"""


class Repeated(DomainError):
    """An intent that begins as this one does stands in the journal already: nothing is appended."""

    def __init__(self) -> None:
        super().__init__("repeated")


@dataclass(frozen=True, slots=True)
class Head:
    """The journal as it is: its tree, the leaf of the last change of its keys, and whether a nonce begins `drawn`."""

    frontier: Frontier
    change: bytes | None
    is_drawn: bool


def node_id(level: int, index: int) -> int:
    """The key of the subtree over leaves index·2^level … (index + 1)·2^level − 1."""
    return level << 56 | index


async def append(
    kind: EventKind,
    of: Mapping[str, Any],
    *,
    at: datetime,
    person: str | None,
    factor: Mapping[str, Any] | None = None,
    produced: Mapping[str, Any] | None = None,
    signer: Signer | None = None,
    drawn: str = "",
    text: bytes | None = None,
) -> int:
    """Append the event whose intent is `of`, signed; the journal stays locked until the transaction ends.

    Call it last inside the transaction of the act: lock order is case, person, journal, and nothing may call
    the store or the network afterwards. Costs O(log n), whatever the journal's size. `signer` is the key that this
    very event brings into force; else the one in force signs. `drawn` are the hexadecimal digits with which only one
    nonce may begin, `text` is the canonical form of the intent where that is known.

    Returns:
        The event's position: its leaf index, from 0.

    Raises:
        Repeated: another nonce begins as `drawn`.
        Unavailable: the journal has no key, the portal does not hold it, or nodes of the tree are missing.
    """
    await lock()
    head = await _head(drawn)
    if head.is_drawn:
        raise Repeated
    before, position = head.frontier, head.frontier.size
    intent = events.canonical(of) if text is None else text
    about = {"kind": kind, "at": at, "factor": factor, "position": position, "produced": produced}
    record = events.record(hashlib.sha256(intent).hexdigest(), **about, root=before.root())  # type: ignore[arg-type]
    said = {"intent": intent, "record": events.canonical(record)}
    made = signatures.signature_of(events.joined(said), signer or await keys.in_force(head.change))
    statement = events.joined({**said, signatures.SIGNATURE: events.canonical(made)})
    leaf = merkle.leaf_hash(statement)
    _, nodes = before.append(leaf)
    subject = of["subject"]["type"], of["subject"]["id"]
    ids, hashes = [node_id(level, index) for level, index, _ in nodes], [each for _, _, each in nodes]
    row = (position, kind, *subject, person, at, of["nonce"], statement.decode(), leaf)
    await Event.raw(_WRITE, *row, ids, hashes)
    return position


class Author(Protocol):
    """Who does what is noted."""

    @property
    def id(self) -> UUID: ...

    def as_signer(self) -> dict[str, Any]: ...


def unsigned_intent(
    kind: EventKind,
    subject: tuple[str, str],
    *,
    by: Author | None,
    now: datetime,
    act: str | None = None,
    values: Mapping[str, Any] | None = None,
    state: tuple[str | None, str | None] = (None, None),
    items: Sequence[Mapping[str, Any]] = (),
    nonce: str | None = None,
) -> dict[str, Any]:
    """The intent of an event that nobody signs.

    `subject` is its type and id, `state` the one before and the one after; `by` None is whoever holds the machine;
    `act` is what the statement calls it, the kind where nothing is said.
    """
    before, after = state
    return events.intent(
        events.basis(act or kind, {"type": subject[0], "id": subject[1]}, before, items, {}),
        after=after,
        values=values or {},
        signer=by.as_signer() if by else {},
        nonce=nonce or uuid4().hex + uuid4().hex,
        expires=events.moment(now),
        meaning=events.MEANINGS.get(act or kind, events.MEANINGS.get(kind, "")),
    )


async def note(
    kind: EventKind,
    subject: tuple[str, str],
    *,
    by: Author | None,
    now: datetime,
    act: str | None = None,
    values: Mapping[str, Any] | None = None,
    state: tuple[str | None, str | None] = (None, None),
    items: Sequence[Mapping[str, Any]] = (),
    nonce: str | None = None,
) -> int:
    """Append an event that nobody signs; its position. The last thing an act does.

    Its arguments are those of `unsigned_intent`.

    Raises:
        Unavailable.
    """
    intent = unsigned_intent(
        kind, subject, by=by, now=now, act=act, values=values, state=state, items=items, nonce=nonce
    )
    return await append(kind, intent, at=now, person=str(by.id) if by else None)


async def lock() -> None:
    """Let nobody else append until the transaction ends."""
    await Event.raw("SELECT pg_advisory_xact_lock({})", LOCK)


async def holds(nonce: str) -> bool:
    """Whether the intent with this nonce stands in the journal."""
    return bool(nonce) and bool(await Event.exists().where(Event.nonce == nonce))


async def subject_of(nonce: str) -> str | None:
    """The id of what the intent with this nonce is about, if it stands in the journal."""
    row = await Event.select(Event.subject).where(Event.nonce == nonce).first()
    return row["subject"] if row else None


async def frontier() -> Frontier:
    """The journal as it is now: its size, and what is needed for its root.

    Raises:
        Unavailable: nodes of the tree are missing.
    """
    return (await head()).frontier


async def head() -> Head:
    """The journal as it is now, with the leaf of the last change of its keys.

    Raises:
        Unavailable: nodes of the tree are missing.
    """
    return await _head("")


async def _head(drawn: str) -> Head:
    row = (await Event.raw(_FRONTIER, drawn, drawn, f"{drawn}g"))[0]
    if None in row["peaks"]:
        raise INCOMPLETE()
    return Head(Frontier(row["size"], tuple(row["peaks"])), row["change"], row["is_drawn"])


async def signed_since() -> int:
    """The position from which on every record is signed, as the migration stated it; 0 where nothing states one."""
    row = await SigningBegins.select().first()
    return int(row["position"]) if row else 0


async def size() -> int:
    """How many leaves the journal has."""
    return (await frontier()).size


async def root_at(leaves: int) -> bytes:
    """The root over the first `leaves` leaves.

    Raises:
        NotFound: the journal is not that long.
        Unavailable: its tree is incomplete.
    """
    if leaves > await size():
        raise NotFound("entry")
    places = merkle.peaks(leaves)
    nodes = await _nodes(places)
    return Frontier(leaves, tuple(nodes[place] for place in places)).root()


async def inclusion(position: int, leaves: int) -> list[bytes]:
    """The path from the leaf at `position` to the root over `leaves` leaves (RFC 9162 §2.1.3).

    Raises:
        NotFound: there is no such leaf in a journal of that size.
    """
    if not 0 <= position < leaves <= await size():
        raise NotFound("entry")
    nodes = await _nodes(merkle.inclusion_nodes(position, leaves))
    return merkle.inclusion_path(position, leaves, lambda level, index: nodes[level, index])


async def consistency(first: int, second: int) -> list[bytes]:
    """The path that shows the first `first` leaves unchanged among `second` (RFC 9162 §2.1.4).

    Raises:
        NotFound: not 0 < first <= second <= size.
    """
    if not 0 < first <= second <= await size():
        raise NotFound("entry")
    nodes = await _nodes(merkle.consistency_nodes(first, second))
    return merkle.consistency_path(first, second, lambda level, index: nodes[level, index])


async def _nodes(places: Iterable[Place]) -> dict[Place, bytes]:
    """The hashes of the nodes at `places`.

    Raises:
        Unavailable: one is missing.
    """
    wanted = {node_id(*place): place for place in places}
    rows = await JournalNode.select().where(JournalNode.id.is_in(list(wanted))) if wanted else []
    if len(rows) < len(wanted):
        raise INCOMPLETE()
    return {wanted[row["id"]]: row["hash"] for row in rows}


async def entry(position: int) -> dict[str, Any]:
    """The event at `position`.

    Raises:
        NotFound.
    """
    row = await Event.select().where(Event.position == position).first() if 0 <= position < 2**56 else None
    if row is None:
        raise NotFound("entry")
    return row
