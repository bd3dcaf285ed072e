"""Pictures of a letter's pages, drawn from the very bytes that are signed or sent."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from portal.sandbox import document_sessions
from portal.sandbox.document_sessions import Source
from portal.sandbox.inspection import WIDTH, Picture
from portal.services.reader import sources
from portal.storage.objects import ObjectStore

PDF = "application/pdf"


async def of_bytes(pdf: bytes, page: int) -> Picture:
    """Page `page` (from 1) of the letter `pdf`."""

    async def fetch(path: Path) -> str:
        await asyncio.to_thread(path.write_bytes, pdf)
        return sha256

    sha256 = hashlib.sha256(pdf).hexdigest()
    return await _drawn(sha256, len(pdf), fetch, page)


async def of_stored(key: str, sha256: str, size: int, page: int, *, store: ObjectStore) -> Picture:
    """Page `page` (from 1) of a letter in the store.

    Raises:
        portal.storage.calls.StoreUnavailable; document_sessions.Altered: it is not what was stored.
    """

    async def fetch(path: Path) -> str:
        return await sources.fetch(key, path, store=store)

    return await _drawn(sha256, size, fetch, page)


async def _drawn(sha256: str, size: int, fetch: Callable[[Path], Awaitable[str]], page: int) -> Picture:
    async with document_sessions.session(uuid5(NAMESPACE_URL, sha256)) as session:
        source = Source(sha256, PDF, sha256, size, fetch)
        return await session.ask(source, lambda opened: opened.draw(page, WIDTH))
