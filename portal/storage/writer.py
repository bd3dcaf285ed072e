"""The writer of objects that arrive in parts: in one request, or in many over a bad line.

Whole parts go to S3 several at once while SHA-256 runs over them, and a spool takes them, in a thread of its own.
Memory is the plan's buffers: whoever fills them faster than the store empties them waits, and so does the socket.

With a keeper, what is kept is what may be acknowledged: bytes behind the last whole part become an object of their own,
the tail, and are read back when the object goes on. Without one, the object is written in one go or taken back.

The parts are sent here and not by `Minio.put_object(length=-1)`: that one keeps a thread for as long as a slow
client takes, and after a failure leaves its threads behind and may still be sending a part while it aborts.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from portal.domain.errors import TooLarge
from portal.domain.uploads import BeyondLength
from portal.storage.calls import StoreUnavailable, leave_behind, to_the_end
from portal.storage.kept import NOTHING, Keeper, Kept
from portal.storage.objects import ObjectStore
from portal.storage.retrying import RetryingStore
from portal.storage.spool import Running, Spool, Stored

PART = 8 * 1024 * 1024  # bytes; S3 takes 10,000 parts of at least 5 MiB
BUFFERS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How an object is written: under `key` if it has parts, under `alone` if it is shorter than one.

    `part` is the length of a part in bytes, `buffers` how many may be in memory; `length` that of the whole, None where
    its end tells. A call that may be made twice is made again after each of `pauses` (seconds). With `holds` nothing is
    kept before `keep_rest`: a checksum stands for all the bytes of a request or for none.
    """

    key: str
    alone: str
    part: int
    buffers: int
    length: int | None = None
    pauses: Sequence[float] = ()
    holds: bool = False


class Writer:
    """Writes bytes behind what is `kept` already, which `running` knows. Call `open` first, `close` or `abandon` last.

    Each step at the store is a task of its own and is never cancelled, so that whatever it leaves can be found.
    """

    def __init__(
        self,
        store: ObjectStore,
        plan: Plan,
        running: Running | None,
        kept: Kept = NOTHING,
        keeper: Keeper | None = None,
    ) -> None:
        self.kept = kept
        self.total = kept.received  # bytes that are here, durable or not
        self.running = running  # None: whoever wants the digest must read the object
        self._plan, self._keeper = plan, keeper
        self._store, self._retrying = store, RetryingStore(store, plan.pauses)
        self._buffer, self._filled = bytearray(), 0  # a buffer grows to a part's length once, and is filled again then
        self._free: asyncio.LifoQueue[bytearray] = asyncio.LifoQueue()
        for _ in range(plan.buffers - 1):
            self._free.put_nowait(bytearray())
        self._number = len(kept.tags)
        self._steps: list[asyncio.Task[None]] = []
        self._stale: list[str] = []
        self._is_ending = False
        self._turn = asyncio.Lock()  # bytes come in while the rest may be made durable
        self._since = _now()
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="sha256")  # one thread: the order of the bytes

    @property
    def age(self) -> float:
        """Seconds for which bytes lie here that are not durable yet."""
        return _now() - self._since if self.total > self.kept.received else 0.0

    @property
    def key(self) -> str:
        """Where the object lies once it is whole, if it becomes so now."""
        return self._plan.key if self.kept.parts else self._plan.alone

    async def open(self) -> None:
        """Read the tail back. Raises Missing, StoreUnavailable."""
        if self.kept.tail is not None:
            self._buffer[:] = await self._retrying.get_bytes(self.kept.tail)
            self._filled = len(self._buffer)

    async def close(self) -> None:
        """Wait for the steps under way, whatever became of them."""
        await asyncio.gather(*self._steps, return_exceptions=True)
        self._hasher.shutdown(wait=False)

    async def abandon(self) -> None:
        """Close, and take back whatever reached the store: no row will ever name it."""
        await self.close()
        if self.kept.parts or self._is_ending:
            await self._store.take_back(self.key, self.kept.parts)

    async def add(self, chunk: bytes) -> None:
        """Take bytes in; waits while every buffer is on its way.

        Raises:
            BeyondLength, Missing, StoreUnavailable, and what `keep` raises.
        """
        part, length = self._plan.part, self._plan.length
        if length is not None and self.total + len(chunk) > length:
            raise BeyondLength("beyond-length", length=length)
        view = memoryview(chunk)
        async with self._turn:
            while view:
                taken = view[: part - self._filled]
                self._buffer[self._filled : self._filled + len(taken)] = taken
                self._filled += len(taken)
                self.total += len(taken)
                view = view[len(taken) :]
                if self._filled == part and self.total != length:
                    await self._send()

    async def keep_rest(self) -> None:
        """Make durable whatever is here, unless it is all: that is left to `finish`. Raises as `add` does."""
        async with self._turn:
            await self._settle()
            if self._filled and self.kept.received < self.total != self._plan.length:
                await asyncio.shield(self._start(self._put_tail()))
            if self._plan.holds:
                await self._commit()

    async def finish(self) -> Stored:
        """Make the object whole; raises as `add` does. What is `kept` stays as it was: nobody is told yet."""
        await self._settle()
        self._is_ending = True
        rest = self._rest()
        hashing = self._hash(rest)
        step = self._join(rest) if self.kept.parts else self._retrying.put_bytes(self._plan.alone, rest)
        await asyncio.shield(self._start(step))
        await hashing
        return await self._stored()

    def _rest(self) -> bytes:
        return bytes(memoryview(self._buffer)[: self._filled])

    async def _send(self) -> None:
        """Set the full buffer on its way."""
        if self.kept.parts is None:
            await asyncio.shield(self._start(self._open_parts()))
        full, before, self._number = self._buffer, self._steps[-1] if self._steps else None, self._number + 1
        self._start(self._put_full(self._number, full, self._hash(full), before))
        self._buffer, self._filled = await self._free.get(), 0
        for step in self._steps:
            if step.done():
                step.result()
        self._steps = [step for step in self._steps if not step.done()]

    async def _open_parts(self) -> None:
        self.kept = replace(self.kept, parts=await self._retrying.open_parts(self._plan.key))
        if self._keeper:
            await self._keeper.keep(self.kept)  # known before the first part lies there: it can be aborted

    async def _put_full(
        self, number: int, full: bytearray, hashing: "asyncio.Future[None]", before: "asyncio.Task[None] | None"
    ) -> None:
        parts, size = self.kept.parts, self._plan.length
        assert parts is not None
        try:
            tag = await self._retrying.put_part(self._plan.key, parts, number, full, size=size)
        finally:
            await hashing
            self._free.put_nowait(full)
        if before is not None:
            await before
        if tag is None or self._retrying.was_whole:
            self._distrust()
            return
        if self.running:
            self.running.parts = number
        received = number * self._plan.part
        await self._change(replace(self.kept, received=received, tags=(*self.kept.tags, tag), tail=None))

    async def _put_tail(self) -> None:
        assert self._keeper is not None
        tail, received, rest = self._keeper.tail(self.total), self.total, self._rest()
        await self._retrying.put_bytes(tail, rest)
        await self._change(replace(self.kept, received=received, tail=tail))

    async def _join(self, rest: bytes) -> None:
        """Make the object of its parts and `rest`, the last one."""
        key, parts, tags = self._plan.key, self.kept.parts, list(self.kept.tags)
        assert parts is not None
        if rest:
            tags += filter(None, [await self._retrying.put_part(key, parts, len(tags) + 1, rest, size=self.total)])
        if not self._retrying.was_whole:
            await self._retrying.join_parts(key, parts, tags, size=self.total)

    async def _stored(self) -> Stored:
        """The whole object, as this process knows it; where another one had a part in it, as it is read."""
        if self._retrying.was_whole:
            self._distrust()
        known = self.running
        if known is None:
            known = Running()
            async for piece in self._store.read(self.key):
                known.add(piece)
        return known.stored(self.key, self.total)

    def _distrust(self) -> None:
        """The object was made by whoever was cut off before they could say so: of which bytes, it alone tells."""
        if self.running:
            self.running.drop_spool()
        self.running = None

    async def _change(self, kept: Kept) -> None:
        if self.kept.tail is not None and self.kept.tail != kept.tail:
            self._stale.append(self.kept.tail)
        self.kept = kept
        if not self._plan.holds:
            await self._commit()

    async def _commit(self) -> None:
        """Tell the keeper, and remove the tails that nothing names any more (or `portal sweep` does, later)."""
        if self._keeper:
            await self._keeper.keep(self.kept)
        self._since = _now()
        while self._stale:
            with suppress(StoreUnavailable):
                await self._store.remove(self._stale.pop())

    def _hash(self, data: bytes | bytearray) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._hasher, self._run_on, data)

    def _run_on(self, data: bytes | bytearray) -> None:
        if running := self.running:
            running.add(data)

    def _start(self, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(step)
        self._steps.append(task)
        return task

    async def _settle(self) -> None:
        for step in self._steps:
            await asyncio.shield(step)  # whoever is tired of waiting takes no part off its way


async def put(
    store: ObjectStore, key: str, chunks: AsyncIterator[bytes], *, limit: int, spool: Spool | None = None
) -> Stored:
    """Stream `chunks` into a fresh `key`, hashing on the way, and into `spool`; at most `limit` bytes.

    Any failure, cancellation included, leaves neither an object nor an open upload nor a spool; where the store itself
    fails, that is seen to behind the answer.

    Raises:
        TooLarge: more than `limit` bytes came.
        Missing, StoreUnavailable.
    """
    running = Running(spool)
    writer = Writer(store, Plan(key, key, PART, BUFFERS), running)
    try:
        async for chunk in chunks:
            if writer.total + len(chunk) > limit:
                raise TooLarge("too-large", limit=limit)
            await writer.add(chunk)
        stored = await writer.finish()
        await writer.close()
        return stored
    except StoreUnavailable:
        running.drop_spool()
        leave_behind(asyncio.ensure_future(writer.abandon()))
        raise
    except BaseException:
        running.drop_spool()
        await to_the_end(writer.abandon())
        raise


def _now() -> float:
    return asyncio.get_running_loop().time()
