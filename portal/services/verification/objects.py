"""Bytes against digests: every object that a row names is read again, whole."""

import hashlib
from typing import Any

from portal.services.verification import statements
from portal.services.verification.statements import Finding, Row, Tick
from portal.storage.calls import Missing
from portal.storage.objects import ObjectStore
from portal.tables.acts import LetterScan, LetterSeal, Notice
from portal.tables.documents import Document
from portal.tables.pages import PageImage, PageText

TABLES: tuple[tuple[Any, str], ...] = (
    (Document, "document"),
    (Notice, "letter"),
    (LetterSeal, "sealed letter"),
    (LetterScan, "letter scan"),
    (PageImage, "page image"),  # a cache, but what an officer attests is what they were shown
    (PageText, "page text"),
)


async def count() -> int:
    """How many objects there are to read."""
    return sum([int(await table.count().where(table.key.is_not_null())) for table, _ in TABLES])


async def walk(store: ObjectStore, found: list[Finding], tick: Tick) -> int:
    """Read every object; those whose bytes are gone or others are found. How many were read.

    Raises:
        portal.storage.calls.StoreUnavailable.
    """
    done = 0
    for table, name in TABLES:
        kept = table.key.is_not_null()  # a page that cannot be drawn has a row and no picture
        async for rows in statements.batches(table, table.id, table.id, table.key, table.sha256, where=kept):
            for row in rows:
                if code := await _differs(store, row):
                    found.append(Finding(code, f"{name} {row['id']}", {"key": row["key"]}))
                done += 1
                tick(1)
    return done


async def _differs(store: ObjectStore, row: Row) -> str | None:
    digest = hashlib.sha256()
    try:
        async for piece in store.read(row["key"]):
            digest.update(piece)
    except Missing:
        return "object-missing"
    return None if digest.hexdigest() == row["sha256"] else "object-differs"
