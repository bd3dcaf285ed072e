"""Statements and their proofs checked with nothing but the journal's published keys: no portal, no database.

The keys are the JSON of `/journal/key`, which a package carries as `journal/keys.json`; better from the safe.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import assertions, events, journal_keys, merkle, signatures, signed_notes
from portal.domain.journal_keys import JournalKey, KeyVerdict
from portal.domain.signatures import Worth
from portal.domain.signed_notes import MalformedNote, Note

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Published:
    """The keys with their times, and the position from which on every record is signed."""

    keys: tuple[JournalKey, ...]
    signed_since: int


def published(keys: list[JournalKey], signed_since: int) -> dict[str, Any]:
    """The keys as `/journal/key` tells them, the one in force first."""
    told = [_told(each) for each in reversed(keys)]
    return {"origin": keys[-1].key.name if keys else "", "records_signed_since": signed_since, "keys": told}


def _told(each: JournalKey) -> dict[str, Any]:
    return {
        "key": each.key.text(),
        "key_id": each.key.id.hex(),
        "public_key": base64.b64encode(each.key.public).decode(),
        "status": status(each),
        "since": {"entry": each.since, "at": each.since_at.isoformat()},
        "until": {"entry": each.until, "at": each.until_at.isoformat()} if each.until_at else None,
        "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
        "reason": each.reason or None,
    }


def status(each: JournalKey) -> str:
    """`revoked`, `in force` or `replaced`."""
    if each.revoked_at:
        return "revoked"
    return "in force" if each.until is None else "replaced"


def read_published(text: str) -> Published:
    """What `published` wrote.

    Raises:
        ValueError: it is no such JSON.
    """
    try:
        given = json.loads(text)
        keys = tuple(_key(each) for each in reversed(given["keys"]))
        return Published(keys, int(given["records_signed_since"]))
    except UNREADABLE as error:
        raise ValueError("no published keys of a journal") from error


def _key(told: Mapping[str, Any]) -> JournalKey:
    until, revoked = told["until"], told["revoked_at"]
    return JournalKey(
        signed_notes.verifier_key(told["key"]),
        int(told["since"]["entry"]),
        datetime.fromisoformat(told["since"]["at"]),
        until=int(until["entry"]) if until else None,
        until_at=datetime.fromisoformat(until["at"]) if until else None,
        revoked_at=datetime.fromisoformat(revoked) if revoked else None,
        reason=told["reason"] or "",
    )


def wrong_record(text: str, by: Published, enrolment: str | None = None) -> list[str]:
    """Codes of what is wrong with a statement: its form, its signature, and that of a passkey whose enrolment is given.

    A record before the position from which on all are signed may lack its signature: its proof speaks for it alone.
    """
    try:
        statement = json.loads(text)
        position = statement["record"]["position"]
        found = [] if events.canonical(statement).decode() == text else ["not-canonical"]
        if events.digest(statement["intent"]) != statement["record"]["intent_sha256"]:
            found.append("intent-differs")
        match signatures.judge(statement, by.keys):
            case Worth.FORGED:
                found.append("record-forged")
            case Worth.UNSIGNED if position >= by.signed_since:
                found.append("record-unsigned")
        if enrolment is not None:
            values = json.loads(enrolment)["intent"]["values"]
            found += wrong_record(enrolment, by)
            found += [] if assertions.verify_record(statement, {values["factor"]: values}) else ["assertion-differs"]
    except UNREADABLE:
        return ["no-statement"]
    return found


def wrong_proof(text: str, proof: str, by: Published) -> list[str]:
    """Codes of what is wrong with the proof (C2SP tlog-proof) that the journal holds the statement `text`."""
    try:
        head, hashes, note = _parts(proof)
        index, path = int(head.removeprefix("index ")), [signed_notes.decoded(each) for each in hashes]
        verdict, said, _ = journal_keys.judge(note, by.keys)
        position = json.loads(text)["record"]["position"]
    except (*UNREADABLE, MalformedNote):
        return ["no-proof"]
    found = [] if verdict in (KeyVerdict.GOOD, KeyVerdict.RETIRED) else [f"checkpoint-{verdict}"]
    holds = merkle.verify_inclusion(merkle.leaf_hash(text.encode()), index, said.size, path, said.root)
    return found if holds and index == position else [*found, "not-included"]


def _parts(proof: str) -> tuple[str, list[str], Note]:
    said, _, note = proof.partition("\n\n")
    first, head, *hashes = said.split("\n")
    if first != "c2sp.org/tlog-proof@v1":
        raise MalformedNote("no proof")
    return head, hashes, signed_notes.read(note)
