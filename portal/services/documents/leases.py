"""Who writes to an upload: one request at a time, for as long as it does something.

A lease is a token in the upload's row with an end, by the clock of the database: nodes need not agree on the time.
Every change of the row asks for the token, so whoever lost the lease changes nothing any more.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.domain.uploads import LIFETIME, Locked
from portal.storage.kept import Kept
from portal.storage.keys import tail_key
from portal.tables.uploads import Upload

LEASE = timedelta(seconds=10)

TAKE = """
UPDATE uploads u SET writer = {}, writer_until = clock_timestamp() + {}, is_being_checked = false
FROM cases c WHERE c.id = u."case" AND u.id = {}
AND u.ended_at IS NULL AND (u.writer IS NULL OR u.writer_until <= clock_timestamp()) RETURNING u.*, c.number
"""
KEEP = """
UPDATE uploads SET received = {}, parts = {}, tags = tags || {}::varchar[], tail = {}, expires_at = {}
WHERE id = {} AND writer = {} RETURNING id
"""
RENEW = "UPDATE uploads SET writer_until = clock_timestamp() + {} WHERE id = {} AND writer = {} RETURNING id"
RELEASE = (
    "UPDATE uploads SET writer = NULL, writer_until = NULL, is_being_checked = false WHERE id = {} AND writer = {}"
)


@dataclass(slots=True)
class Lease:
    """The right to write to `upload`. `row` is the upload as it was when the lease was taken, with its case's `number`.

    `kept` is what of it is durable, `clock` the portal's. `is_waiting` while nothing but the client is waited for;
    `heard` is the loop's time of its last bytes.
    """

    upload: UUID
    token: UUID
    row: dict[str, Any]
    kept: Kept
    clock: Callable[[], datetime]
    is_waiting: bool = True
    heard: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    renewed: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def idle(self) -> float:
        """Seconds for which the client has sent nothing, although it was its turn."""
        return asyncio.get_running_loop().time() - self.heard if self.is_waiting else 0.0

    def hear(self) -> None:
        """The client has sent something, and it is its turn again."""
        self.heard, self.is_waiting = asyncio.get_running_loop().time(), True

    async def confirm(self) -> None:
        """Make sure that the lease stands, before bytes are passed on: it lapses while the client is silent.

        Raises:
            Locked: the lease is lost.
        """
        if asyncio.get_running_loop().time() - self.renewed > LEASE.total_seconds() / 2:
            await self.renew()

    async def renew(self) -> None:
        """Hold on to the lease for as long again.

        Raises:
            Locked: the lease is lost.
        """
        now = asyncio.get_running_loop().time()
        if not await Upload.raw(RENEW, LEASE, self.upload, self.token):
            raise Locked("being-written")
        self.renewed = now

    def tail(self, received: int) -> str:
        """The key of what lies behind the last whole part of `received` bytes."""
        return tail_key(self.upload, self.token, received)

    async def keep(self, kept: Kept) -> None:
        """Write what of the upload is durable now. Only the new tags are sent: a large file has thousands.

        Raises:
            Locked: the lease is lost.
        """
        new, until = list(kept.tags[len(self.kept.tags) :]), self.clock() + LIFETIME
        if not await Upload.raw(KEEP, kept.received, kept.parts, new, kept.tail, until, self.upload, self.token):
            raise Locked("being-written")
        self.kept = kept

    async def change(self, **columns: Any) -> None:
        """Write `columns` of the row, by name.

        Raises:
            Locked: the lease is lost.
        """
        changes: dict[Any, Any] = {getattr(Upload, name): value for name, value in columns.items()}
        mine = (Upload.id == self.upload) & (Upload.writer == self.token)
        if not await Upload.update(changes).where(mine).returning(Upload.id):
            raise Locked("being-written")


@asynccontextmanager
async def held(upload: UUID, clock: Callable[[], datetime]) -> AsyncIterator[Lease]:
    """The lease on `upload` for the length of the block.

    Raises:
        Locked: somebody else holds it, or the upload has just ended.
    """
    token = uuid4()
    rows = await Upload.raw(TAKE, token, LEASE, upload)
    if not rows:
        raise Locked("being-written")
    (row,) = rows
    kept = Kept(row["received"], row["parts"], tuple(row["tags"]), row["tail"])
    lease = Lease(upload, token, row, kept, clock)
    beating = asyncio.create_task(_renew(lease))
    try:
        yield lease
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await Upload.raw(RELEASE, upload, token)


async def _renew(lease: Lease) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        # A client that has gone without a word keeps nobody out for longer than a lease.
        if lease.idle < LEASE.total_seconds() / 2:
            await lease.renew()
