"""Documents that are being read: kept open in the cage for a while, so that the next page need not fetch them again.

Whoever reads one has its turn, and the others wait: at most one child works for a document, and when it dies, the one
whose request it was knows that nobody else's can be to blame.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from anyio.lowlevel import RunVar

from portal.storage import inspection, room
from portal.storage.inspection import USUAL, Limits, OpenFile, SessionEnded, Unreadable
from portal.storage.objects import ObjectStore

KEPT = 6  # documents of one event loop
IDLE = 60.0  # seconds
PIECE = 4 * 1024 * 1024  # bytes: somebody waits for the first page, and each piece waits for a thread

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Altered(Exception):
    """The stored bytes are not those that were recorded."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document's bytes are, how many, and their `sha256` in hex; `limits` for the child that opens them."""

    key: str
    media_type: str
    sha256: str
    size: int
    store: ObjectStore
    limits: Limits = USUAL


@dataclass(slots=True)
class Desk:
    """Where one document's reading is kept; the lock gives the turn."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading: OpenFile | None = None
    users: int = 0
    timer: asyncio.TimerHandle | None = None

    async def ask(self, source: Source, request: Callable[[OpenFile], Awaitable[T]]) -> T:
        """What `request` gets of the document. For whoever has the turn.

        A child that served others may fail for what they did to it, or for what befell it since: a fresh one is asked
        then, and its word counts.

        Raises:
            Altered: the store gives other bytes. Missing, StoreUnavailable, CageError.
            Unreadable: the fault of this request alone, in a fresh child.
        """
        if self._can_serve(source.limits):
            assert self.reading is not None
            with suppress(Unreadable, SessionEnded):
                return await request(self.reading)
        self.clear()
        self.reading = await _opened(source)
        return await request(self.reading)

    def _can_serve(self, limits: Limits) -> bool:
        reading = self.reading
        return reading is not None and reading.is_open and not reading.is_worn and reading.limits == limits

    def clear(self) -> None:
        """Ends the child."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None


_desks: RunVar[dict[UUID, Desk]] = RunVar("lectern")


@asynccontextmanager
async def turn(document: UUID) -> AsyncIterator[Desk]:
    """The turn at this document, in the order of coming."""
    desks = _all()
    desk = desks.setdefault(document, Desk())
    desk.users += 1
    if desk.timer:
        desk.timer.cancel()
    try:
        async with desk.lock:
            yield desk
    finally:
        desk.users -= 1
        if desk.users == 0:
            _let_rest(document, desks)


def close() -> None:
    """Closes every document of this event loop."""
    for desk in _all().values():
        desk.clear()
        if desk.timer:
            desk.timer.cancel()
    _all().clear()


async def _opened(source: Source) -> OpenFile:
    with room.place(source.size) as path:  # the child keeps its own handle
        if await _fetch(source.key, path, source.store) != source.sha256:
            _log.error("the object %s is not the document that was recorded", source.key)
            raise Altered(source.key)
        return await inspection.read(path, source.media_type, source.limits)


async def _fetch(key: str, path: Path, store: ObjectStore) -> str:
    """Copies the object into the file `path`; its SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("wb") as file:

        def keep(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        async for piece in store.read(key, piece=PIECE):
            await asyncio.to_thread(keep, piece)
    return digest.hexdigest()


def _let_rest(document: UUID, desks: dict[UUID, Desk]) -> None:
    desk = desks[document]
    if desk.reading is None or not desk.reading.is_open:
        del desks[document]
        return
    desk.timer = asyncio.get_running_loop().call_later(IDLE, _forget, document, desks)
    desks[document] = desks.pop(document)  # the last one used stands last
    resting = [each for each, kept in desks.items() if kept.users == 0]
    for each in resting[: max(0, len(resting) - KEPT)]:
        _forget(each, desks)


def _forget(document: UUID, desks: dict[UUID, Desk]) -> None:
    desk = desks.get(document)
    if desk is None or desk.users:
        return
    desk.clear()
    if desk.timer:
        desk.timer.cancel()
    del desks[document]


def _all() -> dict[UUID, Desk]:
    try:
        return _desks.get()
    except LookupError:
        _desks.set({})
        return _desks.get()
