"""Refused files by reason and program: counted truly, without anything of a case, for two roles alone."""

from typing import Any

import pytest

from portal.domain.events import EventKind
from portal.services.cases import cases
from portal.services.documents import refused_files
from portal.tables.events import Event
from tests.world.client import ISOLATES, Visitor
from tests.world.portal import Portal
from tests.world.refused_files import DAY, SCANNER, case_with_refusals


async def in_english(portal: Portal, username: str) -> Visitor:
    visitor = await portal.as_(username)
    visitor.http.cookies.set("daraje_language", "en")
    return visitor


def rows(page: Any, table: int) -> list[list[str]]:
    """The cells of a table's body, in words."""
    body = [each for each in page.all("table")[table].iter() if each.tag.endswith("}tr")][1:]
    return [["".join(cell.itertext()).translate(ISOLATES) for cell in row] for row in body]


async def test_refusals_are_counted_by_reason_and_program(portal: Portal) -> None:
    await case_with_refusals(portal)
    head = await in_english(portal, "head")
    page = await head.get("/refusals?days=7")
    assert page.status == 200
    assert "6 of 6 uploaded files" in page.words()
    assert rows(page, 0)[0] == ["Incomplete or damaged", "3", "50%", "Scanners and copiers"]
    assert ["Scanners and copiers", "2", "33%", "Incomplete or damaged"] in rows(page, 1)
    assert ["No program named", "2", "33%", "Incomplete or damaged"] in rows(page, 1)
    assert rows(page, 2)[0] == [SCANNER, "Scanners and copiers", "2", "Incomplete or damaged"]
    newest = rows(page, 3)
    assert len(newest) == 6
    assert newest[0] == ["Attachments", "LibreOffice 7.4 / Writer", "PDF", "47 kB", "1405/11/20 (2027-02-09)"]
    assert newest[1][:3] == ["No PDF, JPEG, PNG or TIFF", "—", "—"]
    page = await head.get("/refusals?days=365")
    assert "7 of 13 uploaded files" in page.words()
    assert ["Password-protected", "1", "7.7%", "Microsoft Office"] in rows(page, 0)


async def test_the_page_speaks_persian_and_tells_nothing_of_a_case(portal: Portal) -> None:
    number = await case_with_refusals(portal)
    head = await portal.as_("head")
    page = await head.get("/refusals")
    assert "در ۳۰ روز گذشته از ۶ فایل ارسالی، ۶ فایل پذیرفته نشد: ۱۰۰٪" in page.words()
    assert "<bdi>PDF</bdi>، <bdi>JPEG</bdi>" in page.text
    for secret in (number, "محرمانه", portal.people["clerk"].place_name, "/journal/entries", "0" * 64, "C3530 <b>"):
        assert secret not in page.text, secret
    assert 'aria-current="page">۳۰ روز' in page.text


async def test_the_auditor_goes_on_to_the_journal(portal: Portal) -> None:
    await case_with_refusals(portal)
    auditor = await portal.as_("auditor")
    assert 'href="/refusals"' in (await auditor.get("/journal")).text
    page = await auditor.get("/refusals")
    entry = next(each.get("href", "") for each in page.all("a") if "/journal/entries/" in each.get("href", ""))
    assert (await auditor.get(entry)).status == 200


async def test_where_nothing_was_refused_it_says_so(portal: Portal) -> None:
    head = await portal.as_("head")
    portal.clock.tick(400 * DAY)
    head = await portal.as_("head")
    for odd in ("", "?days=7", "?days=365", "?days=x", "?days=" + "9" * 40):
        page = await head.get("/refusals" + odd)
        assert page.status == 200
        assert "هیچ فایلی رد نشد" in page.words()
    assert 'href="/refusals"' in (await head.get("/accounts")).text


@pytest.mark.parametrize("username", ["clerk", "officer", "examiner", "minister", "keeper"])
async def test_nobody_else_sees_it(portal: Portal, username: str) -> None:
    visitor = await portal.as_(username)
    assert (await visitor.get("/refusals")).status == 403
    assert 'href="/refusals"' not in (await visitor.get("/")).text


async def test_a_visitor_signs_in_first(portal: Portal) -> None:
    page = await portal.visit().get("/refusals")
    assert (page.status, page.location) == (303, "/login?next=/refusals")


async def test_the_kinds_of_the_query_are_those_of_the_journal() -> None:
    assert f"'{EventKind.DOCUMENT_REFUSED}'" in refused_files.SAID
    assert f"'{EventKind.DOCUMENT_ADDED}'" in refused_files.TAKEN


async def test_it_is_found_by_the_journals_indexes(portal: Portal) -> None:
    await case_with_refusals(portal)
    number = await cases.open_case(by=portal.people["neighbour"], now=portal.clock.tick(1))
    assert number
    async with Event._meta.db.transaction():
        await Event.raw("SET LOCAL enable_seqscan = off")
        for query, given in ((refused_files.SAID, (0, 10)), (refused_files.TAKEN, (0,))):
            plan = await Event.raw("EXPLAIN " + query, *given)
            assert "events_kind" in str(plan), plan
        plan = await Event.raw("EXPLAIN " + refused_files.FIRST, portal.clock())
        assert "events_at" in str(plan), plan


async def test_only_the_newest_are_counted(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    await case_with_refusals(portal)
    monkeypatch.setattr(refused_files, "MOST", 4)
    page = await (await in_english(portal, "head")).get("/refusals")
    assert "Only the latest 4 refusals" in page.words()
