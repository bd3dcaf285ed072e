"""What has to be said beside the picture of a page: found once by each renderer, kept for whoever reads it next."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.errors import Conflict
from portal.sandbox import document_sessions, inspection
from portal.sandbox.errors import Unreadable
from portal.sandbox.inspection import WIDTH, Notes
from portal.sandbox.supervisor import USUAL, Limits
from portal.services.reader import faults, sources
from portal.storage.objects import ObjectStore
from portal.tables.pages import PageNote

PDF = "application/pdf"
NOTHING = Notes()


async def notes_of(
    document: Mapping[str, Any], page: int, *, store: ObjectStore, now: datetime, limits: Limits = USUAL
) -> Notes:
    """What is to be said of page `page` (from 1); nothing of a page that cannot be drawn, for that is said otherwise.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    if document["media_type"] != PDF:
        return NOTHING
    by = await asyncio.to_thread(inspection.renderer)
    if (kept := await _kept(document["id"], page, by)) is not None:
        return kept
    if await faults.why_not(document["id"], page, WIDTH):
        return NOTHING
    async with document_sessions.session(document["id"]) as session:
        try:
            found = await session.ask(sources.of(document, store, limits), lambda opened: opened.notes(page))
        except document_sessions.Altered as error:
            raise Conflict("altered") from error
        except Unreadable:
            return NOTHING
    await _keep(document["id"], page, by, found, now)
    return found


async def _kept(document: UUID, page: int, by: str) -> Notes | None:
    same = (PageNote.document == document) & (PageNote.page == page) & (PageNote.renderer == by)
    row = await PageNote.select().where(same).first()
    return Notes(row["undrawn"], row["is_replaced"], row["is_lacking"]) if row else None


async def _keep(document: UUID, page: int, by: str, found: Notes, now: datetime) -> None:
    await PageNote.raw(
        "INSERT INTO page_notes (document, page, renderer, undrawn, is_replaced, is_lacking, noted_at) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
        document,
        page,
        by,
        found.undrawn,
        found.is_replaced,
        found.is_lacking,
        now,
    )
