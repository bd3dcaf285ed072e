"""Receipts: a sign-off's statement afterwards, with the proof that the journal holds it, checked on the spot."""

import json
from dataclasses import dataclass
from typing import Any

from portal.domain import assertions, events, journal_keys, jurisdiction, merkle, signatures, signed_notes
from portal.domain.errors import NotFound
from portal.domain.events import EventKind
from portal.domain.journal_keys import JournalKey, KeyVerdict
from portal.domain.lifecycle import Role, State
from portal.domain.signatures import Worth
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints, log
from portal.services.journal.checkpoints import Inclusion
from portal.tables.events import Event


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The entry by which a passkey was enrolled.

    `public_key` is what its signatures are checked with (base64url of SubjectPublicKeyInfo, DER); `text` and `proof`
    show that the journal holds it.
    """

    position: int
    public_key: str
    text: str
    proof: Inclusion


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry of the journal, its statement, and what was found when it was checked just now.

    `statement` is None where it was altered: what stands there now (`text`) was said by nobody. `record` is what the
    signature of the record is worth; it is `is_demanded` from the stated position on. `passkey` is the enrolment of
    the one that signed, and `passkey_signed` false where one is named that did not.
    """

    position: int
    kind: EventKind
    subject_type: str
    subject: str
    statement: dict[str, Any] | None
    text: str
    proof: Inclusion
    is_included: bool
    signature: KeyVerdict | None
    record: Worth
    is_demanded: bool
    passkey: Enrolment | None
    passkey_signed: bool

    @property
    def is_intact(self) -> bool:
        """Whether the statement is, byte for byte, what was written."""
        return self.statement is not None

    @property
    def is_signed(self) -> bool:
        """Whether the record's signature is there and holds; before the stated position it may lack."""
        return self.record in _SIGNED or (self.record is Worth.UNSIGNED and not self.is_demanded)

    @property
    def key_id(self) -> str:
        """The id of the key that has signed the record; empty where none has."""
        return str(self.statement[signatures.SIGNATURE]["key_id"]) if self.statement and self.record in _SIGNED else ""

    @property
    def holds(self) -> bool:
        """Whether everything agrees.

        Bytes, leaf, path, root, the signatures of record and passkey, and the checkpoint's if there is one.
        """
        proven = self.is_included and self.signature in (None, KeyVerdict.GOOD)
        return self.is_intact and self.is_signed and self.passkey_signed and proven


_SIGNED = (Worth.GOOD, Worth.REVOKED)
"""A key that was revoked was good then: the checkpoint of the key in force vouches for what stands there."""


async def find(position: int, by: Identity) -> Receipt:
    """The receipt of the sign-off at `position`, for its signer, the auditor, and whoever sees what it is about.

    Raises:
        NotFound: there is none in sight.
        Unavailable: the journal's key is not held.
    """
    row = await log.entry(position)
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
    return jurisdiction.entry_is_open(EventKind(row["kind"]), by.role, State(case["state"]))


async def check(row: dict[str, Any]) -> Receipt:
    """The entry `row`, recomputed: its leaf from its bytes, the root from its leaf.

    Raises:
        NotFound: its place in the tree is incomplete.
        Unavailable: the journal's key is not held.
    """
    proof, keys = await checkpoints.prove(row["position"]), await checkpoints.history()
    leaf = merkle.leaf_hash(row["statement"].encode())
    statement = _unaltered(row["statement"], row["position"]) if leaf == row["leaf"] else None
    at, passkey = proof.under.checkpoint, await _enrolment(statement) if statement else None
    return Receipt(
        position=row["position"],
        kind=EventKind(row["kind"]),
        subject_type=row["subject_type"],
        subject=row["subject"],
        statement=statement,
        text=row["statement"],
        proof=proof,
        is_included=merkle.verify_inclusion(leaf, row["position"], at.size, proof.path, at.root),
        signature=_verdict(proof.under.note, keys),
        record=signatures.judge(statement or {}, keys),
        is_demanded=row["position"] >= await log.signed_since(),
        passkey=passkey,
        passkey_signed=statement is None or assertions.verify_record(statement, _enrolled(passkey)),
    )


async def _enrolment(statement: dict[str, Any]) -> Enrolment | None:
    """The enrolment of the passkey that `statement` names; None where it names none, or one that was never enrolled."""
    factor = statement["record"]["factor"] or {}
    if factor.get("kind") != "passkey":
        return None
    rows = (
        await Event.select(Event.position, Event.statement)
        .where(
            (Event.kind == EventKind.FACTOR_ENROLLED)
            & (Event.subject == statement["intent"]["signer"]["id"])
            & (Event.position < statement["record"]["position"])
        )
        .order_by(Event.position)
    )
    for row in rows:
        values = json.loads(row["statement"])["intent"]["values"]
        if values["factor"] == factor["id"]:
            proof = await checkpoints.prove(row["position"])
            return Enrolment(row["position"], values["public_key"], row["statement"], proof)
    return None


def _enrolled(passkey: Enrolment | None) -> dict[str, dict[str, Any]]:
    """The values of an enrolment by their factor, as `verify_record` asks for them."""
    if passkey is None:
        return {}
    values = json.loads(passkey.text)["intent"]["values"]
    return {values["factor"]: values}


def _unaltered(text: str, position: int) -> dict[str, Any] | None:
    """The statement that `text` is, if its record is bound to its intent and to this place in the journal."""
    statement: dict[str, Any] = json.loads(text)
    record = statement["record"]
    is_bound = record["position"] == position and record["intent_sha256"] == events.digest(statement["intent"])
    return statement if is_bound else None


def _verdict(note: str | None, keys: list[JournalKey]) -> KeyVerdict | None:
    if note is None:
        return None
    verdict, _, _ = journal_keys.judge(signed_notes.read(note), keys)
    return verdict
