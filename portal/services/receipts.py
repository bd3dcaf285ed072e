"""Receipts: a sign-off's statement afterwards, with the proof that the journal holds it, checked on the spot."""

import json
from dataclasses import dataclass
from typing import Any

from portal.domain import events, journal_keys, merkle, notes
from portal.domain.errors import NotFound
from portal.domain.events import Kind
from portal.domain.journal_keys import Verdict
from portal.domain.lifecycle import Role, State
from portal.services import checkpoints, dossiers, journal
from portal.services.checkpoints import Inclusion
from portal.services.people import Identity

BEFORE_THE_ANSWER = frozenset({Kind.CASE_ASSESSED, Kind.DECISION_TAKEN, Kind.SIGNATURE_REFUSED})
"""What the Organization and the Minister sign before the municipality is notified: it reads them afterwards."""
WAITING = frozenset({Role.MUNICIPALITY, Role.GOVERNORATE})


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry of the journal, its statement, and what was found when it was checked just now.

    `statement` is None where it was altered: what stands there now (`text`) was said by nobody.
    """

    position: int
    kind: Kind
    subject_type: str
    subject: str
    statement: dict[str, Any] | None
    text: str
    proof: Inclusion
    is_included: bool
    signature: Verdict | None

    @property
    def is_intact(self) -> bool:
        """Whether the statement is, byte for byte, what was written."""
        return self.statement is not None

    @property
    def holds(self) -> bool:
        """Whether everything agrees: bytes, leaf, path, root, and the checkpoint's signature if there is one."""
        return self.is_intact and self.is_included and self.signature in (None, Verdict.GOOD)


def is_open(kind: Kind, state: State, role: Role) -> bool:
    """Whether a receipt of `kind` on a case in `state` may be read by who sees the case in `role`."""
    return state is State.NOTIFIED or role not in WAITING or kind not in BEFORE_THE_ANSWER


async def find(position: int, by: Identity) -> Receipt:
    """The receipt of the sign-off at `position`, for its signer, the auditor, and whoever sees what it is about.

    Raises:
        NotFound: there is none in sight.
        Unavailable: the journal's key is not held.
    """
    row = await journal.entry(position)
    if not await _is_visible(row, by):
        raise NotFound("receipt")
    found = await check(row)
    if found.statement is not None and found.statement["record"]["factor"] is None:
        raise NotFound("receipt")
    return found


async def _is_visible(row: dict[str, Any], by: Identity) -> bool:
    if by.role is Role.AUDITOR or row["person"] == str(by.id):
        return True
    if row["subject_type"] == "account":
        return bool(row["subject"] == str(by.id))
    if row["subject_type"] != "case":
        return False
    case = await dossiers.find(row["subject"], by)
    return is_open(Kind(row["kind"]), State(case["state"]), by.role)


async def check(row: dict[str, Any]) -> Receipt:
    """The entry `row`, recomputed: its leaf from its bytes, the root from its leaf.

    Raises:
        NotFound: its place in the tree is incomplete.
        Unavailable: the journal's key is not held.
    """
    proof = await checkpoints.prove(row["position"])
    leaf = merkle.leaf_hash(row["statement"].encode())
    at = proof.under.checkpoint
    return Receipt(
        position=row["position"],
        kind=Kind(row["kind"]),
        subject_type=row["subject_type"],
        subject=row["subject"],
        statement=_unaltered(row["statement"], row["position"]) if leaf == row["leaf"] else None,
        text=row["statement"],
        proof=proof,
        is_included=merkle.verify_inclusion(leaf, row["position"], at.size, proof.path, at.root),
        signature=await _verdict(proof.under.note),
    )


def _unaltered(text: str, position: int) -> dict[str, Any] | None:
    """The statement that `text` is, if its record is bound to its intent and to this place in the journal."""
    statement: dict[str, Any] = json.loads(text)
    record = statement["record"]
    is_bound = record["position"] == position and record["intent_sha256"] == events.digest(statement["intent"])
    return statement if is_bound else None


async def _verdict(note: str | None) -> Verdict | None:
    if note is None:
        return None
    verdict, _, _ = journal_keys.judge(notes.read(note), await checkpoints.history())
    return verdict
