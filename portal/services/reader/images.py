"""Pictures of a document's pages: drawn when somebody asks, kept in the store, checked at every serving."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain.errors import Conflict, Invalid
from portal.sandbox import document_sessions, inspection
from portal.sandbox.errors import Unreadable
from portal.sandbox.inspection import Picture
from portal.sandbox.supervisor import USUAL, Limits
from portal.services.reader import faults, sources
from portal.storage.calls import Missing
from portal.storage.keys import page_key
from portal.storage.objects import ObjectStore
from portal.tables.pages import PageImage

JPEG = "image/jpeg"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it is served: its bytes have the digest that its row names."""

    data: bytes
    sha256: str
    across: int
    down: int


async def picture(
    document: Mapping[str, Any], page: int, width: int, *, store: ObjectStore, now: datetime, limits: Limits = USUAL
) -> Shown:
    """Page `page` (from 1) of the document with this row, `width` pixels wide.

    Raises:
        Invalid: `page`, for one that cannot be drawn. Conflict: `altered`. StoreUnavailable, CageError.
    """
    by = await asyncio.to_thread(inspection.renderer)
    kept = await _row(document["id"], page, width, by)
    if kept is not None and (data := await cached(kept["key"], kept["sha256"], store)) is not None:
        return Shown(data, kept["sha256"], kept["across"], kept["down"])
    await _require_drawable(document["id"], page, width)
    async with document_sessions.session(document["id"]) as session:
        await _require_drawable(document["id"], page, width)  # what the others found out meanwhile
        try:
            drawn = await session.ask(sources.of(document, store, limits), lambda opened: opened.draw(page, width))
        except document_sessions.Altered as error:
            raise Conflict("altered") from error
        except Unreadable as error:
            await faults.keep(document["id"], page, width, error.code, now)
            raise Invalid({"page": error.code}) from error
    return await _keep(document, page, width, by, drawn, kept, store, now)


async def _require_drawable(document: UUID, page: int, width: int) -> None:
    if code := await faults.why_not(document, page, width):
        raise Invalid({"page": code})


async def _row(document: UUID, page: int, width: int, by: str) -> dict[str, Any] | None:
    image = PageImage
    same = (image.document == document) & (image.page == page) & (image.width == width) & (image.renderer == by)
    row: dict[str, Any] | None = await image.select().where(same & image.fault.is_null()).first()
    return row


async def cached(key: str, sha256: str, store: ObjectStore) -> bytes | None:
    """The object of the cache, if it is still what was put there."""
    try:
        data = await store.get_bytes(key)
    except Missing:
        _log.error("the cached object %s is missing; it is made anew", key)
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        _log.error("the cached object %s is not what was put there; it is not shown, and made anew", key)
        return None
    return data


async def _keep(
    document: Mapping[str, Any],
    page: int,
    width: int,
    by: str,
    drawn: Picture,
    damaged: Mapping[str, Any] | None,
    store: ObjectStore,
    now: datetime,
) -> Shown:
    sha256 = hashlib.sha256(drawn.data).hexdigest()
    if damaged is not None and sha256 != damaged["sha256"]:
        raise Conflict("altered")  # the same renderer draws the same bytes: one of the two is a stranger's
    key = page_key(document["id"], page, uuid4())
    await store.put_bytes(key, drawn.data, JPEG)
    if damaged is not None:
        await PageImage.update({PageImage.key: key}).where(PageImage.id == damaged["id"])
    elif not await _insert(document["id"], page, width, by, key, drawn, sha256, now):
        await store.remove(key)  # another request was quicker
    return Shown(drawn.data, sha256, drawn.across, drawn.down)


async def _insert(
    document: UUID, page: int, width: int, by: str, key: str, drawn: Picture, sha256: str, now: datetime
) -> bool:
    rows = await PageImage.raw(
        "INSERT INTO page_images (document, page, width, renderer, key, size, sha256, across, down, drawn_at) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING RETURNING id",
        document,
        page,
        width,
        by,
        key,
        len(drawn.data),
        sha256,
        drawn.across,
        drawn.down,
        now,
    )
    return bool(rows)


async def ensure(document: Mapping[str, Any], page: int, width: int, *, store: ObjectStore, now: datetime) -> None:
    """As `picture`, for whoever needs to know that it is drawn: nothing is fetched where it has been.

    Raises:
        Invalid: `page`, for one that cannot be drawn. Conflict: `altered`. StoreUnavailable, CageError.
    """
    by = await asyncio.to_thread(inspection.renderer)
    if await _row(document["id"], page, width, by) is None:
        await picture(document, page, width, store=store, now=now)


async def drawn(document: UUID, page: int, width: int) -> int | None:
    """The number of the newest picture of this page, by whatever renderer; None before it was drawn."""
    image = PageImage
    same = (image.document == document) & (image.page == page) & (image.width == width) & image.fault.is_null()
    row = await image.select(image.id).where(same).order_by(image.id, ascending=False).first()
    return int(row["id"]) if row else None
