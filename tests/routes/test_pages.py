"""The reader over HTTP: who may read, what makes no sense, and what a refused file leaves behind."""

import asyncio
from uuid import UUID

import pytest

from portal.domain.lifecycle import State
from portal.sandbox import scanner
from portal.sandbox.inspection import JPEG
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.pages import PageImage
from tests.world.builders import Builder, scan
from tests.world.documents import draft, held
from tests.world.files import PAPERS
from tests.world.hostile import GOTO_JS, pdf
from tests.world.portal import Portal
from tests.world.scanner import EICAR, clamd


async def submitted(portal: Portal) -> tuple[str, str]:
    """A submitted case's number and the address of one of its documents."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    row = await Document.select().first()
    assert row is not None
    return number, f"/documents/{row['id']}"


@pytest.mark.parametrize("what", ["/reader", "/pages/1", "/pages/1?width=2800", "/pages/1/notes"])
async def test_who_may_read(portal: Portal, what: str) -> None:
    _, url = await submitted(portal)
    statuses = (("officer", 200), ("clerk", 200), ("stranger", 404), ("examiner", 404), ("head", 403), ("abroad", 404))
    for username, status in statuses:
        assert (await (await portal.as_(username)).get(url + what)).status == status, username
    assert (await portal.visit().get(url + what)).status == 303


async def test_pictures_are_served_as_pictures(portal: Portal) -> None:
    _, url = await submitted(portal)
    officer = await portal.as_("officer")
    answer = (await officer.get(f"{url}/pages/1")).response
    assert answer.content.startswith(JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert "sandbox" in answer.headers["content-security-policy"]
    for wrong in ("0", "2", "99999999999", "1?width=9", "1?width=a", "1?width=1401"):
        assert (await officer.get(f"{url}/pages/{wrong}")).status == 404, wrong


async def test_what_a_picture_does_not_show_is_said(portal: Portal) -> None:
    clerk, number = await draft(portal)
    papers = PAPERS
    seen: list[UUID] = []
    for name, words in (
        ("typefaces/identity-h", "قلم این متن در فایل نیست؛ با قلم جایگزین نشان داده شده است"),
        ("typefaces/chinese", "بعضی حروف این صفحه قلم ندارد"),
        ("fields/not-to-be-drawn", "یادداشت‌ها یا فیلدهایی از این صفحه که نمایش داده نمی‌شود: ۳"),
    ):
        await clerk.send(number, "census", (papers / f"{name}.pdf").read_bytes())
        [row] = [each for each in await Document.select() if each["id"] not in seen]
        seen.append(row["id"])
        address = f"/documents/{row['id']}"
        assert words in (await clerk.get(f"{address}/reader")).words(), name
        assert words in (await clerk.get(f"{address}/pages/1/notes")).text, name
    assert (await clerk.get(f"{address}/pages/2/notes")).status == 404
    assert (await clerk.get(f"{address}/pages/0/notes")).status == 404


async def test_the_reader_stands_beside_the_declared_value(portal: Portal) -> None:
    await submitted(portal)
    row = await Document.select().where(Document.kind == "census").first()
    assert row is not None
    page = await (await portal.as_("officer")).get(f"/documents/{row['id']}/reader")
    assert "۵۵٬۷۰۳ نفر" in page.words()
    images = [each.get("src") for each in page.all("img")]
    assert images == [f"/documents/{row['id']}/pages/1"]
    assert any("/attestation#paper-" in (each.get("href") or "") for each in page.all("a"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("page=2", "pages/2"),
        ("page=۳", "pages/3"),
        ("page=99", "pages/3"),
        ("page=0", "pages/1"),
        ("page=-1", "pages/1"),
        ("page=x&zoom=9&turn=45", "pages/1"),
        ("page=2&zoom=2", "pages/2?width=2800"),
        ("q=%3Cscript%3E&page=2", "pages/2"),
    ],
)
async def test_a_view_that_makes_no_sense_is_mended(portal: Portal, query: str, shown: str) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", scan(3))
    row = await Document.select().first()
    assert row is not None
    page = await clerk.get(f"/documents/{row['id']}/reader?{query}")
    assert page.status == 200
    assert [each.get("src") for each in page.all("img")] == [f"/documents/{row['id']}/{shown}"]
    assert "<script>" not in page.text


async def test_a_page_that_cannot_be_drawn_says_so(portal: Portal) -> None:
    _, url = await submitted(portal)
    officer = await portal.as_("officer")
    await officer.get(f"{url}/pages/1")
    row = await PageImage.select().first()
    assert row is not None
    await PageImage.update({PageImage.fault: "too_heavy", PageImage.key: None, PageImage.sha256: None}).where(
        PageImage.id == row["id"]
    )
    page = await officer.get(f"{url}/pages/1")
    assert page.status == 422
    assert "زمان یا حافظه" in page.words()
    assert "زمان یا حافظه" in (await officer.get(f"{url}/reader")).words()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pdf(catalog=GOTO_JS), "این فایل کد اجرایی (اسکریپت) دارد"),
        (b"GIF89a", "PDF، JPEG، PNG یا TIFF نیست"),
        (b"", "خالی"),
    ],
)
async def test_a_refused_file_leaves_its_reason_and_no_file(portal: Portal, data: bytes, sentence: str) -> None:
    clerk, number = await draft(portal)
    page = await clerk.send(number, "census", data, name="گواهی.pdf")
    assert page.status == 422
    assert sentence in page.words()
    assert await held(portal, number) == (0, 0)
    history = (await clerk.get(f"/cases/{number}")).words()
    assert "فایل پذیرفته نشد" in history
    assert "گواهی.pdf" in history
    assert history.count(sentence) == 1
    assert await Event.count().where(Event.kind == "DocumentRefused") == 1
    auditor = await portal.as_("auditor")
    assert sentence in (await auditor.get(f"/cases/{number}")).words()


async def test_a_virus_is_refused_and_a_scanner_that_is_away_refuses_all(portal: Portal) -> None:
    clerk, number = await draft(portal)
    infected = pdf(content=EICAR)
    async with await asyncio.start_server(clamd, "127.0.0.1", 0) as server:
        scanner.ask_at(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            assert "ویروس‌یابی نیز انجام می‌شود" in (await clerk.get(f"/cases/{number}")).words()
            page = await clerk.send(number, "census", infected)
            assert page.status == 422
            assert "Eicar-Test-Signature" in page.words()
            assert await held(portal, number) == (0, 0)
            assert (await clerk.send(number, "census", scan())).status == 303
            scanner.ask_at("127.0.0.1:1")
            page = await clerk.send(number, "justification", scan())
            assert page.status == 422
            assert "ویروس‌یاب پاسخ نمی‌دهد" in page.words()
        finally:
            scanner.ask_at(None)
    assert await held(portal, number) == (1, 1)
    assert await Event.count().where(Event.kind == "DocumentRefused") == 1, "being away is not the file's fault"


async def test_a_file_is_handed_out_under_an_ending_of_its_kind(portal: Portal) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", scan(), name="گواهی.html")
    row = await Document.select().first()
    assert row is not None
    named = (await clerk.get(f"/documents/{row['id']}")).response.headers["content-disposition"]
    assert named.endswith(".html.pdf")


async def test_a_text_layer_is_on_the_page_and_searched(portal: Portal, typeset: bytes) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", typeset)
    row = await Document.select().first()
    assert row is not None
    url = f"/documents/{row['id']}/reader"
    page = await clerk.get(url)
    assert "درآمد مستمر" in page.words()
    page = await clerk.get(f"{url}?q=۲۰۲۴")
    assert [each.text for each in page.all("mark")] == ["2024"]
    assert any((each.get("href") or "").startswith(f"{url}?page=2&q=") for each in page.all("a"))
    assert "نیست" in (await clerk.get(f"{url}?q=nothing")).words()


async def test_the_text_of_a_page_is_had_alone(portal: Portal, typeset: bytes) -> None:
    clerk, number = await draft(portal)
    await clerk.send(number, "census", typeset)
    row = await Document.select().first()
    assert row is not None
    alone = {"HX-Request": "true", "HX-Target": "document-text"}
    page = await clerk.get(f"/documents/{row['id']}/reader?page=2", headers=alone)
    assert "2024" in page.text
    assert "<main" not in page.text
    assert "درآمد مستمر" not in page.text


async def test_what_was_mended_is_said_and_the_bytes_are_the_sent_ones(portal: Portal) -> None:
    clerk, number = await draft(portal)
    sent = b"\xef\xbb\xbf" + pdf(2) + b"\x1b%-12345X@PJL EOJ\r\n"
    await clerk.send(number, "census", sent)
    row = await Document.select().first()
    assert row is not None
    assert row["mended"] == ["leading_bytes", "trailing_bytes"]
    page = await clerk.get(f"/documents/{row['id']}/reader")
    assert "پیش از آغاز PDF" in page.words()
    assert "پس از پایان PDF" in page.words()
    assert (await clerk.get(f"/documents/{row['id']}")).response.content == sent
