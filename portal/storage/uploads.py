"""Bytes that arrive over a bad line become durable part by part: what is kept is what may be acknowledged.

Whole parts go to S3 several at once while SHA-256 runs over them, and a spool takes them, in a thread of its own. What
is shorter than a part when the line is cut becomes an object of its own and is read back when the upload goes on.
Memory is the buffers that the writer was given: whoever fills them faster than the store empties them waits, and so
does the socket.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from portal.domain.uploads import BeyondLength
from portal.storage.calls import Missing, StoreUnavailable, within
from portal.storage.objects import ObjectStore
from portal.storage.spool import Running

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """What of an upload is durable: `tags` of its whole parts in order, and `tail`, the key of what lies behind them.

    `received` is the number of bytes that both hold; `parts` is the multipart id, None before the first whole part.
    """

    received: int = 0
    parts: str | None = None
    tags: tuple[str, ...] = ()
    tail: str | None = None


class Writer:
    """Writes the bytes of one request behind what is `kept` already. Call `open` first and `close` last.

    `tail` names the object that takes the rest of so many bytes: no other writer may have a name of these.
    `keep` makes a new state durable; it is called in order, and never with fewer bytes than before. With `hold` it is
    not called before `keep_rest`: a checksum stands for all the bytes of a request or for none.
    """

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        kept: Kept,
        *,
        length: int,
        part: int,
        buffers: int,
        tail: Callable[[int], str],
        keep: Callable[[Kept], Awaitable[None]],
        running: Running | None,
        hold: bool = False,
    ) -> None:
        self.kept = kept
        self.total = kept.received  # bytes that are here, durable or not
        self.running = running  # None: whoever wants the digest must read the object
        self._store, self._key, self._length, self._part = store, key, length, part
        self._tail, self._keep, self._hold = tail, keep, hold
        self._buffer, self._filled = bytearray(min(part, length)), 0
        self._unmade = buffers - 1
        self._free: asyncio.Queue[bytearray] = asyncio.Queue()
        self._sending: list[asyncio.Task[None]] = []
        self._number = len(kept.tags)
        self._stale: list[str] = []
        self._is_whole = False  # the object was made before, by whoever was cut off before he could say so
        self._turn = asyncio.Lock()  # bytes come in while the rest may be made durable
        self._since = self._now()
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="sha256")  # one thread: the order of the bytes

    @property
    def age(self) -> float:
        """Seconds for which bytes lie here that are not durable yet."""
        return self._now() - self._since if self.total > self.kept.received else 0.0

    async def open(self) -> None:
        """Reads the tail back. Raises Missing, StoreUnavailable."""
        if self.kept.tail is not None:
            key = self.kept.tail
            tail = await self._patiently(lambda: self._store.get_bytes(key))
            self._buffer[: len(tail)] = tail
            self._filled = len(tail)

    async def close(self) -> None:
        """Waits for the calls under way, whatever became of them."""
        await asyncio.gather(*self._sending, return_exceptions=True)
        self._hasher.shutdown(wait=False)

    async def add(self, chunk: bytes) -> None:
        """Takes bytes in; waits while every buffer is on its way.

        Raises:
            BeyondLength, Missing, StoreUnavailable, and what `keep` raises.
        """
        if self.total + len(chunk) > self._length:
            raise BeyondLength("beyond-length", length=self._length)
        view = memoryview(chunk)
        async with self._turn:
            while view:
                taken = view[: self._part - self._filled]
                self._buffer[self._filled : self._filled + len(taken)] = taken
                self._filled += len(taken)
                self.total += len(taken)
                view = view[len(taken) :]
                if self._filled == self._part and self.total < self._length:
                    await self._send()

    async def keep_rest(self) -> None:
        """Makes durable whatever is here. Raises as `add` does."""
        async with self._turn:
            await self._settle()
            if self._filled and self.total > self.kept.received:
                tail, rest = self._tail(self.total), self._rest()
                await self._patiently(lambda: self._store.put_bytes(tail, rest))
                await self._change(replace(self.kept, received=self.total, tail=tail))
            if self._hold:
                await self._commit()

    async def finish(self, alone: str) -> None:
        """Makes the object whole, under the key `alone` if it never had parts; raises as `add` does.

        What is `kept` stays as it was: nobody is told yet.
        """
        await self._settle()
        rest, parts = self._rest(), self.kept.parts
        if parts is None:
            await self._patiently(lambda: self._store.put_bytes(alone, rest))
        else:
            tags = [*self.kept.tags, await self._put_part(len(self.kept.tags) + 1, rest)]
            if not self._is_whole:
                await self._unless_whole(lambda: self._store.join_parts(self._key, parts, tags))
        if self.running:
            await self._hash(self.running, rest)

    async def forget_tails(self) -> None:
        """Removes the tails that nothing names any more; `portal sweep` finds those of a store that was gone."""
        while self._stale:
            with suppress(StoreUnavailable):
                await self._store.remove(self._stale.pop())

    def _rest(self) -> bytes:
        return bytes(memoryview(self._buffer)[: self._filled])

    async def _send(self) -> None:
        if self.kept.parts is None:
            parts = await self._patiently(lambda: self._store.open_parts(self._key))
            self.kept = replace(self.kept, parts=parts)
            await self._keep(self.kept)  # known before the first part lies there: it can be aborted
        full, before = self._buffer, self._sending[-1] if self._sending else None
        self._number += 1
        hashing = self._hash(self.running, full) if self.running else None
        self._sending.append(asyncio.create_task(self._store_part(self._number, full, hashing, before)))
        self._buffer, self._filled = await self._another(), 0
        for task in self._sending:
            if task.done():
                await task

    async def _another(self) -> bytearray:
        """An empty buffer: a fresh one as long as the setting allows, else the next that the store has taken."""
        if self._free.empty() and self._unmade:
            self._unmade -= 1
            return bytearray(self._part)
        return await self._free.get()

    async def _store_part(
        self, number: int, data: bytearray, hashing: "asyncio.Future[None] | None", before: "asyncio.Task[None] | None"
    ) -> None:
        try:
            tag = await self._put_part(number, data)
        finally:
            if hashing is not None:
                await hashing
            self._free.put_nowait(data)
        if before is not None:
            await before
        if self._is_whole:
            return
        if self.running:
            self.running.parts = number
        tags = (*self.kept.tags, tag)
        await self._change(replace(self.kept, received=number * self._part, tags=tags, tail=None))

    async def _put_part(self, number: int, data: bytes | bytearray) -> str:
        parts = self.kept.parts
        assert parts is not None
        return await self._unless_whole(lambda: self._store.put_part(self._key, parts, number, data)) or ""

    async def _unless_whole(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """What `call` answers; None where the object is whole, whatever the store said of it."""
        until = self._now() + self._store.deadline
        try:
            return await self._patiently(call)
        except (StoreUnavailable, Missing):
            if not await self._is_here(until - self._now()):
                raise
        return None

    async def _is_here(self, seconds: float) -> bool:
        """Whether the object is whole: then it is read for its digest.

        Raises:
            StoreUnavailable: the store does not say so within so many seconds.
        """
        if await self._store.is_whole(self._key, self._length, seconds=seconds):
            self._is_whole, self.running = True, None
        return self._is_whole

    def _hash(self, running: Running, data: bytes | bytearray) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._hasher, running.add, data)

    async def _settle(self) -> None:
        for task in self._sending:
            await asyncio.shield(task)  # whoever is tired of waiting takes no part off its way

    async def _change(self, kept: Kept) -> None:
        if self.kept.tail is not None and self.kept.tail != kept.tail:
            self._stale.append(self.kept.tail)
        self.kept = kept
        if not self._hold:
            await self._commit()

    async def _commit(self) -> None:
        await self._keep(self.kept)
        self._since = self._now()
        await self.forget_tails()

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Makes a call that may be made twice until the store has answered it; all tries have one deadline."""
        until = self._now() + self._store.deadline
        for pause in self._store.pauses:
            try:
                return await within(until - self._now(), call())
            except StoreUnavailable:
                if self._now() + pause >= until:
                    raise
                await asyncio.sleep(pause)
        return await within(until - self._now(), call())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
