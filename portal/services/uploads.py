"""Uploads that survive a bad line: begun, written piece by piece, checked, and recorded as documents.

What is acknowledged is durable, and the last byte is acknowledged once the document is recorded: an upload whose
check was cut short stands where it stood before its last piece, and the client sends that piece again.
"""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.domain.declarations import Kind as DocumentKind
from portal.domain.errors import DomainError, Invalid, NotFound, TooLarge, TooMany
from portal.domain.lifecycle import Act
from portal.domain.uploads import BeyondLength, ChecksumDiffers, Gone, Locked, OffsetDiffers, part_size, parts_in
from portal.services import documents, dossiers, leases, signoffs
from portal.services.documents import Filing
from portal.services.leases import Lease
from portal.services.people import Identity
from portal.storage.keys import document_key
from portal.storage.objects import HEAD, Missing, ObjectStore, Stored, StoreUnavailable
from portal.storage.uploads import Kept, Running, Writer
from portal.tables.uploads import Upload

LIFETIME = timedelta(days=7)  # from the last bytes that were acknowledged
MOST_OPEN = 64  # unfinished uploads of one case
STALLED = 3.0  # seconds without a byte, after which what is here is made durable
SLOW = 20.0  # seconds after which it is made durable even though bytes come
PATIENCE = 60.0  # seconds without a byte, after which a request is over
REMEMBERED = 512  # running digests that one process keeps between requests

FIND = """
SELECT u.*, c.number, (u.writer IS NOT NULL AND u.writer_until > clock_timestamp()) AS is_written
FROM uploads u JOIN cases c ON c.id = u."case" WHERE u.id = {}
"""

_digests: OrderedDict[UUID, Running] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Announced:
    """The file that a client is about to send: bytes, the SHA-256 that it computed (hex, or None), its metadata."""

    filing: Filing
    length: int
    sha256: str | None
    metadata: str


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must give; `algorithm` as hashlib names it."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """The body of one request: where it begins, its bytes, how many they are (None: unknown)."""

    offset: int
    chunks: AsyncIterator[bytes]
    announced: int | None = None
    checksum: Checksum | None = None


async def begin(number: str, file: Announced, *, by: Identity, limit: int, now: datetime) -> UUID:
    """Make room for a file of a case; the upload's id. `limit` in bytes.

    Raises:
        NotFound, Forbidden, Conflict.
        TooLarge, TooMany.
        Invalid: an empty file, or one that is filed nowhere.
    """
    dossier = await signoffs.approach(number, Act.DOCUMENT, by)
    if file.length > limit:
        raise TooLarge("file-too-large", limit=limit // 1_000_000)
    if file.length == 0:
        raise Invalid({"file": "empty"})
    documents.require_place(dossier, file.filing)
    case = dossier.case["id"]
    if await Upload.count().where((Upload.case == case) & Upload.ended_at.is_null()) >= MOST_OPEN:
        raise TooMany("uploads-open", most=MOST_OPEN)
    upload, filing = uuid4(), file.filing
    row = Upload(
        id=upload,
        case=case,
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
    _require_alive(row, now)
    if row["is_being_checked"] and row["is_written"]:
        raise Locked("being-checked")
    return row


def _require_alive(row: dict[str, Any], now: datetime) -> None:
    if row["ended_as"] not in (None, "recorded"):
        raise Gone(row["ended_as"], refusal=json.loads(row["refusal"]) if row["refusal"] else None)
    if row["ended_as"] is None and row["expires_at"] <= now:
        raise Gone("expired", refusal=None)


async def unfinished(case: int, *, now: datetime) -> list[dict[str, Any]]:
    """Uploads of a case of which something has arrived and which can go on, the newest first."""
    alive = (Upload.case == case) & Upload.ended_at.is_null() & (Upload.expires_at > now) & (Upload.received > 0)
    return await Upload.select().where(alive).order_by(Upload.begun_at, ascending=False)


async def append(
    upload: UUID, piece: Piece, *, by: Identity, store: ObjectStore, memory: int, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write a piece; the upload's row afterwards, with `checked_for`, the seconds that a check of the whole took.

    `memory` is what the buffers of one upload may take, in bytes.

    Raises:
        NotFound, Gone, Locked, OffsetDiffers, BeyondLength, ChecksumDiffers, StoreUnavailable.
        Invalid, Conflict, Forbidden: the upload is whole and its document is refused.
    """
    row = await find(upload, by)
    _require_alive(row, clock())
    _require_fitting(row, piece)
    checked_for = 0.0
    if row["ended_as"] is None:
        async with leases.held(upload) as lease:
            _require_fitting(lease.row, piece)
            checked_for = await _write(row["number"], lease, piece, by=by, store=store, memory=memory, clock=clock)
    return {**await find(upload, by), "checked_for": checked_for}


def _require_fitting(row: dict[str, Any], piece: Piece) -> None:
    if piece.offset != row["received"]:
        raise OffsetDiffers("offset-differs", offset=row["received"])
    if piece.offset + (piece.announced or 0) > row["length"]:
        raise BeyondLength("beyond-length", length=row["length"])


async def _write(
    number: str,
    lease: Lease,
    piece: Piece,
    *,
    by: Identity,
    store: ObjectStore,
    memory: int,
    clock: Callable[[], datetime],
) -> float:
    """Take a piece in under the lease; if it is the last one, make a document of the whole: seconds that this took."""
    row, kept = lease.row, kept_of(lease.row)

    async def keep(kept: Kept) -> None:
        await lease.keep(kept, until=clock() + LIFETIME)

    writer = Writer(
        store,
        row["key"],
        kept,
        length=row["length"],
        part=row["part"],
        buffers=parts_in(memory, row["part"]),
        keep=keep,
        running=_recall(row),
        hold=piece.checksum is not None,
    )
    try:
        await writer.open()
        await _take_in(writer, lease, piece)
        if writer.total < row["length"]:
            await writer.keep_rest()
            _remember(lease.upload, writer)
            return 0.0
        await writer.finish()
        begun = time.perf_counter()
        await _make_document(number, lease, writer, by=by, store=store, clock=clock)
        return time.perf_counter() - begun
    except Missing as error:  # what was acknowledged is in the store no longer
        await _end(lease, "lost", store, now=clock())
        raise Gone("lost", refusal=None) from error
    finally:
        await writer.close()


def kept_of(row: dict[str, Any]) -> Kept:
    """What of an upload is durable, as its row says."""
    return Kept(row["received"], row["parts"], tuple(row["tags"]), row["tail"])


async def _take_in(writer: Writer, lease: Lease, piece: Piece) -> None:
    """Read the piece to its end, or to where the line was cut.

    Raises:
        ChecksumDiffers: nothing of this piece is kept.
    """
    check = hashlib.new(piece.checksum.algorithm, usedforsecurity=False) if piece.checksum else None
    tending = asyncio.create_task(_tend(writer, lease))
    is_cut = False
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            async for chunk in piece.chunks:
                lease.is_waiting = False
                patience.reschedule(None)
                if check:
                    check.update(chunk)
                await writer.add(chunk)
                lease.hear()
                patience.reschedule(lease.heard + PATIENCE)
    except (ConnectionError, TimeoutError):
        is_cut = True
    finally:
        lease.is_waiting = False
        tending.cancel()
        await asyncio.gather(tending, return_exceptions=True)
    if piece.checksum and check and (is_cut or check.digest() != piece.checksum.digest):
        raise ChecksumDiffers("checksum-differs")


async def _tend(writer: Writer, lease: Lease) -> None:
    """Make durable what is here when the line has become slow or silent: the next cut then costs little."""
    while True:
        await asyncio.sleep(1)
        if lease.idle > STALLED or writer.age > SLOW:
            await writer.keep_rest()


def _recall(row: dict[str, Any]) -> Running | None:
    """The running digest of what is kept, where this process has it; None: the object will be read."""
    running = _digests.pop(row["id"], None)
    if not row["tags"]:
        return Running()
    return running if running and running.parts == len(row["tags"]) else None


def _remember(upload: UUID, writer: Writer) -> None:
    if writer.running:
        _digests[upload] = writer.running
        while len(_digests) > REMEMBERED:
            _digests.popitem(last=False)


async def _make_document(
    number: str, lease: Lease, writer: Writer, *, by: Identity, store: ObjectStore, clock: Callable[[], datetime]
) -> None:
    """Look at the whole object and record it, or refuse it.

    Raises:
        Invalid, Conflict, Forbidden, NotFound: refused; the bytes are gone, the reason stays until the upload expires.
    """
    row = lease.row
    await lease.change(is_being_checked=True)
    sha256 = writer.running.sha256.hexdigest() if writer.running else await _digest(store, row["key"])
    filing = Filing(DocumentKind(row["kind"]), row["year"], row["replaces"], row["filename"])
    head = b"".join([piece async for piece in store.read(row["key"], 0, min(HEAD, row["length"]))])
    stored = Stored(row["key"], row["length"], sha256, head)

    async def close() -> None:
        ended = {"received": row["length"], "ended_at": clock(), "ended_as": "recorded"}
        await lease.change(**ended, parts=None, tags=[], tail=None)

    try:
        if row["sha256"] not in (None, sha256):
            raise Invalid({"sha256": "digest-differs"})
        await store.label(row["key"], sha256)
        agreed = row["sha256"] is not None
        await documents.admit(number, row["id"], stored, filing, agreed, close, by=by, store=store, now=clock())
    except Locked:
        raise
    except DomainError as error:
        await _end(lease, "refused", store, now=clock(), refusal=_as_json(error))
        raise
    await _release(store, writer.kept)


async def _digest(store: ObjectStore, key: str) -> str:
    """SHA-256 of an object, read from the store, in hex."""
    digest = hashlib.sha256()
    async for piece in store.read(key):
        digest.update(piece)
    return digest.hexdigest()


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
    _require_alive(row, now)
    if row["ended_as"] is None:
        async with leases.held(upload) as lease:
            await _end(lease, "terminated", store, now=now)


async def expire(*, store: ObjectStore, now: datetime, most: int = 100) -> int:
    """End abandoned uploads and let their parts go; how many there were. Ended ones are forgotten once they expire.

    A recorded upload's row is forgotten with the others: its document says all there is to say.
    """
    overdue = await Upload.select(Upload.id, Upload.ended_as).where(Upload.expires_at <= now).limit(most)
    ended = 0
    for row in overdue:
        if row["ended_as"] is not None:
            await Upload.delete().where(Upload.id == row["id"])
            continue
        with suppress(Locked):
            async with leases.held(row["id"]) as lease:
                await _end(lease, "expired", store, now=now)
                ended += 1
    return ended


async def _end(lease: Lease, how: str, store: ObjectStore, *, now: datetime, refusal: str | None = None) -> None:
    """End an upload without a document: its address answers 410 for one more lifetime."""
    await lease.change(
        ended_at=now, ended_as=how, refusal=refusal, expires_at=now + LIFETIME, parts=None, tags=[], tail=None
    )
    kept = kept_of(lease.row)
    await _release(store, kept, lease.row["key"])


async def _release(store: ObjectStore, kept: Kept, key: str | None = None) -> None:
    """Remove what the store holds of an upload that has ended; what it keeps because it is gone, `sweep` finds."""
    with suppress(StoreUnavailable):
        if kept.tail:
            await store.remove(kept.tail)
        if key is not None:
            if kept.parts:
                await store.abort_parts(key, kept.parts)
            await store.remove(key)
