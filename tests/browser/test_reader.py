"""The reader in Chromium: by keyboard alone, by two fingers on a phone, without JavaScript; axe looks at each page."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, Error, Page, Route

from portal.domain.declarations import DocumentKind
from portal.services.reader import faults
from portal.tables.documents import Document
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.documents import sent
from tests.world.portal import Portal
from tests.world.reader import case_with_pages, shown

PICTURE = ".stage img"


async def zoom_of(page: Page) -> float:
    return float(await page.eval_on_selector(".stage", "each => getComputedStyle(each).getPropertyValue('--zoom')"))


async def test_by_keyboard_alone(browser: Browser, site: Portal) -> None:
    _, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    await officer.open(reader)
    page = officer.page
    await shown(page, 1)
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.classList.contains('stage')"):
            break
    else:
        raise AssertionError("the stage is not reached by Tab")
    for key, number in (("PageDown", 2), ("PageDown", 3), ("End", 5), ("PageDown", 5), ("PageUp", 4), ("Home", 1)):
        await page.keyboard.press(key)
        await shown(page, number)
    await page.keyboard.press("+")
    assert await zoom_of(page) == 1.5
    await page.wait_for_function("() => document.querySelector('.stage img').src.endsWith('width=2800')")
    await page.keyboard.press("0")
    assert await zoom_of(page) == 1
    await page.keyboard.press("r")
    assert await page.get_attribute(".stage", "data-turn") == "90"
    await page.keyboard.press("w")
    assert await page.get_attribute(".stage", "data-zoom") == "page"
    await page.keyboard.press("g")
    await page.keyboard.type("۴")
    await page.keyboard.press("Enter")
    await shown(page, 4)
    assert page.url.endswith("page=4")
    assert await page.inner_text("[data-shown]") == "صفحهٔ ۴ از ۵"
    await officer.look()


async def reading(browser: Browser, site: Portal, data: bytes) -> Desk:
    """An officer at the first page of a document of a submitted case."""
    builder = Builder(site.people, site.store, site.clock)
    number = await builder.draft()
    row = await sent(builder, data, number)
    await builder.submit(number)
    officer = await sit_down(browser, site, "officer")
    await officer.open(f"/documents/{row['id']}/reader")
    await shown(officer.page, 1)
    return officer


async def test_the_text_goes_along(browser: Browser, site: Portal, typeset: bytes) -> None:
    officer = await reading(browser, site, typeset)
    page = officer.page
    assert "درآمد مستمر" in await page.inner_text("#document-text")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/reader" in request.url else None)
    await page.locator(".stage").focus()
    for key in ("PageDown", "PageUp", "PageDown"):
        await page.keyboard.press(key)
    await page.wait_for_function("() => document.getElementById('document-text').textContent.includes('2024')")
    await page.wait_for_load_state("networkidle")
    assert "درآمد" not in await page.inner_text("#document-text"), (
        "the text is that of the last page that was asked for"
    )
    assert len(asked) <= 3
    assert await page.locator("#document-text[aria-live=polite] h2").count() == 1
    await officer.look()


async def test_the_text_of_a_page_that_was_left_is_given_up(browser: Browser, site: Portal, typeset: bytes) -> None:
    officer = await reading(browser, site, typeset)
    page = officer.page
    let = asyncio.Event()
    seen, given_up = list[str](), list[str]()

    async def late(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            await let.wait()
        with suppress(Error):  # it was given up
            await route.continue_()

    await page.route("**/documents/*/reader?page=*", late)
    page.on("requestfailed", lambda request: given_up.append(request.url) if "?page=" in request.url else None)
    await page.locator(".stage").focus()
    await page.keyboard.press("PageDown")
    await shown(page, 2)
    await page.keyboard.press("PageUp")
    await shown(page, 1)
    async with asyncio.timeout(30):
        while not given_up:
            await asyncio.sleep(0.05)
    let.set()
    assert [each[-6:] for each in given_up] == ["page=2"]
    await page.wait_for_function("() => !document.querySelector('#document-text.htmx-request')")
    await page.wait_for_load_state("networkidle")
    assert "درآمد مستمر" in await page.inner_text("#document-text")


async def test_the_next_pages_are_fetched_ahead(browser: Browser, site: Portal) -> None:
    _, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    asked: list[str] = []
    officer.page.on("requestfinished", lambda request: asked.append(request.url))
    await officer.open(reader)
    await shown(officer.page, 1)
    await officer.page.wait_for_load_state("networkidle")
    assert any(each.endswith("/pages/2") for each in asked)
    assert any(each.endswith("/pages/3") for each in asked)
    assert not any(each.endswith("/pages/5") for each in asked)


async def test_by_two_fingers_on_a_phone(browser: Browser, site: Portal) -> None:
    _, reader = await case_with_pages(site)
    desk = await sit_down(browser, site, "officer")
    kept: Any = await desk.page.context.storage_state()
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, storage_state=kept
    )
    phone = Desk(await context.new_page(), site, "officer", set())
    await phone.open(reader)
    page = phone.page
    await shown(page, 1)
    wide = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide, "nothing sticks out of a phone's screen"
    box = await page.locator(".stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 120
    touch = await context.new_cdp_session(page)

    async def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}] if kind != "touchEnd" else []
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await fingers("touchStart", 30)
    for apart in (40, 50, 60, 75):
        await fingers("touchMove", apart)
    await fingers("touchEnd", 0)
    assert await zoom_of(page) == 2.5
    await page.wait_for_function("() => document.querySelector('.stage img').src.endsWith('width=2800')")
    await page.tap("[data-do=next]")
    await shown(page, 2)
    await phone.look()


async def test_without_scripts(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer", scripts=False)
    await officer.open(f"/cases/{number}")
    await officer.page.locator(f"a[href='{reader}']").click()
    page = officer.page
    assert (await page.get_attribute(PICTURE, "src") or "").endswith("/pages/1")
    await officer.press("بعدی")
    assert (await page.get_attribute(PICTURE, "src") or "").endswith("/pages/2")
    await page.fill("#field-page", "۵")
    await officer.press("نمایش")
    assert (await page.get_attribute(PICTURE, "src") or "").endswith("/pages/5")
    await officer.press("بزرگ‌تر")
    assert (await page.get_attribute(PICTURE, "src") or "").endswith("/pages/5?width=2800")
    await officer.press("چرخش")
    assert await page.get_attribute(".stage", "data-turn") == "90"
    await officer.press("تمام صفحه")
    drawn = await page.locator(PICTURE).bounding_box()
    assert drawn is not None
    assert drawn["width"] > 100


async def test_on_the_sheet_each_document_is_read_in_place(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    await officer.open(f"/cases/{number}/attestation")
    page = officer.page
    document = reader.split("/")[2]
    viewer = page.locator(f"[data-viewer='/documents/{document}/pages/']")
    await viewer.locator("[data-do=next]").click()
    image = viewer.locator("img")
    await page.wait_for_function(
        "each => each.complete && each.src.endsWith('/pages/2')", arg=await image.element_handle()
    )
    assert page.url.endswith("/attestation"), "what was typed stays"
    assert await viewer.locator("[data-shown]").inner_text() == "صفحهٔ ۲ از ۵"
    await officer.look()


async def test_a_page_that_cannot_be_drawn_says_so(browser: Browser, site: Portal) -> None:
    _, reader = await case_with_pages(site)
    row = await Document.select().where(Document.kind == DocumentKind.OTHER).first()
    assert row is not None
    await faults.keep(row["id"], 2, 1400, "too_heavy", site.clock())
    officer = await sit_down(browser, site, "officer")
    await officer.open(reader)
    await shown(officer.page, 1)
    await officer.page.click("[data-do=next]")
    await officer.page.wait_for_function("() => document.querySelector('.viewer [role=status]').textContent.length > 9")
    await officer.page.click("[data-do=next]")
    await shown(officer.page, 3)
    assert await officer.page.inner_text(".viewer [role=status]") == ""
