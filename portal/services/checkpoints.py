"""Checkpoints of the journal, signed by the key that the journal itself names; that key's introduction and change."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from portal.domain import events, journal_keys, notes
from portal.domain.errors import Conflict, NotFound, Unavailable
from portal.domain.events import Kind
from portal.domain.journal_keys import SUBJECT, JournalKey
from portal.domain.notes import Checkpoint, Signer, VerifierKey
from portal.services import journal
from portal.tables.events import Event

_seeds: tuple[bytes, ...] = ()

MEANINGS: Mapping[Kind, str] = {
    Kind.JOURNAL_KEY_INTRODUCED: "این کلید نقطه‌های وارسی دفتر را امضا می‌کند.",
    Kind.JOURNAL_KEY_ROTATED: "این کلید جای کلید پیشین دفتر را می‌گیرد.",
    Kind.JOURNAL_KEY_REVOKED: "کلیدی از دفتر باطل شد و دیگر معتبر نیست.",
}


def sign_with(keys: tuple[str, ...]) -> None:
    """Use `keys` (PORTAL_JOURNAL_KEY: base64 of 32 bytes each) from now on."""
    global _seeds
    _seeds = tuple(base64.b64decode(key) for key in keys)


async def history() -> list[JournalKey]:
    """Every key that the journal ever had, the one in force last.

    Raises:
        portal.domain.journal_keys.BrokenHistory: a change of keys was tampered with.
    """
    rows = (
        await Event.select(Event.statement)
        .where((Event.subject == SUBJECT["id"]) & (Event.subject_type == SUBJECT["type"]))
        .order_by(Event.position)
    )
    return journal_keys.history(json.loads(row["statement"]) for row in rows)


async def introduce(base_url: str, *, now: datetime) -> None:
    """Bring in the journal's first key, named after the portal's address, unless it has one.

    Raises:
        Unavailable: `journal-key-missing`: it has one, and the portal does not hold it.
    """
    async with Event._meta.db.transaction():
        if keys := await history():
            if _seeds:
                _signer(keys[-1].key)
            return
        if not _seeds:
            return
        await journal.lock()  # of two nodes that start at once, one introduces
        if await history():
            return
        new = notes.signer(f"{urlsplit(base_url).netloc}/journal", _seeds[0])
        await _record(Kind.JOURNAL_KEY_INTRODUCED, [new], None, None, "", now)


async def rotate(*, reason: str, now: datetime) -> JournalKey:
    """Replace the key in force by the first of PORTAL_JOURNAL_KEY that is new; the portal must hold both.

    Raises:
        Conflict: `no-journal-key`, `no-new-journal-key`.
        Unavailable: the present key is not held.
    """
    async with Event._meta.db.transaction():
        await journal.lock()
        keys = await _standing()
        old, new = _signer(keys[-1].key), _new(keys)
        await _record(Kind.JOURNAL_KEY_ROTATED, [old, new], old.key, None, reason, now)
    return (await history())[-1]


async def revoke(key_id: str, *, reason: str, now: datetime) -> JournalKey:
    """Declare the key with this id (eight hex digits) unworthy of belief; the one in force is replaced with it.

    Returns:
        The key in force afterwards.

    Raises:
        NotFound: the journal has no such key that is not revoked.
        Conflict: `no-journal-key`, `no-new-journal-key`.
        Unavailable.
    """
    async with Event._meta.db.transaction():
        await journal.lock()
        keys = await _standing()
        revoked = next((each.key for each in keys if each.key.id.hex() == key_id and each.revoked_at is None), None)
        if revoked is None:
            raise NotFound("journal-key")
        in_force = keys[-1].key
        if revoked == in_force:
            await _record(Kind.JOURNAL_KEY_REVOKED, [_new(keys)], in_force, revoked, reason, now)
        else:
            await _record(Kind.JOURNAL_KEY_REVOKED, [_signer(in_force)], None, revoked, reason, now)
    return (await history())[-1]


async def _standing() -> list[JournalKey]:
    if keys := await history():
        return keys
    raise Conflict("no-journal-key")


def _new(keys: list[JournalKey]) -> Signer:
    """A held key that the journal does not know yet, under the journal's name."""
    known, name = {each.key.public for each in keys}, keys[-1].key.name
    for seed in _seeds:
        if (signer := notes.signer(name, seed)).key.public not in known:
            return signer
    raise Conflict("no-new-journal-key")


def _signer(key: VerifierKey) -> Signer:
    for seed in _seeds:
        if (signer := notes.signer(key.name, seed)).key == key:
            return signer
    raise Unavailable("journal-key-missing", key=key.id.hex())


async def _record(
    kind: Kind, signers: list[Signer], old: VerifierKey | None, revoked: VerifierKey | None, reason: str, now: datetime
) -> None:
    values = journal_keys.change(signers[-1].key, replaces=old, revokes=revoked, reason=reason)
    intent = events.intent(
        events.basis(kind, SUBJECT, None, [], {}),
        after=None,
        values=values,
        signer={},
        nonce=uuid4().hex + uuid4().hex,
        expires=events.moment(now),
        meaning=MEANINGS[kind],
    )
    signatures = journal_keys.sign_change(intent, signers)
    await journal.append(kind, intent, at=now, person=None, produced={"signatures": signatures})


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint and its signed note; `note` is None where the portal holds no key of the journal."""

    checkpoint: Checkpoint
    note: str | None


async def current() -> Signed:
    """The journal as it is now, signed by its key in force.

    Raises:
        Unavailable.
    """
    frontier, keys = await journal.frontier(), await history()
    if not keys:
        return Signed(Checkpoint("", frontier.size, frontier.root()), None)
    checkpoint = Checkpoint(keys[-1].key.name, frontier.size, frontier.root())
    return Signed(checkpoint, _signer(keys[-1].key).sign(checkpoint.text()) if _seeds else None)


async def covering(position: int) -> Signed:
    """The first checkpoint that covers the entry at `position` and the key in force, which signs it: the same whenever
    it is asked for, until the journal has another key.

    Raises:
        NotFound, Unavailable.
    """
    keys = await history()
    size = 1 + max(position, keys[-1].since if keys else 0)
    checkpoint = Checkpoint(keys[-1].key.name if keys else "", size, await journal.root_at(size))
    return Signed(checkpoint, _signer(keys[-1].key).sign(checkpoint.text()) if keys and _seeds else None)


async def note() -> tuple[Checkpoint, str]:
    """The present checkpoint and its signed note.

    Raises:
        Unavailable: the journal has no key, or its key is not held.
    """
    signed = await current()
    if signed.note is None:
        raise Unavailable("no-journal-key")
    return signed.checkpoint, signed.note


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that the leaf at `position` is covered by `under`."""

    position: int
    leaf: bytes
    path: tuple[bytes, ...]
    under: Signed

    def as_dict(self) -> dict[str, Any]:
        """The proof as JSON, after RFC 9162's `inclusion_proof`: hashes in base64."""
        return {
            "leaf_index": self.position,
            "tree_size": self.under.checkpoint.size,
            "leaf_hash": base64.b64encode(self.leaf).decode(),
            "inclusion_path": [base64.b64encode(each).decode() for each in self.path],
            "root_hash": base64.b64encode(self.under.checkpoint.root).decode(),
            "checkpoint": self.under.note,
        }

    def as_text(self) -> str:
        """The proof as C2SP tlog-proof; the checkpoint is unsigned text where the portal holds no key."""
        return notes.inclusion_proof(self.position, self.path, self.under.note or self.under.checkpoint.text())


async def prove(position: int) -> Inclusion:
    """The proof that the entry at `position` is in the journal as it is now.

    Raises:
        NotFound, Unavailable.
    """
    row = await journal.entry(position)
    under = await current()
    path = await journal.inclusion(position, under.checkpoint.size)
    return Inclusion(position, row["leaf"], tuple(path), under)
