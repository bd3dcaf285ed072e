"""Checkpoints of the journal, signed by the key that the journal itself names; that key's introduction and change."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from portal.domain import journal_keys, signatures, signed_notes
from portal.domain.errors import Conflict, NotFound, Unavailable
from portal.domain.events import EventKind
from portal.domain.journal_keys import SUBJECT, JournalKey
from portal.domain.merkle import Frontier
from portal.domain.signed_notes import Checkpoint, Signer, VerifierKey
from portal.services.journal import log
from portal.services.journal.keys import held, history, sign_with, signer_of
from portal.tables.events import Event

__all__ = ["history", "sign_with"]

SIGNATURES = ("journal", "signatures")


async def introduce(base_url: str, *, now: datetime) -> None:
    """Bring in the journal's first key, named after the portal's address, unless it has one.

    Where the records of a former version are not signed, signing begins now.

    Raises:
        Unavailable: `no-journal-key`, `journal-key-missing`: it has one or needs one, and the portal does not hold it.
    """
    async with Event._meta.db.transaction():
        if not await _is_begun():
            await log.lock()  # of two nodes that start at once, one introduces
            if not await history():
                await _introduce(base_url, now)
            elif not await _is_begun():
                await _begin_signing(now)
        signer_of((await history())[-1].key)


async def _introduce(base_url: str, now: datetime) -> None:
    name = f"{urlsplit(base_url).netloc}/journal"
    if not (new := held(name)):
        raise Unavailable("no-journal-key")
    await _record(EventKind.JOURNAL_KEY_INTRODUCED, new[:1], None, None, "", now)


async def _is_begun() -> bool:
    """Whether a signed record stands where the first one belongs, or after it."""
    marked = Event.statement.like(f'%"{signatures.SIGNATURE}":{{"key_id":%')
    return bool(await Event.exists().where((Event.position >= await log.signed_since()) & marked))


async def _begin_signing(now: datetime) -> None:
    """The first signed record: it says from where on every one is, and its root vouches for those before it."""
    await log.note(EventKind.SIGNING_BEGUN, SIGNATURES, by=None, now=now, values={"since": await log.size()})


async def rotate(*, reason: str, now: datetime) -> JournalKey:
    """Replace the key in force by the first of PORTAL_JOURNAL_KEY that is new; the portal must hold both.

    Raises:
        Conflict: `no-journal-key`, `no-new-journal-key`.
        Unavailable: the present key is not held.
    """
    async with Event._meta.db.transaction():
        await log.lock()
        keys = await _standing()
        old, new = signer_of(keys[-1].key), _new(keys)
        await _record(EventKind.JOURNAL_KEY_ROTATED, [old, new], old.key, None, reason, now)
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
        await log.lock()
        keys = await _standing()
        revoked = next((each.key for each in keys if each.key.id.hex() == key_id and each.revoked_at is None), None)
        if revoked is None:
            raise NotFound("journal-key")
        in_force = keys[-1].key
        if revoked == in_force:
            still = [each for each in held(in_force.name) if each.key == in_force]  # it is stolen, or lost
            await _record(EventKind.JOURNAL_KEY_REVOKED, [*still, _new(keys)], in_force, revoked, reason, now)
        else:
            await _record(EventKind.JOURNAL_KEY_REVOKED, [signer_of(in_force)], None, revoked, reason, now)
    return (await history())[-1]


async def _standing() -> list[JournalKey]:
    if keys := await history():
        return keys
    raise Conflict("no-journal-key")


def _new(keys: list[JournalKey]) -> Signer:
    """A held key that the journal does not know yet, under the journal's name."""
    known, name = {each.key.public for each in keys}, keys[-1].key.name
    for signer in held(name):
        if signer.key.public not in known:
            return signer
    raise Conflict("no-new-journal-key")


async def _record(
    kind: EventKind,
    signers: list[Signer],
    old: VerifierKey | None,
    revoked: VerifierKey | None,
    reason: str,
    now: datetime,
) -> None:
    values = journal_keys.change(signers[-1].key, replaces=old, revokes=revoked, reason=reason)
    intent = log.unsigned_intent(kind, (SUBJECT["type"], SUBJECT["id"]), by=None, now=now, values=values)
    made = {"signatures": journal_keys.sign_change(intent, signers)}
    await log.append(kind, intent, at=now, person=None, produced=made, signer=signers[-1])


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
    return _signed(await log.frontier(), await history())


def _signed(frontier: Frontier, keys: list[JournalKey]) -> Signed:
    if not keys:
        return Signed(Checkpoint("", frontier.size, frontier.root()), None)
    checkpoint = Checkpoint(keys[-1].key.name, frontier.size, frontier.root())
    is_held = bool(held(checkpoint.origin))
    return Signed(checkpoint, signer_of(keys[-1].key).sign(checkpoint.text()) if is_held else None)


async def covering(position: int) -> Signed:
    """The first checkpoint that covers the entry at `position` and the key in force, which signs it.

    It is the same whenever it is asked for, until the journal has another key.

    Raises:
        NotFound, Unavailable.
    """
    keys = await history()
    size = 1 + max(position, keys[-1].since if keys else 0)
    checkpoint = Checkpoint(keys[-1].key.name if keys else "", size, await log.root_at(size))
    is_held = bool(keys and held(checkpoint.origin))
    return Signed(checkpoint, signer_of(keys[-1].key).sign(checkpoint.text()) if is_held else None)


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
        return signed_notes.inclusion_proof(self.position, self.path, self.under.note or self.under.checkpoint.text())


async def prove(position: int) -> Inclusion:
    """The proof that the entry at `position` is in the journal as it is now.

    Raises:
        NotFound, Unavailable.
    """
    row = await log.entry(position)
    under = await current()
    path = await log.inclusion(position, under.checkpoint.size)
    return Inclusion(position, row["leaf"], tuple(path), under)
