"""Calls to the store that may be made twice, made until it has answered; all tries of one have one deadline."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from portal.storage.calls import Missing, StoreUnavailable, within
from portal.storage.objects import ObjectStore

T = TypeVar("T")


class RetryingStore:
    """`store`, by the calls with which one writer makes its objects: each made again after each of `pauses` (seconds).

    `was_whole`: the object was found whole when a call for it failed; whoever made it may have had other bytes.
    """

    def __init__(self, store: ObjectStore, pauses: Sequence[float]) -> None:
        self.was_whole = False
        self._store, self._pauses = store, pauses

    async def get_bytes(self, key: str) -> bytes:
        """The whole object, for small ones. Raises Missing, StoreUnavailable."""
        return await self._patiently(lambda: self._store.get_bytes(key))

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Store `data` under a fresh `key`. Raises StoreUnavailable."""
        await self._patiently(lambda: self._store.put_bytes(key, data))

    async def open_parts(self, key: str) -> str:
        """Begin an object that arrives in parts; its multipart id. Raises StoreUnavailable."""
        return await self._patiently(lambda: self._store.open_parts(key))

    async def put_part(
        self, key: str, parts: str, number: int, data: bytes | bytearray, *, size: int | None
    ) -> str | None:
        """Store part `number`: its tag, or None where the object of `size` bytes is whole, whatever the store said.

        Raises:
            Missing, StoreUnavailable.
        """
        return await self._unless_whole(lambda: self._store.put_part(key, parts, number, data), key, size)

    async def join_parts(self, key: str, parts: str, tags: Sequence[str], *, size: int) -> None:
        """Make the object of `size` bytes; if it is whole, it is, whatever the store said. Raises as `put_part`."""
        await self._unless_whole(lambda: self._store.join_parts(key, parts, tags), key, size)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        until = _now() + self._store.deadline
        for pause in self._pauses:
            try:
                return await within(until - _now(), call())
            except StoreUnavailable:
                if _now() + pause >= until:
                    raise
                await asyncio.sleep(pause)
        return await within(until - _now(), call())

    async def _unless_whole(self, call: Callable[[], Awaitable[T]], key: str, size: int | None) -> T | None:
        until = _now() + self._store.deadline
        try:
            return await self._patiently(call)
        except (StoreUnavailable, Missing):
            if size is None or not await self._store.is_whole(key, size, seconds=until - _now()):
                raise
        self.was_whole = True
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
