"""What the journal's key signs, and the signature of a record.

One key signs several kinds of text, and a signature of one kind must be none of another. Every text but a checkpoint's
begins with a line that names its kind (`Signs`) and goes on with canonical JSON, which has no line ends. A checkpoint's
(C2SP tlog-checkpoint) has three lines at least, each ended, the first of them the journal's name, which may not look
like a kind (`may_name`).
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import rfc8785

if TYPE_CHECKING:
    from portal.domain.signed_notes import Signer, VerifierKey

SIGNATURE = "signature"
"""Where a signed statement carries its signature, beside intent and record."""
_KIND = re.compile(r"daraje/[a-z-]+/[0-9]+")


class Signs(StrEnum):
    """The kinds of text, a checkpoint aside. One that is given up is never used for anything else."""

    RECORD = "daraje/journal-record/1"
    KEY_CHANGE = "daraje/journal-key/1"
    LETTER_CODE = "daraje/letter-code/1"


def message(kind: Signs, content: Mapping[str, Any]) -> bytes:
    """The bytes that are signed for `content` as a text of `kind`."""
    return _message(kind, rfc8785.dumps(dict(content)))


def _message(kind: Signs, text: bytes) -> bytes:
    return f"{kind}\n".encode() + text


def may_name(line: str) -> bool:
    """Whether a journal may be called so: no kind of text, this version's or a later one's, begins like it."""
    return _KIND.fullmatch(line) is None


class Worth(StrEnum):
    """What the signature of a record is worth."""

    GOOD = "good"
    REVOKED = "revoked"  # of the key that was in force then; it was revoked since
    UNSIGNED = "unsigned"
    FORGED = "forged"  # not by the key that was in force at its position, or over something else


class InForce(Protocol):
    """A key and its time, as `journal_keys.JournalKey` tells it."""

    @property
    def key(self) -> "VerifierKey": ...
    @property
    def since(self) -> int: ...
    @property
    def until(self) -> int | None: ...
    @property
    def revoked_at(self) -> Any: ...


def signature_of(statement: bytes, by: "Signer") -> dict[str, str]:
    """The signature of the record over the canonical form of its statement."""
    signature = by.private.sign(_message(Signs.RECORD, statement))
    return {"key_id": by.key.id.hex(), "signature": base64.b64encode(signature).decode()}


def judge(statement: Mapping[str, Any], keys: Iterable[InForce]) -> Worth:
    """What the signature of a record is worth, by the journal's keys with their times.

    The event that changes the key is signed by the new one. Raises nothing, whatever `statement` is.
    """
    try:
        if SIGNATURE not in statement:
            return Worth.UNSIGNED
        made, position = statement[SIGNATURE], statement["record"]["position"]
        said = {name: each for name, each in statement.items() if name != SIGNATURE}
        then = next(each for each in keys if each.since <= position and (each.until is None or position < each.until))
        named, signature = made["key_id"], base64.b64decode(made["signature"], validate=True)
        text = message(Signs.RECORD, said)
    except (StopIteration, KeyError, TypeError, ValueError, binascii.Error, AttributeError):
        return Worth.FORGED
    if named != then.key.id.hex() or not then.key.verifies(signature, text):
        return Worth.FORGED
    return Worth.REVOKED if then.revoked_at is not None else Worth.GOOD
