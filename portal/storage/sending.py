"""One object on its way into the store: a single PUT if it fits into a part, a multipart upload otherwise.

The parts are sent here and not by `Minio.put_object(length=-1)`: that one keeps a thread for as long as a slow
client takes, and after a failure leaves its threads behind and may still be sending a part while it aborts. The
multipart calls are private to the SDK (its version is pinned in pyproject.toml and `tests/storage` covers them).
"""

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeAlias, TypeVar

from minio.datatypes import Part

from portal.storage.calls import Caller, Missing, StoreUnavailable, leave_behind, within
from portal.storage.spool import Running, Spool

PART = 8 * 1024 * 1024  # S3 takes 10,000 parts of at least 5 MiB
PARTS_UNDER_WAY = 2
LOOKS = (0.0, 0.2, 0.8)  # seconds before each look

Headers: TypeAlias = "dict[str, str | list[str] | tuple[str]]"
P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is whole in the store. `size` in bytes, `sha256` in hex, `head` its first 64 KiB.

    `spool` holds the same bytes where they came through this process and there was room; whoever has them closes it.
    """

    key: str
    size: int
    sha256: str
    head: bytes
    spool: Spool | None = field(default=None, compare=False)

    def drop_spool(self) -> None:
        """Gives up what lies on the local disk."""
        if self.spool:
            self.spool.close()


class Sending:
    """The object under a fresh `key` of `bucket`; `remove` takes back every version of a key.

    Each call to the store is a task of its own and is never cancelled, so that whatever it leaves can be found.
    """

    def __init__(
        self, caller: Caller, bucket: str, key: str, media_type: str, known: Running, remove: Callable[[str], None]
    ) -> None:
        self.size = 0
        self.known = known
        self._caller, self._client = caller, caller.client
        self._place = (bucket, key)
        self._media_type = media_type
        self._remove = remove
        self._waiting = bytearray()
        self._calls: list[asyncio.Task[Any]] = []
        self._opening: asyncio.Task[str] | None = None
        self._parts: list[asyncio.Task[str]] = []
        self._is_ending = False

    async def add(self, chunk: bytes) -> None:
        """Takes bytes in; raises Missing, StoreUnavailable."""
        self.size += len(chunk)
        self._waiting += chunk
        while len(self._waiting) > PART:  # what is left is the last part, which must not be empty
            part = bytes(memoryview(self._waiting)[:PART])
            del self._waiting[:PART]
            await self._send(part)

    async def finish(self) -> Stored:
        """Makes the object whole; raises Missing, StoreUnavailable."""
        last = bytes(self._waiting)
        self._waiting.clear()
        if self._opening is None:
            await self._put_whole(last)
        else:
            await self._send(last)
            await self._complete()
        known = self.known
        return Stored(self._place[1], self.size, known.sha256.hexdigest(), known.head, known.spool)

    async def abandon(self) -> None:
        """Takes back whatever reached the store. A store that is gone keeps it: no row will ever name it."""
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._opening and not self._opening.exception():
            await self._take_back(self._client._abort_multipart_upload, *self._place, self._opening.result())
        if self._is_ending:
            await self._take_back(self._remove, self._place[1])

    async def _take_back(self, function: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await self._call(function, *args, **kwargs)
        except (StoreUnavailable, Missing) as error:
            _log.warning("remains of %s stay in the store: %s", self._place[1], error)

    async def _send(self, part: bytes) -> None:
        await self._call(self.known.add, part)
        if self._opening is None:
            headers: Headers = {"Content-Type": self._media_type}
            self._opening = self._start(self._client._create_multipart_upload, *self._place, headers)
        upload_id = await asyncio.shield(self._opening)
        if len(self._parts) >= PARTS_UNDER_WAY:
            await asyncio.shield(self._parts[-PARTS_UNDER_WAY])
        number = len(self._parts) + 1
        self._parts.append(self._start(self._client._upload_part, *self._place, part, None, upload_id, number))

    async def _complete(self) -> None:
        assert self._opening is not None
        parts = [Part(number, await asyncio.shield(part)) for number, part in enumerate(self._parts, 1)]
        await self._end(self._client._complete_multipart_upload, *self._place, self._opening.result(), parts)

    async def _put_whole(self, data: bytes) -> None:
        await self._call(self.known.add, data)
        put = self._client.put_object
        await self._end(put, *self._place, io.BytesIO(data), len(data), content_type=self._media_type)

    async def _end(self, function: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """The step that makes the object. Whatever becomes of its answer: an object that is whole is whole."""
        self._is_ending = True
        until = asyncio.get_running_loop().time() + self._caller.deadline
        try:
            await self._call(function, *args, **kwargs)
        except (StoreUnavailable, Missing) as error:
            if not await self._is_whole(until - asyncio.get_running_loop().time()):
                raise
            _log.info("the object %s is whole, though its last step failed: %s", self._place[1], error)

    async def _is_whole(self, seconds: float) -> bool:
        with suppress(StoreUnavailable):
            return await is_whole(self._caller, *self._place, self.size, seconds=seconds)
        return False

    def _start(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[T]:
        task = asyncio.ensure_future(self._caller.call(function, *args, **kwargs))
        self._calls.append(task)
        return task

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.shield(self._start(function, *args, **kwargs))


async def is_whole(caller: Caller, bucket: str, key: str, size: int, *, seconds: float) -> bool:
    """Whether the object under `key`, which nobody else writes, is there with `size` bytes, or soon is.

    Raises:
        StoreUnavailable: the store does not say so within so many seconds.
    """

    async def look() -> bool:
        try:
            found = await caller.call(caller.client.stat_object, bucket, key)
        except Missing:
            return False
        return int(found.size or 0) == size

    return await soon(look, seconds)


async def soon(look: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether `look` finds it, now or soon: a store that answered too early may still be at work."""
    until = asyncio.get_running_loop().time() + seconds
    for pause in LOOKS:
        await asyncio.sleep(pause)
        if await within(until - asyncio.get_running_loop().time(), look()):
            return True
    return False


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Awaits `work`, which goes on even when whoever awaits it is cancelled once more."""
    task = asyncio.ensure_future(work)
    leave_behind(task)
    await asyncio.shield(task)
