"""Documents that are being read: kept open in the cage for a while, so that the next page need not fetch them again."""

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from anyio.lowlevel import RunVar

from portal.storage import inspection
from portal.storage.inspection import OpenFile
from portal.storage.objects import ObjectStore

KEPT = 6  # documents of one event loop
IDLE = 60.0  # seconds

_log = logging.getLogger(__name__)


class Altered(Exception):
    """The stored bytes are not those that were recorded."""


@dataclass(slots=True)
class _Place:
    """Where one document's reading is kept; the lock keeps two from opening it at once."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading: OpenFile | None = None
    users: int = 0
    timer: asyncio.TimerHandle | None = None


_places: RunVar[dict[UUID, _Place]] = RunVar("lectern")


@asynccontextmanager
async def opened(document: UUID, key: str, media_type: str, sha256: str, store: ObjectStore) -> AsyncIterator[OpenFile]:
    """The document with these bytes (`sha256` in hex), open in the cage.

    Raises:
        Altered: the store gives other bytes. Missing, StoreUnavailable, CageError, Unreadable.
    """
    places = _all()
    place = places.setdefault(document, _Place())
    place.users += 1
    if place.timer:
        place.timer.cancel()
    try:
        async with place.lock:
            if place.reading is None or not place.reading.is_open or (place.reading.is_worn and place.users == 1):
                _close(place)
                place.reading = await _opened(key, media_type, sha256, store)
        yield place.reading
    finally:
        place.users -= 1
        if place.users == 0:
            _let_rest(document, places)


def close() -> None:
    """Closes every document of this event loop."""
    for place in _all().values():
        _close(place)
        if place.timer:
            place.timer.cancel()
    _all().clear()


async def _opened(key: str, media_type: str, sha256: str, store: ObjectStore) -> OpenFile:
    with tempfile.TemporaryDirectory(prefix="daraje-") as folder:  # the child keeps its own handle
        path = Path(folder) / "document"
        if await _fetch(key, path, store) != sha256:
            _log.error("the object %s is not the document that was recorded", key)
            raise Altered(key)
        return await inspection.read(path, media_type)


async def _fetch(key: str, path: Path, store: ObjectStore) -> str:
    """Copies the object into the file `path`; its SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("wb") as file:

        def keep(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        async for piece in store.read(key):
            await asyncio.to_thread(keep, piece)
    return digest.hexdigest()


def _let_rest(document: UUID, places: dict[UUID, _Place]) -> None:
    place = places[document]
    if place.reading is None or not place.reading.is_open:
        del places[document]
        return
    place.timer = asyncio.get_running_loop().call_later(IDLE, _forget, document, places)
    places[document] = places.pop(document)  # the last one used stands last
    resting = [each for each, kept in places.items() if kept.users == 0]
    for each in resting[: max(0, len(resting) - KEPT)]:
        _forget(each, places)


def _forget(document: UUID, places: dict[UUID, _Place]) -> None:
    place = places.get(document)
    if place is None or place.users:
        return
    _close(place)
    if place.timer:
        place.timer.cancel()
    del places[document]


def _close(place: _Place) -> None:
    if place.reading is not None:
        place.reading.close()
        place.reading = None


def _all() -> dict[UUID, _Place]:
    try:
        return _places.get()
    except LookupError:
        _places.set({})
        return _places.get()
