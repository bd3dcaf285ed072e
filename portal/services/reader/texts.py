"""Texts of a document's pages, where they carry any: read when somebody asks, kept in the store, searched."""

import asyncio
import hashlib
import json
import logging
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import anyio
from anyio.lowlevel import RunVar

from portal.domain import persian
from portal.domain.errors import Conflict
from portal.sandbox import document_sessions, inspection
from portal.sandbox.document_sessions import DocumentSession
from portal.sandbox.errors import MOST_LETTERS, MOST_TEXT, Unreadable
from portal.sandbox.inspection import WIDTH
from portal.sandbox.supervisor import USUAL, Limits
from portal.sandbox.turns import turns_at
from portal.services.reader import faults, images, sources
from portal.storage.keys import text_key
from portal.storage.objects import ObjectStore
from portal.tables.pages import PageText

MOST_HITS = 100
MOST_KEPT = 4 * MOST_TEXT + 1024 * 1024  # bytes of all texts of a document as they are kept
AROUND = 60  # letters on either side of what was found
SEARCHES = 1  # at a time, for one event loop: the other child at work is for who looks at pages
TURN_WITHIN = 8.0  # seconds for a search to begin
JSON, PDF = "application/json", "application/pdf"

_searches: RunVar[anyio.CapacityLimiter] = RunVar("page text searches")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a search found something: on `page`, `found` between the letters `before` and `after`."""

    page: int
    before: str
    found: str
    after: str


async def texts(document: Mapping[str, Any], *, store: ObjectStore, now: datetime) -> list[str]:
    """The text of each page that carries any, in the order of the pages; empty where none does. Best effort.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    if document["media_type"] != PDF:
        return []
    by = await asyncio.to_thread(inspection.renderer)
    found = await _kept(await _text_row(document["id"], by), store)
    if found is not None:
        return found
    async with document_sessions.session(document["id"]) as session:
        row = await _text_row(document["id"], by)
        found = await _kept(row, store)  # by who had the turn before
        return await _read(document, by, row, session, store, now) if found is None else found


async def text_of(
    document: Mapping[str, Any], page: int, *, store: ObjectStore, now: datetime, limits: Limits = USUAL
) -> tuple[str, bool]:
    """The text of one page, and whether the document may carry any: nobody waits for the others' before a search.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    if document["media_type"] != PDF:
        return "", False
    by = await asyncio.to_thread(inspection.renderer)
    if await _text_row(document["id"], by) is not None:
        found = await texts(document, store=store, now=now)
        return (found[page - 1] if page <= len(found) else ""), bool(found)
    if await faults.why_not(document["id"], page, WIDTH):
        return "", True
    async with document_sessions.session(document["id"]) as session:
        try:
            found = await session.ask(sources.of(document, store, limits), lambda opened: opened.texts(page, page))
        except document_sessions.Altered as error:
            raise Conflict("altered") from error
        except Unreadable as error:
            if error.code == faults.TOO_HEAVY:
                await _keep_texts(document, by, [], None, store, now)
            return "", True
    return await asyncio.to_thread(_clean, "".join(found)), True


async def _text_row(document: UUID, by: str) -> dict[str, Any] | None:
    row: dict[str, Any] | None = (
        await PageText.select().where((PageText.document == document) & (PageText.renderer == by)).first()
    )
    return row


async def _kept(row: Mapping[str, Any] | None, store: ObjectStore) -> list[str] | None:
    """The texts as they are kept; None where they must be read, for the first time or again."""
    if row is None:
        return None
    if row["key"] is None:
        return []
    data = await images.cached(row["key"], row["sha256"], store)
    if data is None or len(data) > MOST_KEPT:  # 0.2.0 kept more
        return None
    return await asyncio.to_thread(lambda: [str(each) for each in json.loads(data)])


async def _read(
    document: Mapping[str, Any],
    by: str,
    damaged: Mapping[str, Any] | None,
    session: DocumentSession,
    store: ObjectStore,
    now: datetime,
) -> list[str]:
    wanted = document["pages"]
    try:
        found = await session.ask(sources.of(document, store), lambda opened: opened.texts(1, wanted))
    except document_sessions.Altered as error:
        raise Conflict("altered") from error
    except Unreadable as error:
        _log.warning("the text of document %s cannot be read: %s", document["id"], error.code)
        found = []
    cleaned = await asyncio.to_thread(lambda: [_clean(each) for each in found])
    return await _keep_texts(document, by, cleaned, damaged, store, now)


async def _keep_texts(
    document: Mapping[str, Any],
    by: str,
    found: list[str],
    damaged: Mapping[str, Any] | None,
    store: ObjectStore,
    now: datetime,
) -> list[str]:
    """Remember them, or that there are none to be had."""
    data = json.dumps(found, ensure_ascii=False).encode()
    key = text_key(document["id"], uuid4()) if any(found) else None
    if key:
        await store.put_bytes(key, data, JSON)
    sha256 = hashlib.sha256(data).hexdigest() if key else None
    if damaged is not None:
        await PageText.update({PageText.key: key, PageText.sha256: sha256}).where(PageText.id == damaged["id"])
    else:
        await PageText.raw(
            "INSERT INTO page_texts (document, renderer, key, sha256, pages, has_text, read_at) "
            "VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
            document["id"],
            by,
            key,
            sha256,
            len(found),
            bool(key),
            now,
        )
    return found if key else []


def _clean(text: str) -> str:
    """Lines of plain letters: what a stranger's file calls text may hold anything."""
    folded = persian.fold_letters(text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (each for each in folded if each in "\n\t\u200c" or unicodedata.category(each)[0] != "C")
    return "\n".join(line.strip() for line in "".join(kept).split("\n")).strip()[:MOST_LETTERS]  # ligatures grow


async def find(
    document: Mapping[str, Any], wanted: str, *, store: ObjectStore, now: datetime
) -> tuple[list[str], list[Hit]]:
    """The texts of a document, and where `wanted` stands in them: read and searched in one turn, beside the event loop.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
        TimeoutError: others' searches take too long.
    """
    turns = turns_at(_searches, SEARCHES)
    async with asyncio.timeout(TURN_WITHIN):
        await turns.acquire()
    try:
        found = await texts(document, store=store, now=now)
        return found, await asyncio.to_thread(search, found, wanted)
    finally:
        turns.release()


def search(texts: Iterable[str], wanted: str) -> list[Hit]:
    """Where `wanted` stands in the `texts` of pages, in whatever digits and letters; at most `MOST_HITS`.

    For a thread: page by page it lets others run, and a document of `MOST_TEXT` letters takes a second or two.
    """
    key = persian.search_key(wanted)
    hits: list[Hit] = []
    if not key:
        return hits
    for page, text in enumerate(texts, 1):
        if len(hits) == MOST_HITS:
            break
        plain = persian.search_key(text[:MOST_LETTERS])
        at = plain.find(key)
        while at >= 0 and len(hits) < MOST_HITS:
            end = at + len(key)
            hits.append(Hit(page, plain[max(0, at - AROUND) : at], plain[at:end], plain[end : end + AROUND]))
            at = plain.find(key, end)
    return hits
