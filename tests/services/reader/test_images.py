"""Page pictures and texts: drawn once, checked each time, found out when somebody swaps them."""

import asyncio
import hashlib
import io
import json
import signal
import threading
import time
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pikepdf
import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.domain.errors import Conflict, Invalid
from portal.sandbox import document_sessions, inspection
from portal.sandbox.errors import MOST_TEXT
from portal.sandbox.inspection import Limits, OpenFile
from portal.services.documents import documents
from portal.services.reader import images, texts
from portal.services.verification import entries
from portal.services.verification import objects as object_checks
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.pages import PageImage, PageText
from tests.builders import Builder, scan
from tests.cast import Cast
from tests.conftest import Clock
from tests.hostile import forms, pdf


@pytest.fixture
def builder(people: Cast, store: ObjectStore, clock: Clock) -> Builder:
    return Builder(people, store, clock)


async def sent(builder: Builder, data: bytes, number: str | None = None) -> dict[str, Any]:
    """A document of these bytes in a draft; its row."""
    by = builder.people["clerk"]
    if number is None:
        number = await builder.draft()

    async def chunks() -> Any:
        yield data

    document, stored = await documents.receive(
        number, by=by, chunks=chunks(), limit=len(data), store=builder.store, now=builder.clock()
    )
    filing = Filing(DocumentKind.OTHER, None, None, "سند.pdf")
    await documents.add(number, document, stored, filing, by=by, store=builder.store, now=builder.clock.tick(1))
    row = await Document.select().where(Document.id == document).first()
    assert row is not None
    return row


def overwrite(store: ObjectStore, key: str, data: bytes) -> None:
    """What somebody with the keys of the store could do."""
    store._client.put_object(store.bucket, key, io.BytesIO(data), len(data))


async def image_of(document: UUID, page: int = 1) -> dict[str, Any]:
    row = await PageImage.select().where((PageImage.document == document) & (PageImage.page == page)).first()
    assert row is not None
    return row


async def test_a_page_is_drawn_once_and_named_by_its_digest(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    shown = await images.picture(row, 2, 1400, store=builder.store, now=builder.clock())
    again = await images.picture(row, 2, 1400, store=builder.store, now=builder.clock())
    kept = await image_of(row["id"], 2)
    assert shown == again
    assert hashlib.sha256(shown.data).hexdigest() == shown.sha256 == kept["sha256"]
    assert kept["renderer"] == inspection.renderer()
    assert "pdfium" in kept["renderer"]
    assert await PageImage.count().where(PageImage.document == row["id"]) == 1
    assert await images.verify_cached(row["id"], store=builder.store) == []


async def test_of_two_at_once_one_picture_is_kept(builder: Builder) -> None:
    row = await sent(builder, scan(3))
    ask = [images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) for _ in range(5)]
    assert len({each.sha256 for each in await asyncio.gather(*ask)}) == 1
    assert await PageImage.count().where(PageImage.document == row["id"]) == 1
    objects = builder.store._client.list_objects(builder.store.bucket, prefix=f"pages/{row['id']}/", recursive=True)
    assert len(list(objects)) == 1


async def test_a_swapped_picture_is_found_and_never_shown(builder: Builder) -> None:
    row = await sent(builder, scan(2, shade=90))
    shown = await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    other = await images.picture(
        await sent(builder, scan(1, shade=220), row_number(row)), 1, 1400, store=builder.store, now=builder.clock()
    )
    key = (await image_of(row["id"]))["key"]
    overwrite(builder.store, key, other.data)
    found = await images.verify_cached(row["id"], store=builder.store)
    assert [(each.page, each.key, each.why) for each in found] == [(1, key, "altered")]
    told: list[entries.Finding] = []
    await object_checks.walk(builder.store, told, lambda _: None)
    assert [(each.code, each.facts) for each in told] == [("object-differs", {"key": key})]
    assert await images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) == shown
    await builder.store.remove((await image_of(row["id"]))["key"])
    assert [each.why for each in await images.verify_cached(row["id"], store=builder.store)] == ["missing"]
    assert await images.picture(row, 1, 1400, store=builder.store, now=builder.clock()) == shown
    assert await images.verify_cached(row["id"], store=builder.store) == []


def row_number(row: dict[str, Any]) -> str:
    return str(row["key"]).split("/")[1]


async def test_a_swapped_original_is_not_drawn(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    overwrite(builder.store, row["key"], scan(2, shade=30))
    with pytest.raises(Conflict, match="altered"):
        await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    assert not await PageImage.exists().where(PageImage.document == row["id"])


async def test_a_digest_that_was_changed_in_the_row_is_not_believed(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())
    await PageImage.update({PageImage.sha256: "0" * 64}).where(PageImage.document == row["id"])
    with pytest.raises(Conflict, match="altered"):
        await images.picture(row, 1, 1400, store=builder.store, now=builder.clock())


IMPATIENT = Limits(cpu=300, patience=0.3)


def spinning(count: int) -> bytes:
    """Pages of a hundred million strokes each, the first and the last one plain."""
    plain = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    use = b"/Resources << /XObject << /X 50 0 R >> >>"
    return pdf(count, content=b"/X Do", page=use, more={**forms(8), 4: plain, 3 + count: plain})


async def asked(builder: Builder, row: dict[str, Any], page: int, limits: Limits = inspection.USUAL) -> str:
    """What becomes of asking for that page: `drawn`, or why not."""
    try:
        shown = await images.picture(row, page, 1400, store=builder.store, now=builder.clock(), limits=limits)
    except Invalid as refusal:
        return str(refusal.errors["page"])
    return "drawn" if shown.across == 1400 else "wrong"


async def test_a_page_that_takes_its_child_down_does_so_once(builder: Builder) -> None:
    """Its fault is told and remembered, and the other pages are drawn all the same."""
    row = await sent(builder, spinning(3))
    assert await asked(builder, row, 1) == "drawn"
    assert await asked(builder, row, 2, IMPATIENT) == "too_heavy"
    assert (await image_of(row["id"], 2))["fault"] == "too_heavy"
    assert await asked(builder, row, 2) == "too_heavy"
    assert await asked(builder, row, 3) == "drawn"


async def reading_of(row: dict[str, Any]) -> OpenFile:
    """What the document is open in."""
    async with document_sessions.session(row["id"]) as desk:
        assert desk.reading is not None
        return desk.reading


async def until_asked(row: dict[str, Any], readers: int) -> None:
    """Waits until a request is under way, and all the readers have come."""
    desk = document_sessions._all()[row["id"]]
    while desk.users < readers or desk.reading is None or not desk.reading._alone.locked():
        await asyncio.sleep(0.001)


async def test_a_child_that_dies_makes_no_page_unreadable(builder: Builder) -> None:
    row = await sent(builder, scan(4))
    assert await asked(builder, row, 1) == "drawn"
    reading = await reading_of(row)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGSTOP)
    together = [asyncio.ensure_future(asked(builder, row, page)) for page in (2, 3, 4)]
    await until_asked(row, 3)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGKILL)
    assert await asyncio.gather(*together) == ["drawn"] * 3
    assert not await PageImage.exists().where(PageImage.fault.is_not_null())


async def test_one_who_goes_away_makes_no_page_unreadable(builder: Builder) -> None:
    row = await sent(builder, scan(4))
    assert await asked(builder, row, 1) == "drawn"
    reading = await reading_of(row)
    signal.pidfd_send_signal(reading._session._handle, signal.SIGSTOP)
    leaving, staying = (asyncio.ensure_future(asked(builder, row, page)) for page in (2, 3))
    await until_asked(row, 2)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await staying == "drawn"
    assert await asked(builder, row, 2) == "drawn"


async def test_after_a_few_heavy_pages_the_others_are_refused_at_once(builder: Builder) -> None:
    row = await sent(builder, spinning(8))
    assert await asked(builder, row, 1) == "drawn"
    became = await asyncio.gather(*(asked(builder, row, page, IMPATIENT) for page in range(2, 8)))
    assert sorted(became) == ["heavy-document"] * 3 + ["too_heavy"] * 3
    assert await PageImage.count().where((PageImage.document == row["id"]) & PageImage.fault.is_not_null()) == 3
    document_sessions.close()
    assert await asked(builder, row, 8) == "heavy-document"
    assert await texts.text_of(row, 2, store=builder.store, now=builder.clock()) == ("", True)
    assert document_sessions._all() == {}
    assert await asked(builder, row, 1) == "drawn"


async def test_a_text_that_is_too_heavy_is_asked_for_once(builder: Builder) -> None:
    row = await sent(builder, spinning(3))
    found = await texts.text_of(row, 2, store=builder.store, now=builder.clock(), limits=IMPATIENT)
    assert found == ("", True)
    document_sessions.close()
    assert await texts.text_of(row, 2, store=builder.store, now=builder.clock()) == ("", False)
    assert document_sessions._all() == {}


async def test_a_text_layer_is_read_once_and_searched(builder: Builder, typeset: bytes) -> None:
    row = await sent(builder, typeset)
    found = await texts.texts(row, store=builder.store, now=builder.clock())
    assert len(found) == 2
    assert {"Settled", "2024", "شهرداری"} <= set(found[1].split())
    assert found == await texts.texts(row, store=builder.store, now=builder.clock())
    assert await PageText.count().where(PageText.document == row["id"]) == 1
    assert [(hit.page, hit.found) for hit in texts.search(found, "۲۰۲۴")] == [(2, "2024")]
    assert [hit.page for hit in texts.search(found, "درآمد مستمر")] == [1]
    assert [hit.page for hit in texts.search(found, "12345")] == [1]
    assert texts.search(found, "‌ ") == []
    assert texts.search(found, "nothing of it") == []


async def test_a_swapped_text_is_found_and_read_anew(builder: Builder, typeset: bytes) -> None:
    row = await sent(builder, typeset)
    found = await texts.texts(row, store=builder.store, now=builder.clock())
    kept = await PageText.select().where(PageText.document == row["id"]).first()
    assert kept is not None
    overwrite(builder.store, kept["key"], b'["another", "text"]')
    assert [each.why for each in await images.verify_cached(row["id"], store=builder.store)] == ["altered"]
    assert await texts.texts(row, store=builder.store, now=builder.clock()) == found
    assert await images.verify_cached(row["id"], store=builder.store) == []


async def test_a_scan_has_no_text(builder: Builder) -> None:
    row = await sent(builder, scan(2))
    assert await texts.texts(row, store=builder.store, now=builder.clock()) == []
    kept = await PageText.select().where(PageText.document == row["id"]).first()
    assert kept is not None
    assert (kept["has_text"], kept["key"]) == (False, None)


def marked(pages: int, pairs: int) -> bytes:
    """A PDF whose text layer is marks without end: codes A and B, which its font says are U+0301 and U+0323."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        meant = b"2 beginbfchar <41> <0301> <42> <0323> endbfchar"
        ranges = b"1 begincodespacerange <00> <ff> endcodespacerange " + meant
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            ToUnicode=pdf.make_stream(b"begincmap " + ranges + b" endcmap"),
        )
        content = pdf.make_stream(b"BT /F 9 Tf 9 9 Td (" + b"AB" * pairs + b") Tj ET")
        for _ in range(pages):
            page = pdf.add_blank_page()
            page.Contents = content
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        pdf.save(out)
    return out.getvalue()


async def longest_pause(work: Awaitable[object]) -> float:
    """For how many seconds the event loop did nothing else while `work` was done."""
    longest, over = 0.0, asyncio.Event()

    async def tick() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not over.is_set():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()

    ticking = asyncio.create_task(tick())
    await work
    over.set()
    await ticking
    return longest


async def test_those_who_search_at_once_read_a_document_once(builder: Builder) -> None:
    row = await sent(builder, marked(3, 900))
    asking = (texts.texts(row, store=builder.store, now=builder.clock()) for _ in range(6))
    found = await asyncio.gather(*asking)
    assert found[0]
    assert all(each == found[0] for each in found)
    assert len(await builder.store.listing(f"pages/{row['id']}/text/")) == 1


async def test_who_would_wait_long_for_a_search_is_told_to_come_again(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await sent(builder, marked(1, 9))
    known = await texts.texts(row, store=builder.store, now=builder.clock())
    monkeypatch.setattr(texts, "TURN_WITHIN", 0.2)
    waits = threading.Event()
    monkeypatch.setattr(texts, "search", lambda *_: waits.wait(20) and [])
    searches = (texts.find(row, "a", store=builder.store, now=builder.clock()) for _ in range(3))
    asking = [asyncio.create_task(each) for each in searches]
    done, _ = await asyncio.wait(asking, timeout=5, return_when=asyncio.FIRST_EXCEPTION)
    waits.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert done
    assert [type(each) for each in outcomes].count(TimeoutError) == 3 - texts.SEARCHES
    assert [each for each in outcomes if not isinstance(each, TimeoutError)] == [(known, [])] * texts.SEARCHES


async def test_a_text_layer_of_marks_keeps_nobody_waiting(builder: Builder) -> None:
    row = await sent(builder, marked(20, 9000))

    async def look() -> None:
        found = await texts.texts(row, store=builder.store, now=builder.clock())
        assert sum(map(len, found)) > 20 * 9000
        assert await asyncio.to_thread(texts.search, found, "a") == []

    for _ in range(2):  # read, then as it is kept
        assert await longest_pause(look()) < 2  # hundredths of a second here; more than a minute in 0.2.0


async def test_of_a_text_layer_without_end_so_much_is_read_and_the_rest_said(builder: Builder) -> None:
    row = await sent(builder, marked(120, 10_000))
    found = await texts.texts(row, store=builder.store, now=builder.clock())
    assert 0 < len(found) <= MOST_TEXT // 20_000
    kept = await PageText.select().where(PageText.document == row["id"]).first()
    assert kept is not None
    assert kept["pages"] == len(found) < row["pages"]


async def test_more_text_than_is_read_today_is_read_anew(builder: Builder, typeset: bytes) -> None:
    """0.2.0 kept up to forty million letters of one document."""
    row = await sent(builder, typeset)
    found = await texts.texts(row, store=builder.store, now=builder.clock())
    kept = await PageText.select().where(PageText.document == row["id"]).first()
    assert kept is not None
    old = json.dumps(["\u0301\u0323" * 10_000] * 300, ensure_ascii=False).encode()
    await builder.store.put_bytes(kept["key"], old, "application/json")
    digest = hashlib.sha256(old).hexdigest()
    await PageText.update({PageText.sha256: digest}).where(PageText.id == kept["id"])
    assert await texts.texts(row, store=builder.store, now=builder.clock()) == found
