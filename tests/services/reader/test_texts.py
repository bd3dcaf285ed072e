"""Texts of pages: read once, kept in the store, searched in whatever digits and letters."""

import asyncio
import hashlib
import io
import json
import threading
from collections.abc import Callable

import pikepdf
import pytest

from portal.domain import persian
from portal.domain.errors import Conflict
from portal.sandbox import document_sessions, inspection
from portal.sandbox.errors import MOST_TEXT
from portal.sandbox.turns import turns_at
from portal.services.reader import faults, texts
from portal.services.reader.texts import Hit
from portal.tables.pages import PageText
from tests.world.builders import Builder, scan
from tests.world.documents import IMPATIENT, overwrite, sent
from tests.world.hostile import spinning
from tests.world.verification import wrong_objects


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
    assert await wrong_objects(builder.store) == [("object-differs", kept["key"])]
    assert await texts.texts(row, store=builder.store, now=builder.clock()) == found
    assert await wrong_objects(builder.store) == []


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
    async with turns_at(texts._searches, texts.SEARCHES):
        with pytest.raises(TimeoutError):
            await asyncio.create_task(texts.find(row, "a", store=builder.store, now=builder.clock()))
    assert await texts.find(row, "a", store=builder.store, now=builder.clock()) == (known, [])


async def test_a_text_layer_of_marks_keeps_nobody_waiting(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    row = await sent(builder, marked(20, 9000))
    at_work = set[int]()

    def watched(fold: Callable[[str], str]) -> Callable[[str], str]:
        def folds(text: str) -> str:
            at_work.add(threading.get_ident())
            return fold(text)

        return folds

    for name in ("fold_letters", "search_key"):
        monkeypatch.setattr(persian, name, watched(getattr(persian, name)))
    for _ in range(2):  # read, then as it is kept
        found, hits = await texts.find(row, "a", store=builder.store, now=builder.clock())
        assert (sum(map(len, found)) > 20 * 9000, hits) == (True, [])
    assert at_work
    assert threading.get_ident() not in at_work, "the event loop goes on meanwhile"


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


async def test_one_page_is_read_without_waiting_for_the_others(builder: Builder, typeset: bytes) -> None:
    row = await sent(builder, typeset)
    text, may_carry = await texts.text_of(row, 2, store=builder.store, now=builder.clock())
    assert ("Settled" in text, may_carry) == (True, True)
    assert not await PageText.exists()
    found = await texts.texts(row, store=builder.store, now=builder.clock())
    assert await texts.text_of(row, 2, store=builder.store, now=builder.clock()) == (found[1], True)
    assert await texts.text_of(row, 3, store=builder.store, now=builder.clock()) == ("", True)


async def test_a_swapped_original_is_not_read(builder: Builder, typeset: bytes) -> None:
    row = await sent(builder, typeset)
    overwrite(builder.store, row["key"], scan(2))
    with pytest.raises(Conflict, match="altered"):
        await texts.texts(row, store=builder.store, now=builder.clock())
    with pytest.raises(Conflict, match="altered"):
        await texts.text_of(row, 1, store=builder.store, now=builder.clock())
    assert not await PageText.exists()


async def test_a_page_that_cannot_be_drawn_is_not_opened_for_its_text(builder: Builder, typeset: bytes) -> None:
    row = await sent(builder, typeset)
    await faults.keep(row["id"], 1, inspection.WIDTH, faults.TOO_HEAVY, builder.clock())
    assert await texts.text_of(row, 1, store=builder.store, now=builder.clock()) == ("", True)
    assert document_sessions._all() == {}


def test_a_hit_stands_between_what_is_around_it_and_hits_have_an_end() -> None:
    page = f"{'پ' * 70} ۱۲۳ {'د' * 70}"
    (hit,) = texts.search(["", page], "123")
    assert (hit.page, hit.found, len(hit.before), len(hit.after)) == (2, "123", texts.AROUND, texts.AROUND)
    assert texts.search(["", "aab"], "a") == [Hit(2, "", "a", "ab"), Hit(2, "a", "a", "b")]
    assert len(texts.search(["a" * 80] * 2, "a")) == texts.MOST_HITS
