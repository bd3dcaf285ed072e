"""Documents that are being read: kept open in the cage for a while, so that the next page need not fetch them again.

Whoever reads one has its turn, and the others wait: at most one child works for a document, and when it dies, the one
whose request it was knows that nobody else's can be to blame.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from anyio.lowlevel import RunVar

from portal.sandbox import inspection, scratch
from portal.sandbox.errors import Unreadable
from portal.sandbox.inspection import OpenFile
from portal.sandbox.supervisor import USUAL, Limits, SessionEnded

KEPT = 6  # documents of one event loop
IDLE = 60.0  # seconds

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Altered(Exception):
    """The bytes that came are not those that were recorded."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document's bytes: how many, and their `sha256` in hex.

    `fetch` writes them to a path and gives the digest of what it wrote; `limits` are for the child that opens them.
    """

    name: str
    media_type: str
    sha256: str
    size: int
    fetch: Callable[[Path], Awaitable[str]]
    limits: Limits = USUAL


@dataclass(slots=True)
class DocumentSession:
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
            Altered: other bytes came. CageError, and whatever `fetch` raises.
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


_sessions: RunVar[dict[UUID, DocumentSession]] = RunVar("document_sessions")


@asynccontextmanager
async def session(document: UUID) -> AsyncIterator[DocumentSession]:
    """The turn at this document, in the order of coming."""
    sessions = _all()
    mine = sessions.setdefault(document, DocumentSession())
    mine.users += 1
    if mine.timer:
        mine.timer.cancel()
    try:
        async with mine.lock:
            yield mine
    finally:
        mine.users -= 1
        if mine.users == 0:
            _let_rest(document, sessions)


def close() -> None:
    """Closes every document of this event loop."""
    for session in _all().values():
        session.clear()
        if session.timer:
            session.timer.cancel()
    _all().clear()


async def _opened(source: Source) -> OpenFile:
    with scratch.place(source.size) as path:  # the child keeps its own handle
        if await source.fetch(path) != source.sha256:
            _log.error("the object %s is not the document that was recorded", source.name)
            raise Altered(source.name)
        return await inspection.read(path, source.media_type, source.limits)


def _let_rest(document: UUID, sessions: dict[UUID, DocumentSession]) -> None:
    session = sessions[document]
    if session.reading is None or not session.reading.is_open:
        del sessions[document]
        return
    session.timer = asyncio.get_running_loop().call_later(IDLE, _forget, document, sessions)
    sessions[document] = sessions.pop(document)  # the last one used stands last
    resting = [each for each, kept in sessions.items() if kept.users == 0]
    for each in resting[: max(0, len(resting) - KEPT)]:
        _forget(each, sessions)


def _forget(document: UUID, sessions: dict[UUID, DocumentSession]) -> None:
    session = sessions.get(document)
    if session is None or session.users:
        return
    session.clear()
    if session.timer:
        session.timer.cancel()
    del sessions[document]


def _all() -> dict[UUID, DocumentSession]:
    try:
        return _sessions.get()
    except LookupError:
        _sessions.set({})
        return _sessions.get()
