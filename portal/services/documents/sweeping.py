"""The store against the rows: objects that no row names, rows whose object is gone, uploads that nobody ends."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.services.documents import intake, uploads
from portal.storage.calls import Missing
from portal.storage.keys import TRIALS
from portal.storage.objects import Listed, ObjectStore
from portal.tables.acts import LetterScan
from portal.tables.documents import Document
from portal.tables.uploads import Upload

GRACE = timedelta(hours=24)
PAGE = 1000
ROOTS = ("cases/", "uploads/", TRIALS)  # what lies elsewhere is not ours to judge
SCAN = re.compile(r"cases/[0-9-]+/documents/[0-9a-f-]{36}(-[0-9a-f]{32})?")
LETTER_SCAN = re.compile(r"cases/[0-9-]+/letter-scans/[0-9a-f-]{36}")
TAIL = re.compile(r"uploads/[0-9a-f-]{36}/[0-9]+(-[0-9a-f]{32})?")
TRIAL = re.compile(re.escape(TRIALS) + "[0-9a-f]{32}")
OURS = (SCAN, LETTER_SCAN, TAIL, TRIAL)

KEYS = """
SELECT key FROM (SELECT key FROM documents UNION ALL SELECT key FROM letter_scans) AS scans
WHERE key COLLATE "C" > {} ORDER BY key COLLATE "C" LIMIT {}
"""


@dataclass(frozen=True, slots=True)
class Stray:
    """An object or an open multipart upload (`parts`) that no row names; `size` in bytes, None where unknown."""

    key: str
    size: int | None = None
    parts: str | None = None


async def expired(*, store: ObjectStore, now: datetime) -> int:
    """End every upload whose time is over; how many."""
    ended = 0
    await intake.forget(now)
    while True:
        before = await Upload.count().where(Upload.expires_at <= now)
        ended += await uploads.expire(store=store, now=now)
        if await Upload.count().where(Upload.expires_at <= now) in (0, before):
            return ended


async def strays(*, store: ObjectStore, now: datetime, grace: timedelta = GRACE) -> AsyncIterator[Stray]:
    """Scans and tails that no row names, what a trial of the store left, and parts that no upload waits for.

    All of them were written more than `grace` ago.

    Letters and packages are never among them: a letter is proof, whoever forgot to name it.

    Raises:
        StoreUnavailable
    """
    for root in ROOTS:
        async for page in _pages(store, root):
            old = [each for each in page if now - each.at > grace]
            named = await _named([each.key for each in old])
            for each in old:
                if each.key not in named and any(kind.fullmatch(each.key) for kind in OURS):
                    yield Stray(each.key, each.size)
    open_parts = [*await store.open_uploads("cases/"), *await store.open_uploads(TRIALS)]
    known = await _waited_for([each.parts for each in open_parts])
    for begun in open_parts:
        is_old = begun.at is not None and now - begun.at > grace
        if is_old and begun.parts not in known and any(kind.fullmatch(begun.key) for kind in OURS):
            yield Stray(begun.key, None, begun.parts)


async def _pages(store: ObjectStore, root: str) -> AsyncIterator[list[Listed]]:
    after = ""
    while page := await store.listing(root, after):
        yield page
        after = page[-1].key


async def _named(keys: list[str]) -> set[str]:
    """Those of `keys` that a document, a letter's scan, an upload on its way, or the tail of one has."""
    if not keys:
        return set()
    rows = await Document.select(Document.key).where(Document.key.is_in(keys))
    scans = await LetterScan.select(LetterScan.key).where(LetterScan.key.is_in(keys))
    going = Upload.ended_at.is_null()
    heads = await Upload.select(Upload.key).where(Upload.key.is_in(keys) & going)
    tails = await Upload.select(Upload.tail).where(Upload.tail.is_in(keys) & going)
    return {each["key"] for each in [*rows, *scans, *heads]} | {each["tail"] for each in tails}


async def _waited_for(parts: list[str]) -> set[str]:
    if not parts:
        return set()
    rows = await Upload.select(Upload.parts).where(Upload.parts.is_in(parts) & Upload.ended_at.is_null())
    return {each["parts"] for each in rows}


async def remove(stray: Stray, *, store: ObjectStore) -> bool:
    """Remove a stray for good, unless a row has come to name it meanwhile; whether it was removed.

    Raises:
        StoreUnavailable
    """
    if stray.parts is not None:  # of a key that an upload may well have, or a document: parts are nobody's object
        if stray.parts in await _waited_for([stray.parts]):
            return False
        await store.abort_parts(stray.key, stray.parts)
        return True
    if stray.key in await _named([stray.key]):
        return False
    await store.remove(stray.key)
    return True


async def missing(*, store: ObjectStore) -> AsyncIterator[str]:
    """Keys of documents and letter scans whose object the store does not list: lost evidence, to restore from a copy.

    Rows and listing are walked side by side in the order of their bytes: memory stays flat over millions.

    Raises:
        StoreUnavailable
    """
    listed = _keys(store)
    there = await anext(listed, None)
    async for key in _rows():
        while there is not None and there < key.encode():
            there = await anext(listed, None)
        if there != key.encode() and not await _is_there(key, store):
            yield key


async def _is_there(key: str, store: ObjectStore) -> bool:
    """Asked once more: a store may list in an order of its own, and a row may be younger than the listing."""
    try:
        await store.size(key)
    except Missing:
        return False
    return True


async def _keys(store: ObjectStore) -> AsyncIterator[bytes]:
    async for page in _pages(store, "cases/"):
        for each in page:
            yield each.key.encode()


async def _rows() -> AsyncIterator[str]:
    after = ""
    while rows := await Document.raw(KEYS, after, PAGE):
        for row in rows:
            yield row["key"]
        after = rows[-1]["key"]
