"""The bytes of one request: taken in under a lease and made durable, to the whole object if they are the last ones.

The running SHA-256 stays in the process that wrote the last piece (`digests`); another one reads the whole object.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from portal.domain.uploads import BeyondLength, ChecksumDiffers, OffsetDiffers, parts_in
from portal.services.documents import digests
from portal.services.documents.leases import Lease
from portal.storage.keys import written_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.storage.writer import Plan, Writer

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
    """A piece of a file, the body of one request: where it begins, its bytes, how many they are (None: unknown)."""

    offset: int
    body: AsyncIterator[bytes]
    announced: int | None = None
    checksum: Checksum | None = None

    def require_fitting(self, row: dict[str, Any]) -> None:
        """Refuse what does not go on where the acknowledged bytes of the upload `row` end, or goes beyond its length.

        Raises:
            OffsetDiffers, BeyondLength.
        """
        if self.offset != row["received"]:
            raise OffsetDiffers("offset-differs", offset=row["received"])
        if self.offset + (self.announced or 0) > row["length"]:
            raise BeyondLength("beyond-length", length=row["length"])


async def write(piece: Chunk, lease: Lease, *, store: ObjectStore, memory: int) -> Stored | None:
    """Write a piece behind what is kept of the upload; the whole object once its last byte is here, else None.

    `memory` is what the buffers may take, in bytes. Whoever gets the object closes its spool.

    Raises:
        OffsetDiffers, Locked, BeyondLength, ChecksumDiffers, Missing, StoreUnavailable.
    """
    piece.require_fitting(lease.row)
    plan = _plan(piece, lease, store, memory)
    running = digests.recall(lease.row)
    writer = Writer(store, plan, running, lease.kept, lease)
    try:
        await writer.open()
        came_whole = await _take_in(writer, lease, piece)
        if writer.total == lease.row["length"]:
            # The lease is asked for before the object is made, and names its key if nothing of it lies there yet.
            await lease.change(is_being_checked=True, key=writer.key)
            lease.row["key"] = writer.key
            return await writer.finish()
        await writer.keep_rest()
        if writer.running:
            digests.remember(lease.upload, writer.running, spooled=came_whole)
        return None
    except BaseException:
        if running:
            running.drop_spool()
        raise
    finally:
        await writer.close()


def _plan(piece: Chunk, lease: Lease, store: ObjectStore, memory: int) -> Plan:
    row = lease.row
    return Plan(
        key=row["key"],
        alone=written_key(row["number"], lease.upload, lease.token),
        part=row["part"],
        buffers=parts_in(memory, row["part"]),
        length=row["length"],
        pauses=store.pauses,
        holds=piece.checksum is not None,
    )


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
            async for data in piece.body:
                lease.is_waiting = False
                patience.reschedule(None)
                await lease.confirm()
                if check:
                    check.update(data)
                await writer.add(data)
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
