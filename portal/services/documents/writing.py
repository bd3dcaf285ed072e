"""The pieces of an upload: taken in under a lease, made durable, and at the end made a document.

The running SHA-256 stays in the process that wrote the last piece (`digests`); another one reads the whole object.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from portal.domain.declarations import DocumentKind
from portal.domain.errors import DomainError, Invalid
from portal.domain.uploads import BeyondLength, ChecksumDiffers, Gone, Locked, OffsetDiffers, parts_in
from portal.services.documents import checks, digests, documents, leases
from portal.services.documents.documents import Filing
from portal.services.documents.leases import Lease
from portal.services.documents.uploads import LIFETIME, end, find, kept_of, release, require_alive
from portal.services.identity.identity import Identity
from portal.storage.keys import tail_key, written_key
from portal.storage.objects import Missing, ObjectStore, Stored, StoreUnavailable
from portal.storage.spool import Running
from portal.storage.uploads import Kept, Writer

STALLED = 3.0  # seconds without a byte, after which what is here is made durable
SLOW = 20.0  # seconds after which it is made durable even though bytes come
PATIENCE = 60.0  # seconds without a byte, after which a request is over


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must give; `algorithm` as hashlib names it."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """The body of one request: where it begins, its bytes, how many they are (None: unknown)."""

    offset: int
    chunks: AsyncIterator[bytes]
    announced: int | None = None
    checksum: Checksum | None = None


async def append(
    upload: UUID, piece: Chunk, *, by: Identity, store: ObjectStore, memory: int, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write a piece; the upload's row afterwards, with `checked_for`, the seconds that a check of the whole took.

    `memory` is what the buffers of one upload may take, in bytes.

    Raises:
        NotFound, Gone, Locked, OffsetDiffers, BeyondLength, ChecksumDiffers, StoreUnavailable.
        Invalid, Conflict, Forbidden: the upload is whole and its document is refused.
    """
    row = await find(upload, by)
    require_alive(row, clock())
    _require_fitting(row, piece)
    checked_for = 0.0
    if row["ended_as"] is None:
        async with leases.held(upload) as lease:
            _require_fitting(lease.row, piece)
            checked_for = await _write(row["number"], lease, piece, by=by, store=store, memory=memory, clock=clock)
    return {**await find(upload, by), "checked_for": checked_for}


def _require_fitting(row: dict[str, Any], piece: Chunk) -> None:
    if piece.offset != row["received"]:
        raise OffsetDiffers("offset-differs", offset=row["received"])
    if piece.offset + (piece.announced or 0) > row["length"]:
        raise BeyondLength("beyond-length", length=row["length"])


async def _write(
    number: str,
    lease: Lease,
    piece: Chunk,
    *,
    by: Identity,
    store: ObjectStore,
    memory: int,
    clock: Callable[[], datetime],
) -> float:
    """Take a piece in under the lease; if it is the last one, make a document of the whole: seconds that this took."""
    row, kept = lease.row, kept_of(lease.row)
    running = digests.recall(row)

    async def keep(kept: Kept) -> None:
        await lease.keep(kept, until=clock() + LIFETIME)

    writer = Writer(
        store,
        row["key"],
        kept,
        length=row["length"],
        part=row["part"],
        buffers=parts_in(memory, row["part"]),
        tail=partial(tail_key, lease.upload, lease.token),
        keep=keep,
        running=running,
        hold=piece.checksum is not None,
    )
    try:
        await writer.open()
        is_whole = await _take_in(writer, lease, piece)
        if writer.total < row["length"]:
            await writer.keep_rest()
            if writer.running:
                digests.remember(lease.upload, writer.running, spooled=is_whole)
                running = None  # it is the next piece's
            return 0.0
        await _finish(number, lease, writer)
        begun = time.perf_counter()
        await _make_document(number, lease, writer, by=by, store=store, clock=clock)
        return time.perf_counter() - begun
    except Missing as error:  # what was acknowledged is in the store no longer
        await end(lease, "lost", store, now=clock())
        raise Gone("lost", refusal=None) from error
    finally:
        await writer.close()
        if running:
            running.drop_spool()


async def _finish(number: str, lease: Lease, writer: Writer) -> None:
    """Make the object whole. The lease is asked for first, and names the key if nothing of the object lies there yet.

    Raises:
        Locked: the lease is lost, and with it the right to the object.
    """
    if writer.kept.parts is None:
        lease.row["key"] = written_key(number, lease.upload, lease.token)
    await lease.change(is_being_checked=True, key=lease.row["key"])
    await writer.finish(lease.row["key"])


async def _take_in(writer: Writer, lease: Lease, piece: Chunk) -> bool:
    """Read the piece to its end, or to where the line was cut: whether it came to its end.

    Raises:
        ChecksumDiffers: nothing of this piece is kept.
        Locked, StoreUnavailable, and what the writer raises.
    """
    check = hashlib.new(piece.checksum.algorithm, usedforsecurity=False) if piece.checksum else None
    over = asyncio.Event()
    reading = asyncio.create_task(_read(writer, lease, piece, check))
    tending = asyncio.create_task(_tend(writer, lease, over, hold=check is not None))
    try:
        await asyncio.wait([reading, tending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        over.set()  # what is being made durable comes to its end
        reading.cancel()  # no more bytes for a writer that lost the lease, or the store
        await asyncio.gather(reading, tending, return_exceptions=True)
        lease.is_waiting = False
    tending.result()
    is_whole = reading.result()
    if piece.checksum and check and not (is_whole and check.digest() == piece.checksum.digest):
        raise ChecksumDiffers("checksum-differs")
    return is_whole


async def _read(writer: Writer, lease: Lease, piece: Chunk, check: Any) -> bool:
    """Pass on the bytes as they come; whether they came to their end, or the line was cut.

    Raises:
        Locked, and what the writer raises.
    """
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            async for chunk in piece.chunks:
                lease.is_waiting = False
                patience.reschedule(None)
                await lease.confirm()
                if check:
                    check.update(chunk)
                await writer.add(chunk)
                lease.hear()
                patience.reschedule(lease.heard + PATIENCE)
    except (ConnectionError, TimeoutError):
        return False
    return True


async def _tend(writer: Writer, lease: Lease, over: asyncio.Event, *, hold: bool) -> None:
    """Make durable what is here when the line has become slow or silent: the next cut then costs little.

    `hold`: a checksum is still to come, and nothing may be kept before it. Raises as the writer does.
    """
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 1)
        if not over.is_set() and not hold and (lease.idle > STALLED or writer.age > SLOW):
            await writer.keep_rest()


async def _make_document(
    number: str, lease: Lease, writer: Writer, *, by: Identity, store: ObjectStore, clock: Callable[[], datetime]
) -> None:
    """Look at the whole object and record it, or refuse it.

    Raises:
        Invalid, Conflict, Forbidden, NotFound: refused; the bytes are gone, the reason stays until the upload expires.
    """
    row = lease.row
    stored = await _stored(row, writer.running, store)
    filing = Filing(DocumentKind(row["kind"]), row["year"], row["replaces"], row["filename"])

    async def close() -> None:
        ended = {"received": row["length"], "ended_at": clock(), "ended_as": "recorded"}
        await lease.change(**ended, parts=None, tags=[], tail=None)

    try:
        if row["sha256"] not in (None, stored.sha256):
            slot = (filing.kind, filing.year)
            await checks.record("digest-differs", {}, number, stored, slot, filing.filename, by, clock())
            raise Invalid({"sha256": "digest-differs"})
        await store.label(row["key"], stored.sha256)
        agreed = row["sha256"] is not None
        await documents.admit(number, row["id"], stored, filing, agreed, close, by=by, store=store, now=clock())
    except Locked:
        raise
    except DomainError as error:
        if isinstance(error, Invalid) and error.errors.get("file") == checks.NOT_THE_FILES_FAULT:
            raise StoreUnavailable("nobody could look at the file") from error  # it stays, and is looked at again
        await end(lease, "refused", store, now=clock(), refusal=_as_json(error))
        raise
    await release(store, writer.kept)


async def _stored(row: dict[str, Any], running: Running | None, store: ObjectStore) -> Stored:
    """The whole object, as this process knows it; where another one had a part in it, as it is read from the store."""
    if running:
        return Stored(row["key"], row["length"], running.sha256.hexdigest(), running.head, running.spool)
    read = Running()
    async for piece in store.read(row["key"]):
        read.add(piece)
    return Stored(row["key"], row["length"], read.sha256.hexdigest(), read.head)


def _as_json(error: DomainError) -> str:
    if isinstance(error, Invalid):
        return json.dumps({"errors": error.errors})
    return json.dumps({"code": error.code, "facts": error.facts}, default=str)
