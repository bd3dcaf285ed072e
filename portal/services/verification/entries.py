"""The journal in its order: every leaf, node, root, signature and column once more, and checkpoints against it.

The first walk of `portal verify journal`. It holds no more than a batch of entries at a time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.domain import assertions, events, journal_keys, merkle, signatures, signed_notes
from portal.domain.events import EventKind
from portal.domain.journal_keys import SUBJECT, BrokenHistory, JournalKey, KeyVerdict
from portal.domain.merkle import Frontier
from portal.domain.signatures import Worth
from portal.services.journal import log
from portal.services.verification import shapes, statements
from portal.services.verification.statements import Finding, Tick, Unreadable
from portal.tables.events import Event, JournalNode, PublishedCheckpoint, SigningBegins


@dataclass(slots=True)
class Walk:
    """What the walk over the journal found out. `tree_holds` is false once a leaf is missing: no root is known then.

    `passkeys` are the values with which passkeys were enrolled so far, by factor. `signed_from` is where signatures
    are demanded from: the stated position, or the first signed record if that comes before it. `agrees_with_before` is
    false once a signed record names another root over the entries before it.
    """

    frontier: Frontier = field(default_factory=Frontier)
    keys: list[JournalKey] = field(default_factory=list)
    keys_hold: bool = True
    roots: dict[int, bytes] = field(default_factory=dict)
    passkeys: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tree_holds: bool = True
    signed_from: int | None = None
    agrees_with_before: bool = True


async def walk(wanted: Sequence[int], anchors: Collection[bytes], found: list[Finding], tick: Tick) -> Walk:
    """Recompute every leaf, node and signature; keep the roots at the sizes `wanted`.

    `anchors` are public keys of the journal that the verifier has from elsewhere.
    """
    stated = await SigningBegins.select().first()
    state, sizes = Walk(signed_from=stated["position"] if stated else None), set(wanted)
    end = (await Event.raw("SELECT coalesce(max(position) + 1, 0) AS size FROM events"))[0]["size"]
    async for rows in statements.batches(Event, Event.position, where=Event.position < end):
        nodes: list[tuple[int, int, bytes]] = []
        for row in rows:
            _take(row, state, sizes, nodes, found)
        if state.tree_holds:
            found += await _nodes_differ(nodes)
        tick(len(rows))
    if state.tree_holds:
        found += await _surplus_nodes(state.frontier.size)
    if stated is None or stated["position"] != state.signed_from:
        found.append(Finding("signing-moved", f"entry {state.signed_from or 0}"))
    if state.keys and not journal_keys.trusted(state.keys, anchors):
        found.append(Finding("key-unknown" if anchors else "key-alone", f"entry {state.keys[-1].since}"))
    return state


def _take(
    row: dict[str, Any], state: Walk, sizes: set[int], nodes: list[tuple[int, int, bytes]], found: list[Finding]
) -> None:
    where = f"entry {row['position']}"
    if state.tree_holds and row["position"] != state.frontier.size:
        found.append(Finding("entry-missing", f"entry {state.frontier.size}"))
        state.tree_holds = False
    leaf = merkle.leaf_hash(row["statement"].encode())
    if leaf != row["leaf"]:
        found.append(Finding("leaf-differs", where))
        leaf = row["leaf"]  # the tree stands over what was written: the first change is named, and no more than it
    found.extend(Finding(code, where) for code in _disagreements(row, state))
    if state.tree_holds:
        state.frontier, completed = state.frontier.append(leaf)
        nodes.extend(completed)
        if state.frontier.size in sizes:
            state.roots[state.frontier.size] = state.frontier.root()


def _disagreements(row: dict[str, Any], state: Walk) -> list[str]:
    """Codes of what is wrong inside one event: its statement, and the columns beside it."""
    try:
        statement = statements.read(row["statement"])
        if statement.canonical() != row["statement"]:
            return ["not-canonical"]
        if row["kind"] == EventKind.FACTOR_ENROLLED:
            statement.require(shapes.of_account(EventKind.FACTOR_ENROLLED, statement))
    except Unreadable:
        return ["no-statement"]
    intent, record = statement.intent, statement.raw["record"]
    found = [] if statement.digest("intent") == record["intent_sha256"] else ["intent-differs"]
    if not assertions.verify_record(statement.raw, state.passkeys):
        found.append("assertion-differs")
    if row["kind"] == EventKind.FACTOR_ENROLLED and statement.values.get("kind") == "passkey":
        state.passkeys[statement.values["factor"]] = statement.values
    found += _changed_keys(statement.raw, state) + _signature(statement.raw, row["position"], state)
    said = (record["kind"], intent["subject"]["type"], intent["subject"]["id"], intent["nonce"], record["position"])
    kept = tuple(row[name] for name in ("kind", "subject_type", "subject", "nonce", "position"))
    if said != kept or statement.at != events.moment(row["at"]) or statement.by not in (None, row["person"]):
        return ["columns-differ", *found]
    return found


def _changed_keys(statement: Mapping[str, Any], state: Walk) -> list[str]:
    """Take a change of the journal's keys in; the first one that no journal makes ends their history."""
    if statement["intent"]["subject"] != SUBJECT or not state.keys_hold:
        return []
    try:
        state.keys = journal_keys.changed(state.keys, statement)
    except BrokenHistory:
        state.keys_hold = False
        return ["key-history"]
    return []


def _signature(statement: Mapping[str, Any], position: int, state: Walk) -> list[str]:
    """What is wrong with the signature of a record: it lacks where one is demanded, or does not hold."""
    worth = signatures.judge(statement, state.keys)
    if worth is Worth.UNSIGNED:
        return ["record-unsigned"] if state.signed_from is not None and position >= state.signed_from else []
    if worth is Worth.FORGED:
        return ["record-forged"]
    state.signed_from = position if state.signed_from is None else min(position, state.signed_from)
    told, agreed = statement["record"].get("root"), state.agrees_with_before
    if state.tree_holds and agreed:
        state.agrees_with_before = told == state.frontier.root().hex()
    return ["before-differs"] if agreed and not state.agrees_with_before else []


async def _nodes_differ(nodes: Sequence[tuple[int, int, bytes]]) -> list[Finding]:
    wanted = {log.node_id(level, index): each for level, index, each in nodes}
    rows = await JournalNode.select().where(JournalNode.id.is_in(list(wanted)))
    kept = {row["id"]: row["hash"] for row in rows}
    wrong = sorted((key & (1 << 56) - 1, key >> 56) for key, each in wanted.items() if kept.get(key) != each)
    return [Finding("node-differs", f"node {index} of level {level}") for index, level in wrong]


async def _surplus_nodes(size: int) -> list[Finding]:
    """Nodes over leaves that are not there: what a journal cut off at its end leaves behind."""
    expected = 2 * size - size.bit_count()
    count = (await JournalNode.raw("SELECT count(*) AS n FROM journal_nodes"))[0]["n"]
    return [Finding("log-truncated", f"entry {size}", {"size": size})] if count > expected else []


@dataclass(frozen=True, slots=True)
class Reference:
    """A checkpoint to hold the journal against: its note, where it comes from, and for a row its own columns."""

    note: str
    where: str
    size: int | None = None
    root: bytes | None = None


async def published() -> list[Reference]:
    """The checkpoints that the portal put outside, as it recorded them."""
    rows = await PublishedCheckpoint.select().order_by(PublishedCheckpoint.id)
    return [
        Reference(row["note"], f"published checkpoint {row['id']}", row["size"], bytes(row["root"])) for row in rows
    ]


def sizes_of(held: Sequence[Reference]) -> list[int]:
    """The sizes at which roots are wanted; a malformed checkpoint names none."""
    found = []
    for each in held:
        try:
            found.append(signed_notes.checkpoint(signed_notes.read(each.note)).size)
        except signed_notes.MalformedNote:
            continue
    return found


def against(held: Reference, state: Walk) -> list[Finding]:
    """What the journal, as it was walked, says to a checkpoint."""
    try:
        verdict, said, key = journal_keys.judge(signed_notes.read(held.note), state.keys)
    except signed_notes.MalformedNote as error:
        return [Finding("checkpoint-malformed", held.where, {"why": str(error)})]
    if verdict is KeyVerdict.STRANGER:
        return [Finding("checkpoint-stranger", held.where, {"origin": said.origin})]
    found = []
    if verdict in (KeyVerdict.REVOKED, KeyVerdict.AFTER_ITS_TIME):
        assert key is not None
        found.append(Finding(f"checkpoint-{verdict}", held.where, {"key": key.key.id.hex()}))
    if (held.size, held.root) not in ((None, None), (said.size, said.root)):
        found.append(Finding("checkpoint-row-differs", held.where))
    if not state.tree_holds:
        return found
    if said.size > state.frontier.size:
        facts = {"size": said.size, "entries": state.frontier.size}
        found.append(Finding("log-shorter", held.where, facts))
    elif (merkle.EMPTY if said.size == 0 else state.roots.get(said.size)) != said.root:
        found.append(Finding("root-differs", held.where, {"size": said.size}))
    return found
