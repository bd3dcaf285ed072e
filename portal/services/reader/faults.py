"""Pages that cannot be drawn: remembered, so that each takes a child down once, and a file not for every page of it."""

import asyncio
from datetime import datetime
from uuid import UUID

from portal.sandbox import inspection
from portal.tables.pages import PageImage

MOST_HEAVY = 3
"""Pages of a document that may each cost the limit of time or memory before no more of it are drawn."""
TOO_HEAVY, HEAVY_DOCUMENT = "too_heavy", "heavy-document"


async def why_not(document: UUID, page: int, width: int) -> str | None:
    """The code of why this page is not to be drawn by the renderer of today; a larger picture is no lighter one."""
    by = await asyncio.to_thread(inspection.renderer)
    image = PageImage
    same = (image.document == document) & (image.renderer == by)
    wanted = same & (image.fault.is_not_null() | (image.page == page))
    rows = await image.select(image.page, image.width, image.fault).where(wanted).order_by(image.id)
    of_page = [row for row in rows if row["page"] == page and row["width"] <= width]
    if fault := next((str(row["fault"]) for row in of_page if row["fault"]), None):
        return fault
    is_spent = sum(row["fault"] == TOO_HEAVY for row in rows) >= MOST_HEAVY
    return HEAVY_DOCUMENT if is_spent and not of_page else None


async def keep(document: UUID, page: int, width: int, code: str, now: datetime) -> None:
    """Remember the fault `code`, which this page showed alone in a fresh child."""
    await PageImage.raw(
        "INSERT INTO page_images (document, page, width, renderer, fault, drawn_at) VALUES ({}, {}, {}, {}, {}, {}) "
        "ON CONFLICT DO NOTHING",
        document,
        page,
        width,
        await asyncio.to_thread(inspection.renderer),
        code,
        now,
    )
