"""The keys that sign the journal's checkpoints, told by the journal itself: introduced, rotated, revoked.

Every change of keys is an event, signed by the keys that it concerns: a first key by itself, a rotation by the old
and the new one, a revocation by the key that is in force after it. A revoked key that is not lost signs its own
revocation too: it can no longer be believed, and still tells this one from a stranger's (`vouched`).
So whoever holds the journal knows which key was good when.
"""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.domain import signatures
from portal.domain.signatures import Signs
from portal.domain.signed_notes import Checkpoint, Note, Signer, VerifierKey, checkpoint

SUBJECT = {"type": "journal", "id": "key"}


class KeyVerdict(StrEnum):
    """What a checkpoint's signature is worth."""

    GOOD = "good"
    RETIRED = "retired"  # of a key that was good then, and has been replaced since
    REVOKED = "revoked"
    AFTER_ITS_TIME = "after-its-time"  # of a replaced key, over leaves that came after it was replaced
    STRANGER = "stranger"  # another portal's, or nobody's whom this journal knows


@dataclass(frozen=True, slots=True)
class JournalKey:
    """A key and its time: in force from the event at `since` on, until the one at `until` (None: still).

    `vouched`: the key before it has signed for it; of a first key nothing is asked.
    """

    key: VerifierKey
    since: int
    since_at: datetime
    until: int | None = None
    until_at: datetime | None = None
    revoked_at: datetime | None = None
    reason: str = ""
    vouched: bool = True


def change(
    new: VerifierKey, *, replaces: VerifierKey | None, revokes: VerifierKey | None, reason: str
) -> dict[str, Any]:
    """The values of the event after which `new` is in force, in place of `replaces`; `revokes` is believed no more."""
    return {
        "origin": new.name,
        "public_key": base64.b64encode(new.public).decode(),
        "key_id": new.id.hex(),
        "replaces": replaces.id.hex() if replaces else None,
        "revokes": revokes.id.hex() if revokes else None,
        "reason": reason,
    }


def sign_change(intent: Mapping[str, Any], signers: Iterable[Signer]) -> list[dict[str, str]]:
    """The signatures over a change of keys, as its record carries them."""
    message = signatures.message(Signs.KEY_CHANGE, intent)
    return [
        {"key_id": each.key.id.hex(), "signature": base64.b64encode(each.private.sign(message)).decode()}
        for each in signers
    ]


class BrokenHistory(ValueError):
    """A change of keys that is not signed by whom it must be; `position` is its event's."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position


def history(statements: Iterable[Mapping[str, Any]]) -> list[JournalKey]:
    """Every key that the journal ever had, the first one first, from its events in their order.

    Raises:
        BrokenHistory.
    """
    found: list[JournalKey] = []
    for each in statements:
        found = changed(found, each)
    return found


def changed(keys: list[JournalKey], statement: Mapping[str, Any]) -> list[JournalKey]:
    """The keys after one more change of them.

    Raises:
        BrokenHistory.
    """
    intent, record = statement["intent"], statement["record"]
    try:
        return _after(keys, intent, record)
    except BrokenHistory:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BrokenHistory(record.get("position", -1), "a change of the journal's key cannot be read") from error


def _after(keys: list[JournalKey], intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[JournalKey]:
    values, position, at = intent["values"], record["position"], datetime.fromisoformat(record["at"])
    new = VerifierKey(values["origin"], base64.b64decode(values["public_key"]))
    in_force = keys[-1].key if keys else None
    replaces = in_force.id.hex() if in_force and in_force != new else None
    if fault := _fault(keys, values, new, replaces):
        raise BrokenHistory(position, fault)
    believed = in_force if in_force and values["revokes"] != replaces else None
    if not _are_signed(intent, record, {new} | ({believed} if believed else set())):
        raise BrokenHistory(position, "a change of the journal's key is not signed by the keys it concerns")
    if in_force and replaces:
        vouched = _are_signed(intent, record, {in_force})
        came = JournalKey(new, position, at, vouched=vouched)
        keys = [*keys[:-1], replace(keys[-1], until=position, until_at=at), came]
    elif not keys:
        keys = [JournalKey(new, position, at)]
    return [_revoked(each, values, at) for each in keys]


def _fault(keys: list[JournalKey], values: Mapping[str, Any], new: VerifierKey, replaces: str | None) -> str | None:
    """Why no journal changes its keys so, or None."""
    if values["replaces"] != replaces:
        return "a change of the journal's key replaces another one than that in force"
    if not signatures.may_name(new.name):
        return "a journal is named like a kind of text that its key signs"
    if keys and new.name != keys[-1].key.name:
        return "a change of the journal's key changes the journal's name"
    if new.id in {each.key.id for each in keys[:-1]}:
        return "a key of the journal that had its time comes back"
    standing = {each.key.id.hex() for each in keys if each.revoked_at is None}
    if values["revokes"] is not None and values["revokes"] not in standing - {new.id.hex()}:
        return "a key is revoked that the journal does not have, or needs"
    return None


def _revoked(key: JournalKey, values: Mapping[str, Any], at: datetime) -> JournalKey:
    if key.key.id.hex() != values["revokes"]:
        return key
    return replace(key, revoked_at=at, reason=values["reason"])


def _are_signed(intent: Mapping[str, Any], record: Mapping[str, Any], needed: Iterable[VerifierKey]) -> bool:
    given = {each["key_id"]: base64.b64decode(each["signature"]) for each in record["produced"].get("signatures", ())}
    message = signatures.message(Signs.KEY_CHANGE, intent)
    return all(key.id.hex() in given and key.verifies(given[key.id.hex()], message) for key in needed)


def trusted(keys: Sequence[JournalKey], anchors: Collection[bytes]) -> bool:
    """Whether the key in force is one that the verifier knows, or the keys from such a one to it vouch for each other.

    `anchors` are public keys (32 bytes) that they have from elsewhere; without any, the first key is believed.
    """
    is_trusted = not anchors
    for each in keys:
        is_trusted = each.key.public in anchors or (is_trusted and each.vouched)
    return is_trusted


def judge(note: Note, keys: Iterable[JournalKey]) -> tuple[KeyVerdict, Checkpoint, JournalKey | None]:
    """What the signature on a checkpoint is worth today, what it says, and whose it is.

    Raises:
        MalformedNote: it is no checkpoint, or a known key's signature does not hold.
    """
    said, known = checkpoint(note), list(keys)
    signed = {(key.name, key.id) for key in note.signed_by(each.key for each in known)}
    own = [each for each in known if (each.key.name, each.key.id) in signed and said.origin == each.key.name]
    if not own:
        return KeyVerdict.STRANGER, said, None
    key = own[-1]
    if key.revoked_at is not None:
        return KeyVerdict.REVOKED, said, key
    if key.until is None:
        return KeyVerdict.GOOD, said, key
    # The event that replaced a key may still be covered by it: it is the first leaf that the next key signs alone.
    return (KeyVerdict.RETIRED if said.size <= key.until + 1 else KeyVerdict.AFTER_ITS_TIME), said, key
