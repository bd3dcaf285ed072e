"""What counts as shown in Chromium: a second in sight, or the reader's page where there are no scripts."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.pages import PageImage, PageView
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal
from tests.world.reader import case_with_pages, shown


async def pages_of(site: Portal, document: UUID) -> list[int]:
    """The pages of `document` that the officer was shown."""
    mine = (PageView.person == site.people["officer"].id) & (PageView.document == document)
    return sorted({row["page"] for row in await PageView.select().where(mine)})


async def until(site: Portal, document: UUID, pages: list[int]) -> None:
    """Wait until these pages count as shown."""
    for _ in range(100):
        if await pages_of(site, document) == pages:
            return
        await asyncio.sleep(0.1)
    raise AssertionError((await pages_of(site, document), pages))


def viewer(page: Page, document: UUID) -> Any:
    return page.locator(f"[data-viewer='/documents/{document}/pages/']")


async def judged(officer: Desk, document: UUID) -> dict[str, Any]:
    """Find this paper alone authentic, sign, and read what was signed; the sheet is open."""
    await officer.page.check(f"[name=verdict-{document}][value=authentic]")
    await officer.press("بازبینی")
    await officer.sign("امضا می‌کنم")
    row = await Event.select(Event.statement).where(Event.kind == "AttestationGiven").first()
    assert row is not None
    values: dict[str, Any] = json.loads(row["statement"])["intent"]["values"]
    return values


async def test_the_second_page_was_fetched_ahead_and_never_shown(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site, 2)
    document = UUID(reader.split("/")[2])
    officer = await sit_down(browser, site, "officer")
    await officer.open(f"/cases/{number}/attestation")
    page = officer.page
    field = page.locator(f"[name=unseen-{document}]")
    assert await field.count() == 1, "it stands there from the first look on"
    await asyncio.sleep(1.5)
    assert await pages_of(site, document) == [], "the last paper of the sheet is out of sight"
    first = await Document.select().where(Document.kind == "last_grade").first()
    assert first is not None
    await until(site, first["id"], [1])
    await viewer(page, document).scroll_into_view_if_needed()
    await viewer(page, document).locator(".stage").scroll_into_view_if_needed()
    await until(site, document, [1])
    assert await PageImage.exists().where((PageImage.document == document) & (PageImage.page == 2))
    await page.check(f"[name=verdict-{document}][value=authentic]")
    assert not await field.is_visible(), "it was shown: nothing more is asked"
    await page.wait_for_function("() => document.getElementById('attestation-unseen').innerText.includes('صفحهٔ ۲')")
    values = await judged(officer, document)
    assert [each["page"] for each in values["seen"][str(document)]] == [1]
    assert values["verdicts"][str(document)]["unseen"] is None
    await officer.page.goto(site.settings.base_url + f"/cases/{number}")
    await officer.page.get_by_role("link", name="رسید").first.click()
    assert "نشان‌داده‌شده به امضاکننده: ۱ از ۲ صفحه" in await officer.text()


async def test_what_is_turned_over_within_a_second_was_not_shown(browser: Browser, site: Portal) -> None:
    _, reader = await case_with_pages(site)
    document = UUID(reader.split("/")[2])
    officer = await sit_down(browser, site, "officer")
    await officer.open(reader)
    page = officer.page
    await shown(page, 1)
    await until(site, document, [1])
    for number in (2, 3):
        await page.click("[data-do=next]")
        await shown(page, number)
    await until(site, document, [1, 3])
    await page.click("[data-do=larger]")
    await page.wait_for_function("() => document.querySelector('.stage img').src.endsWith('width=2800')")
    for _ in range(50):
        rows = await PageView.select(PageView.image.width.as_alias("width")).where(PageView.document == document)
        if 2800 in {row["width"] for row in rows}:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("the larger picture was shown as well")
    assert await pages_of(site, document) == [1, 3]


@pytest.mark.parametrize(("width", "height"), [(1280, 1000), (1280, 640), (390, 844), (844, 390)])
async def test_on_every_screen_a_page_in_sight_counts(browser: Browser, site: Portal, width: int, height: int) -> None:
    _, reader = await case_with_pages(site)
    document = UUID(reader.split("/")[2])
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await page.set_viewport_size({"width": width, "height": height})
    await officer.open(f"{reader}?page=4")
    await shown(page, 4)
    await page.click("[data-do=next]")
    await shown(page, 5)
    await page.locator(".stage").scroll_into_view_if_needed()
    await until(site, document, [4, 5])


async def test_a_window_that_nobody_looks_at_shows_nothing(browser: Browser, site: Portal) -> None:
    number, _ = await case_with_pages(site)
    first = await Document.select().where(Document.kind == "last_grade").first()
    assert first is not None
    officer = await sit_down(browser, site, "officer")
    await officer.page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.away ? 'hidden' : 'visible' });"
        "window.away = true;"
    )
    await officer.open(f"/cases/{number}/attestation")
    await asyncio.sleep(1.8)
    assert await pages_of(site, first["id"]) == []
    await officer.page.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    await until(site, first["id"], [1])


async def test_without_scripts_the_reader_s_page_counts(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site, 2)
    document = UUID(reader.split("/")[2])
    officer = await sit_down(browser, site, "officer", scripts=False)
    await officer.open(f"/cases/{number}/attestation")
    await viewer(officer.page, document).scroll_into_view_if_needed()
    await asyncio.sleep(1.5)
    assert await PageView.count() == 0
    await officer.page.check(f"[name=verdict-{document}][value=authentic]")
    assert await officer.page.locator(f"[name=unseen-{document}]").is_visible()
    await officer.press("بازبینی")
    assert "هیچ صفحه‌ای از این مدرک به شما نشان داده نشده است" in await officer.text()
    await officer.open(reader)
    await until(site, document, [1])
    await officer.open(f"/cases/{number}/attestation")
    assert await officer.page.locator(f"[name=unseen-{document}]").count() == 0
    values = await judged(officer, document)
    assert [each["page"] for each in values["seen"][str(document)]] == [1]
