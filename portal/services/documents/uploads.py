"""Uploads that survive a bad line: begun, looked at, given up, expired. `writing` writes them.

What is acknowledged is durable, and the last byte is acknowledged once the document is recorded: an upload whose
check was cut short stands where it stood before its last piece, and the client sends that piece again.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.domain import persian
from portal.domain.errors import Invalid, NotFound, TooLarge
from portal.domain.lifecycle import Act
from portal.domain.uploads import Gone, Locked, part_size
from portal.services.cases import dossiers, signing
from portal.services.documents import digests, documents, intake, leases
from portal.services.documents.documents import Filing
from portal.services.documents.leases import Lease
from portal.services.identity.identity import Identity
from portal.storage.keys import document_key
from portal.storage.objects import ObjectStore, StoreUnavailable
from portal.storage.uploads import Kept
from portal.tables.uploads import Upload

LIFETIME = timedelta(days=7)  # from the last bytes that were acknowledged

FIND = """
SELECT u.*, c.number, (u.writer IS NOT NULL AND u.writer_until > clock_timestamp()) AS is_written
FROM uploads u JOIN cases c ON c.id = u."case" WHERE u.id = {}
"""
OVERDUE = """
SELECT u.id, u.ended_as, (u.ended_at IS NULL AND c.state <> ALL({})) AS is_closed
FROM uploads u JOIN cases c ON c.id = u."case"
WHERE u.expires_at <= {} OR (u.ended_at IS NULL AND c.state <> ALL({})) LIMIT {}
"""
GIVE_BACK = """
UPDATE intake_days i SET size = greatest(0, i.size - (u.length - u.received))
FROM uploads u JOIN cases c ON c.id = u."case"
WHERE i.municipality = c.municipality AND i.day = {} AND u.id = {}
"""
"""What of an upload never came is not counted on the day on which it began."""


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
    documents.require_place(dossier, file.filing)
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
    if row["ended_as"] not in (None, "recorded"):
        raise Gone(row["ended_as"], refusal=json.loads(row["refusal"]) if row["refusal"] else None)
    if row["ended_as"] is None and row["expires_at"] <= now:
        raise Gone("expired", refusal=None)


async def unfinished(case: int, *, now: datetime) -> list[dict[str, Any]]:
    """Uploads of a case that can go on, the newest first."""
    alive = (Upload.case == case) & Upload.ended_at.is_null() & (Upload.expires_at > now)
    return await Upload.select().where(alive).order_by(Upload.begun_at, ascending=False)


def kept_of(row: dict[str, Any]) -> Kept:
    """What of an upload is durable, as its row says."""
    return Kept(row["received"], row["parts"], tuple(row["tags"]), row["tail"])


async def terminate(upload: UUID, *, by: Identity, store: ObjectStore, now: datetime) -> None:
    """Let go of an upload; of a recorded one nothing is left to let go, its document stays in the case.

    Raises:
        NotFound, Gone, Locked.
    """
    row = await find(upload, by)
    require_alive(row, now)
    if row["ended_as"] is None:
        async with leases.held(upload) as lease:
            await end(lease, "terminated", store, now=now)


async def expire(*, store: ObjectStore, now: datetime, most: int = 100) -> int:
    """End abandoned uploads, and those whose case takes no documents any more, and let their parts go; how many.

    Ended ones are forgotten once they expire.

    A recorded upload's row is forgotten with the others: its document says all there is to say.
    """
    going = [str(each) for each in intake.GOING]
    overdue = await Upload.raw(OVERDUE, going, now, going, most)
    ended = 0
    for row in overdue:
        if row["ended_as"] is not None:
            await Upload.delete().where(Upload.id == row["id"])
            continue
        with suppress(Locked):
            async with leases.held(row["id"]) as lease:
                if not row["is_closed"] and lease.row["expires_at"] > now:
                    continue  # a piece came in meanwhile
                await end(lease, "closed" if row["is_closed"] else "expired", store, now=now)
                ended += 1
    return ended


async def end(lease: Lease, how: str, store: ObjectStore, *, now: datetime, refusal: str | None = None) -> None:
    """End an upload without a document: its address answers 410 for one more lifetime."""
    await lease.change(
        ended_at=now, ended_as=how, refusal=refusal, expires_at=now + LIFETIME, parts=None, tags=[], tail=None
    )
    digests.forget(lease.upload)
    if how != "refused":  # of that one all bytes had come
        await Upload.raw(GIVE_BACK, lease.row["begun_at"].astimezone(persian.TEHRAN).date(), lease.upload)
    kept = kept_of(lease.row)
    await release(store, kept, lease.row["key"])


async def release(store: ObjectStore, kept: Kept, key: str | None = None) -> None:
    """Remove what the store holds of an upload that has ended; what it keeps because it is gone, `sweep` finds."""
    with suppress(StoreUnavailable):
        if kept.tail:
            await store.remove(kept.tail)
        if key is not None:
            if kept.parts:
                await store.abort_parts(key, kept.parts)
            await store.remove(key)
