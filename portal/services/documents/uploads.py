"""Uploads that survive a bad line: begun, looked at, written piece by piece, given up, expired.

What is acknowledged is durable, and the last byte is acknowledged once the document is recorded: an upload whose
check was cut short stands where it stood before its last piece, and the client sends that piece again.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing, require_place
from portal.domain.errors import DomainError, Invalid, NotFound, TooLarge
from portal.domain.lifecycle import Act
from portal.domain.uploads import LIFETIME, Gone, Locked, part_size
from portal.services.cases import cases, dossiers, signing
from portal.services.documents import checks, digests, documents, intake, leases, writing
from portal.services.documents.checks import CheckUnavailable, Incoming
from portal.services.documents.leases import Lease
from portal.services.documents.writing import Chunk
from portal.services.identity.identity import Identity
from portal.storage.calls import Missing, StoreUnavailable
from portal.storage.kept import Kept
from portal.storage.keys import document_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.uploads import Upload

FIND = """
SELECT u.*, c.number, (u.writer IS NOT NULL AND u.writer_until > clock_timestamp()) AS is_written
FROM uploads u JOIN cases c ON c.id = u."case" WHERE u.id = {}
"""
OVERDUE = """
SELECT u.id, u.ended_as, (u.ended_at IS NULL AND c.state <> ALL({})) AS is_closed
FROM uploads u JOIN cases c ON c.id = u."case"
WHERE u.expires_at <= {} OR (u.ended_at IS NULL AND c.state <> ALL({})) LIMIT {}
"""


@dataclass(frozen=True, slots=True)
class Announced:
    """The file that a client is about to send: bytes, the SHA-256 that it computed (hex, or None), its metadata."""

    filing: Filing
    length: int
    sha256: str | None
    metadata: str


async def begin(number: str, file: Announced, *, by: Identity, limit: int, now: datetime) -> UUID:
    """Make room for a file of a case; the upload's id. `limit` in bytes.

    Raises:
        NotFound, Forbidden, Conflict.
        TooLarge, TooMany.
        Invalid: an empty file, or one that is filed nowhere.
    """
    dossier = await signing.approach(number, Act.DOCUMENT, by)
    if file.length > limit:
        raise TooLarge("file-too-large", size=limit)
    if file.length == 0:
        raise Invalid({"file": "empty"})
    require_place(dossier, file.filing)
    upload, filing = uuid4(), file.filing
    row = Upload(
        id=upload,
        case=dossier.case["id"],
        kind=filing.kind,
        year=filing.year,
        replaces=filing.replaces,
        filename=filing.filename,
        metadata=file.metadata,
        sha256=file.sha256,
        length=file.length,
        part=part_size(limit),
        key=document_key(number, upload),
        begun_at=now,
        begun_by=by.id,
        expires_at=now + LIFETIME,
    )
    async with Upload._meta.db.transaction():
        await dossiers.lock(number, by)  # the case first, as everywhere
        await intake.reserve(by, file.length, now)
        await intake.require_room(by, now)
        await row.save()
    return upload


async def find(upload: UUID, by: Identity) -> dict[str, Any]:
    """The upload's row, with its case's `number` and `is_written` while somebody writes to it.

    Raises:
        NotFound: no such upload, or its case is not within the scope of `by`.
    """
    rows: list[dict[str, Any]] = await Upload.raw(FIND, upload)
    if not rows:
        raise NotFound("upload")
    await dossiers.find(rows[0]["number"], by)
    return rows[0]


async def look(upload: UUID, *, by: Identity, now: datetime) -> dict[str, Any]:
    """The row of an upload that can go on or is recorded.

    Raises:
        NotFound, Gone.
        Locked: it is whole, and being checked.
    """
    row = await find(upload, by)
    require_alive(row, now)
    if row["is_being_checked"] and row["is_written"]:
        raise Locked("being-checked")
    return row


def require_alive(row: dict[str, Any], now: datetime) -> None:
    """Refuse (`Gone`) an upload that has ended without a document, or whose time is over."""
    if row["ended_as"] not in (None, "recorded"):
        raise Gone(row["ended_as"], refusal=json.loads(row["refusal"]) if row["refusal"] else None)
    if row["ended_as"] is None and row["expires_at"] <= now:
        raise Gone("expired", refusal=None)


async def unfinished(case: int, *, now: datetime) -> list[dict[str, Any]]:
    """Uploads of a case that can go on, the newest first."""
    alive = (Upload.case == case) & Upload.ended_at.is_null() & (Upload.expires_at > now)
    return await Upload.select().where(alive).order_by(Upload.begun_at, ascending=False)


async def append(
    upload: UUID, piece: Chunk, *, by: Identity, store: ObjectStore, memory: int, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write a piece, and make a document of the whole if it is the last one.

    The upload's row afterwards, with `checked_for`, the seconds that this took. `memory` is what the buffers of one
    upload may take, in bytes.

    Raises:
        NotFound, Gone, Locked, OffsetDiffers, BeyondLength, ChecksumDiffers, StoreUnavailable.
        Invalid, Conflict, Forbidden: the upload is whole and its document is refused.
    """
    row = await find(upload, by)
    require_alive(row, clock())
    piece.require_fitting(row)
    checked_for = 0.0
    if row["ended_as"] is None:
        async with leases.held(upload, clock) as lease:
            try:
                stored = await writing.write(piece, lease, store=store, memory=memory)
                if stored:
                    checked_for = await _record(stored, lease, by=by, store=store)
            except Missing as error:  # what was acknowledged is in the store no longer
                await end(lease, "lost", store)
                raise Gone("lost", refusal=None) from error
    return {**await find(upload, by), "checked_for": checked_for}


async def _record(stored: Stored, lease: Lease, *, by: Identity, store: ObjectStore) -> float:
    """Look at the whole object and record it, or refuse it; seconds that this took.

    Raises:
        Invalid, Conflict, Forbidden, NotFound: refused; the bytes are gone, the reason stays until the upload expires.
        StoreUnavailable: nobody could look at the file; it stays, and is looked at again.
    """
    begun, row, now = time.perf_counter(), lease.row, lease.clock()
    filing = Filing(DocumentKind(row["kind"]), row["year"], row["replaces"], row["filename"])
    incoming = Incoming(row["number"], row["id"], stored, filing, row["sha256"])
    try:
        await store.label(stored.key, stored.sha256)
        looked = await checks.check(incoming, by=by, store=store, now=now)
        async with Upload._meta.db.transaction():
            dossier = await cases.editing(incoming.number, Act.DOCUMENT, by)  # the case first, as everywhere
            ended = {"received": row["length"], "ended_at": now, "ended_as": "recorded"}
            await lease.change(**ended, parts=None, tags=[], tail=None)
            await documents.record(dossier, incoming, looked, by=by, now=now)
    except Locked:
        raise
    except CheckUnavailable as error:
        raise StoreUnavailable("nobody could look at the file") from error
    except DomainError as error:
        await end(lease, "refused", store, refusal=_as_json(error))
        raise
    finally:
        stored.drop_spool()
    await _release(store, lease.kept)
    return time.perf_counter() - begun


def _as_json(error: DomainError) -> str:
    if isinstance(error, Invalid):
        return json.dumps({"errors": error.errors})
    return json.dumps({"code": error.code, "facts": error.facts}, default=str)


async def terminate(upload: UUID, *, by: Identity, store: ObjectStore, now: datetime) -> None:
    """Let go of an upload; of a recorded one nothing is left to let go, its document stays in the case.

    Raises:
        NotFound, Gone, Locked.
    """
    row = await find(upload, by)
    require_alive(row, now)
    if row["ended_as"] is None:
        async with leases.held(upload, lambda: now) as lease:
            await end(lease, "terminated", store)


async def expire(*, store: ObjectStore, now: datetime, most: int = 100) -> int:
    """End abandoned uploads, and those whose case takes no documents any more, and let their parts go; how many.

    The rows of ended ones are deleted once they expire, recorded ones too: the document says all there is to say.
    """
    going = [str(each) for each in intake.GOING]
    overdue = await Upload.raw(OVERDUE, going, now, going, most)
    ended = 0
    for row in overdue:
        if row["ended_as"] is not None:
            await Upload.delete().where(Upload.id == row["id"])
            continue
        with suppress(Locked):
            async with leases.held(row["id"], lambda: now) as lease:
                if not row["is_closed"] and lease.row["expires_at"] > now:
                    continue  # a piece came in meanwhile
                await end(lease, "closed" if row["is_closed"] else "expired", store)
                ended += 1
    return ended


async def end(lease: Lease, how: str, store: ObjectStore, *, refusal: str | None = None) -> None:
    """End an upload without a document: its address answers 410 for one more lifetime."""
    now = lease.clock()
    await lease.change(
        ended_at=now, ended_as=how, refusal=refusal, expires_at=now + LIFETIME, parts=None, tags=[], tail=None
    )
    digests.forget(lease.upload)
    if how != "refused":  # of that one all bytes had come
        await intake.give_back_rest(lease.upload, lease.row["begun_at"])
    await _release(store, lease.kept, lease.row["key"])


async def _release(store: ObjectStore, kept: Kept, key: str | None = None) -> None:
    """Remove what the store holds of an upload that has ended; what it keeps because it is gone, `sweep` finds."""
    with suppress(StoreUnavailable):
        if kept.tail:
            await store.remove(kept.tail)
        if key is not None:
            if kept.parts:
                await store.abort_parts(key, kept.parts)
            await store.remove(key)
