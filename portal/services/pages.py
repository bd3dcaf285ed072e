"""Pictures and texts of a document's pages: drawn when somebody asks, kept in the store, checked at every serving."""

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

from portal.domain import persian
from portal.domain.errors import Conflict, Invalid
from portal.storage import inspection, lectern
from portal.storage.inspection import Picture, Unreadable
from portal.storage.keys import page_key, text_key
from portal.storage.objects import Missing, ObjectStore
from portal.tables.pages import PageImage, PageText

MOST_HITS = 100
AROUND = 60  # letters on either side of what was found
JPEG, JSON, PDF = "image/jpeg", "application/json", "application/pdf"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it is served: its bytes have the digest that its row names."""

    data: bytes
    sha256: str
    across: int
    down: int


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a search found something: on `page`, `found` between the letters `before` and `after`."""

    page: int
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Finding:
    """An object of the cache that is not what its row says. `why`: missing or altered."""

    document: UUID
    page: int | None
    key: str
    why: str


async def picture(document: Mapping[str, Any], page: int, width: int, *, store: ObjectStore, now: datetime) -> Shown:
    """Page `page` (from 1) of the document with this row, `width` pixels wide.

    Raises:
        Invalid: `page`, for one that cannot be drawn. Conflict: `altered`. StoreUnavailable, CageError.
    """
    by = await asyncio.to_thread(inspection.renderer)
    kept = await _row(document["id"], page, width, by)
    if kept is not None and kept["fault"]:
        raise Invalid({"page": kept["fault"]})
    if kept is not None and (data := await _kept(kept["key"], kept["sha256"], store)) is not None:
        return Shown(data, kept["sha256"], kept["across"], kept["down"])
    try:
        async with _open(document, store) as opened:
            drawn = await opened.draw(page, width)
    except lectern.Altered as error:
        raise Conflict("altered") from error
    except Unreadable as error:
        await _keep_fault(document["id"], page, width, by, error.code, now)
        raise Invalid({"page": error.code}) from error
    return await _keep(document, page, width, by, drawn, kept, store, now)


def _open(document: Mapping[str, Any], store: ObjectStore) -> Any:
    return lectern.opened(document["id"], document["key"], document["media_type"], document["sha256"], store)


async def _row(document: UUID, page: int, width: int, by: str) -> dict[str, Any] | None:
    image = PageImage
    same = (image.document == document) & (image.page == page) & (image.width == width) & (image.renderer == by)
    row: dict[str, Any] | None = await image.select().where(same).first()
    return row


async def _kept(key: str, sha256: str, store: ObjectStore) -> bytes | None:
    """The object, if it is still what was put there."""
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


async def _keep_fault(document: UUID, page: int, width: int, by: str, code: str, now: datetime) -> None:
    """Remember it, so that a page that takes a child down does so once."""
    await PageImage.raw(
        "INSERT INTO page_images (document, page, width, renderer, fault, drawn_at) VALUES ({}, {}, {}, {}, {}, {}) "
        "ON CONFLICT DO NOTHING",
        document,
        page,
        width,
        by,
        code,
        now,
    )


async def texts(document: Mapping[str, Any], *, store: ObjectStore, now: datetime) -> list[str]:
    """The text of each page that carries any, in the order of the pages; empty where none does. Best effort.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    if document["media_type"] != PDF:
        return []
    by = await asyncio.to_thread(inspection.renderer)
    row = await _text_row(document["id"], by)
    if row is not None and row["key"] is None:
        return []
    if row is not None and (data := await _kept(row["key"], row["sha256"], store)) is not None:
        return [str(each) for each in json.loads(data)]
    return await _read(document, by, row, store, now)


async def text_of(document: Mapping[str, Any], page: int, *, store: ObjectStore, now: datetime) -> tuple[str, bool]:
    """The text of one page, and whether the document may carry any: nobody waits for the others' before a search.

    Raises:
        Conflict: `altered`. StoreUnavailable, CageError.
    """
    if document["media_type"] != PDF:
        return "", False
    if await _text_row(document["id"], await asyncio.to_thread(inspection.renderer)) is not None:
        found = await texts(document, store=store, now=now)
        return (found[page - 1] if page <= len(found) else ""), bool(found)
    try:
        async with _open(document, store) as opened:
            return _clean("".join(await opened.texts(page, page))), True
    except lectern.Altered as error:
        raise Conflict("altered") from error
    except Unreadable:
        return "", True


async def _text_row(document: UUID, by: str) -> dict[str, Any] | None:
    row: dict[str, Any] | None = (
        await PageText.select().where((PageText.document == document) & (PageText.renderer == by)).first()
    )
    return row


async def _read(
    document: Mapping[str, Any], by: str, damaged: Mapping[str, Any] | None, store: ObjectStore, now: datetime
) -> list[str]:
    try:
        async with _open(document, store) as opened:
            found = [_clean(each) for each in await opened.texts(1, document["pages"])]
    except lectern.Altered as error:
        raise Conflict("altered") from error
    except Unreadable as error:
        _log.warning("the text of document %s cannot be read: %s", document["id"], error.code)
        found = []
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
    return "\n".join(line.strip() for line in "".join(kept).split("\n")).strip()


def search(pages: Iterable[str], wanted: str) -> list[Hit]:
    """Where `wanted` stands in the texts of pages, in whatever digits and letters; at most `MOST_HITS`."""
    key = persian.search_key(wanted)
    hits: list[Hit] = []
    if not key:
        return hits
    for page, text in enumerate(pages, 1):
        plain = persian.search_key(text)
        at = plain.find(key)
        while at >= 0 and len(hits) < MOST_HITS:
            end = at + len(key)
            hits.append(Hit(page, plain[max(0, at - AROUND) : at], plain[at:end], plain[end : end + AROUND]))
            at = plain.find(key, end)
    return hits


async def latest() -> int:
    """The newest picture's number: `named` up to it says the same for ever."""
    row = await PageImage.select(PageImage.id).order_by(PageImage.id, ascending=False).first()
    return int(row["id"]) if row else 0


async def named(documents: Iterable[UUID], upto: int) -> dict[str, list[dict[str, Any]]]:
    """The pictures of `documents` as a statement names them, by document; those with a number up to `upto`."""
    wanted = list(documents)
    if not wanted:
        return {}
    image = PageImage
    rows = (
        await image.select()
        .where(image.document.is_in(wanted) & (image.id <= upto) & image.fault.is_null())
        .order_by(image.page, image.width, image.id)
    )
    found: dict[str, list[dict[str, Any]]] = {str(each): [] for each in wanted}
    for row in rows:
        about = {name: row[name] for name in ("page", "width", "renderer", "sha256")}
        found[str(row["document"])].append(about)
    return found


async def verify_cached(document: UUID, *, store: ObjectStore) -> list[Finding]:
    """What of the document's cached pictures and texts is not what its row says. For `portal verify`.

    Raises:
        StoreUnavailable.
    """
    images = await PageImage.select().where((PageImage.document == document) & PageImage.key.is_not_null())
    read = await PageText.select().where((PageText.document == document) & PageText.key.is_not_null())
    findings = []
    for row in [*images, *read]:
        try:
            data = await store.get_bytes(row["key"])
        except Missing:
            findings.append(Finding(document, row.get("page"), row["key"], "missing"))
            continue
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            findings.append(Finding(document, row.get("page"), row["key"], "altered"))
    return findings
