"""Pages on paper: their margins, where and when they were printed, and nothing that can only be pressed."""

import re

import pypdfium2 as pdfium
from playwright.async_api import Browser, Page

from portal.domain.lifecycle import State
from portal.web.identity import LANGUAGE
from tests.world.builders import Builder
from tests.world.desk import sit_down
from tests.world.portal import Portal

MILLIMETRE = 72 / 25.4


async def printed(page: Page) -> list[str]:
    """The text of each printed page; ink keeps clear of the edges."""
    document = pdfium.PdfDocument(await page.pdf(prefer_css_page_size=True))
    for sheet in document:
        width, height = sheet.get_size()
        assert (round(width / MILLIMETRE), round(height / MILLIMETRE)) == (210, 297)
        boxes = [each.get_bounds() for each in sheet.get_objects() if each.type == pdfium.raw.FPDF_PAGEOBJ_TEXT]
        assert min(left for left, _, _, _ in boxes) > 13 * MILLIMETRE
        assert max(right for _, _, right, _ in boxes) < width - 13 * MILLIMETRE
    return [sheet.get_textpage().get_text_bounded() for sheet in document]


async def test_a_case_and_its_notice_on_paper(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.NOTIFIED)
    desk = await sit_down(browser, site, "clerk")
    await desk.page.context.add_cookies([{"name": LANGUAGE, "value": "en", "url": site.settings.base_url}])
    for path in (f"/cases/{number}", f"/cases/{number}/notice"):
        await desk.page.goto(site.settings.base_url + path)
        sheets = await printed(desk.page)
        text = " ".join(" ".join(sheets).split())
        assert f"Printed from {site.settings.base_url}{path}" in text
        assert "Sign out" not in text
        assert "Download" not in text
        assert not re.search(r"\bView\b", text)
        assert [f"{at} / {len(sheets)}" in sheet for at, sheet in enumerate(sheets, 1)] == [True] * len(sheets)
        assert all(len(sheet) > 200 for sheet in sheets[:-1]), "no page is half empty but the last"
    await desk.page.emulate_media(media="screen")
    assert not await desk.page.locator(".printed").is_visible()


async def test_the_public_home_loads_no_script(browser: Browser, site: Portal) -> None:
    page, asked = await browser.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.resource_type))
    await page.goto(site.settings.base_url, wait_until="networkidle")
    assert "script" not in asked
    assert asked.count("font") == asked.count("stylesheet") == 1
    assert len(asked) <= 12
