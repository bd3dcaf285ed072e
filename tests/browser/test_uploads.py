"""Uploads in Chromium, as a clerk on a bad line sees them."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Route, expect

from portal.tables.documents import Document
from portal.tables.uploads import Upload
from tests.world.desk import Desk, sit_down
from tests.world.lines import Line, Mood, line
from tests.world.portal import Portal
from tests.world.tus import pdf

MIB = 1024 * 1024
expect.set_options(timeout=30_000)  # a busy machine sends slowly, and is no reason to fail


@pytest.fixture
async def road(site: Portal) -> AsyncIterator[Line]:
    """The line between the clerk and the portal."""
    async with line(site.settings.port) as road:
        yield road


async def case(browser: Browser, site: Portal, road: Line, *, scripts: bool = True) -> Desk:
    """A clerk before an empty case, behind the line."""
    behind = replace(site, settings=replace(site.settings, base_url=f"http://127.0.0.1:{road.port}"))
    clerk = await sit_down(browser, behind, "clerk", scripts=scripts)
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    return clerk


def file(folder: Path, size: int, name: str = "گواهی سرشماری.pdf") -> Path:
    path = folder / name
    path.write_bytes(pdf(size))
    return path


def photograph() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 84), "white").save(out, "JPEG")
    return out.getvalue()


def row(clerk: Desk, state: str) -> Locator:
    return clerk.page.locator(f".sending[data-state={state}]")


async def look(clerk: Desk) -> None:
    """axe, on a page that it has seen in another state."""
    clerk.looked_at.clear()
    await clerk.look()


async def test_pause_reload_and_go_on(browser: Browser, site: Portal, road: Line, tmp_path: Path) -> None:
    clerk, path = await case(browser, site, road), file(tmp_path, 24 * MIB)
    road.pace = 6 * MIB
    await clerk.page.set_input_files("#upload-census", path)
    await expect(row(clerk, "running")).to_contain_text("مانده")
    assert "گواهی سرشماری.pdf" in await clerk.page.inner_text("#upload-live")
    await look(clerk)
    await clerk.page.get_by_role("button", name="توقف موقت").press("Enter")
    await expect(row(clerk, "paused")).to_contain_text("حفظ شده")
    assert await clerk.page.evaluate("document.activeElement.dataset.action") == "resume", (
        "the keyboard stays in the row"
    )
    await look(clerk)
    await clerk.page.keyboard.press("Enter")
    await expect(row(clerk, "running")).to_be_visible()
    await clerk.page.get_by_role("button", name="توقف موقت").click()
    await expect(row(clerk, "paused")).to_be_visible()
    await clerk.page.reload()
    await expect(clerk.page.locator(".unfinished")).to_contain_text("همان فایل را دوباره انتخاب کنید")
    await look(clerk)
    kept = (await Upload.select(Upload.received).first() or {})["received"]
    assert kept > 0
    road.carried = 0
    road.pace = None
    await clerk.page.set_input_files("#upload-census", path)
    await expect(row(clerk, "finished")).to_be_visible()
    assert road.carried < path.stat().st_size - kept + MIB, "what had arrived was not sent again"
    document = (await Document.select())[0]
    assert (document["size"], document["agreed"]) == (path.stat().st_size, True)
    await expect(clerk.page.locator("[data-slot=census] .what")).to_contain_text("همین چکیده را محاسبه کرده بود")
    assert await clerk.page.locator(".unfinished").count() == 0
    await look(clerk)


async def test_a_cut_line_is_tried_again(browser: Browser, site: Portal, road: Line, tmp_path: Path) -> None:
    clerk, path = await case(browser, site, road), file(tmp_path, 12 * MIB)
    road.pace = 8 * MIB
    await clerk.page.set_input_files("#upload-census", path)
    await expect(row(clerk, "running")).to_be_visible()
    road.turn(Mood.CLOSED)
    await expect(row(clerk, "retrying")).to_contain_text("چیزی از دست نرفته است")
    await look(clerk)
    failed = road.failed
    await clerk.page.locator("[data-action=retry-now]").dispatch_event("click")
    await expect(row(clerk, "retrying")).to_be_visible()
    assert road.failed > failed, "it was tried at once"
    road.turn(Mood.OPEN)  # and now by itself
    await expect(row(clerk, "finished")).to_be_visible()
    assert await Upload.count() == 1
    assert await Document.count() == 1


async def test_several_files_at_once_each_in_its_place(
    browser: Browser, site: Portal, road: Line, tmp_path: Path
) -> None:
    clerk = await case(browser, site, road)
    names = {"a.pdf": "justification", "b.pdf": "census", "c.pdf": "other"}
    paths = [file(tmp_path, 6 * MIB, name) for name in names]
    road.pace = 20 * MIB
    await clerk.page.set_input_files("#upload-several", paths)
    assert await row(clerk, "waiting").count() == 3
    await look(clerk)
    for name, slot in names.items():
        await clerk.page.get_by_role("group", name=name).get_by_role("combobox").select_option(slot)
    await expect(row(clerk, "finished")).to_have_count(3)
    rows = await Document.select()
    assert {(each["filename"], each["kind"]) for each in rows} == set(names.items())
    await expect(clerk.page.locator("[data-slot=census]")).to_contain_text("یکسان است")


async def test_rows_of_files_that_end_together_stay(browser: Browser, site: Portal, road: Line, tmp_path: Path) -> None:
    clerk = await case(browser, site, road)
    asked = answered = 0

    async def late(route: Route) -> None:
        nonlocal asked, answered
        asked += 1
        await asyncio.sleep(0.7)
        await route.fulfill(response=await route.fetch())
        answered += 1

    await clerk.page.route(clerk.page.url, late)
    names = {"a.pdf": "justification", "b.pdf": "census", "c.pdf": "other"}
    await clerk.page.set_input_files("#upload-several", [file(tmp_path, 3000, name) for name in names])
    for name, slot in names.items():
        await clerk.page.get_by_role("group", name=name).get_by_role("combobox").select_option(slot)
    await expect(row(clerk, "finished")).to_have_count(3)
    await expect(clerk.page.locator("[data-slot=census]")).to_contain_text("یکسان است")
    while answered < asked or await clerk.page.locator(".htmx-request").count():  # another may wait for the first
        await asyncio.sleep(0.1)
    await clerk.page.wait_for_load_state("networkidle")
    await expect(row(clerk, "finished")).to_have_count(3)


async def test_a_list_that_cannot_be_drawn_anew_takes_no_file_off_its_way(
    browser: Browser, site: Portal, road: Line, tmp_path: Path
) -> None:
    clerk = await case(browser, site, road)
    here = clerk.page.url

    async def elsewhere(route: Route) -> None:
        await route.continue_(url=f"{here}/nowhere")  # the portal's own page of an error

    await clerk.page.route(here, elsewhere)
    await clerk.page.set_input_files("#upload-justification", file(tmp_path, 3000, "a.pdf"))
    await expect(row(clerk, "finished")).to_have_count(1)
    await expect(clerk.page.locator("#flash")).to_contain_text("به‌روز نشد")
    await look(clerk)
    await clerk.page.unroute(here)
    await clerk.page.set_input_files("#upload-census", file(tmp_path, 3000, "b.pdf"))
    await expect(row(clerk, "finished")).to_have_count(2)
    await expect(clerk.page.locator("[data-slot=census]")).to_contain_text("یکسان است")


DROP = """([selector, name]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["no scan at all"], name, { type: "text/plain" }));
  const place = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    if (kind === "dragover" && !place.closest(".over")) throw new Error("nothing shows where it falls");
  }
}"""


async def test_what_is_refused_says_why_beside_the_file(browser: Browser, site: Portal, road: Line) -> None:
    clerk = await case(browser, site, road)
    await clerk.page.evaluate(DROP, ["[data-slot=justification] .what", "یادداشت.txt"])
    await expect(row(clerk, "refused")).to_contain_text(re.compile("PDF.*JPEG.*PNG.*TIFF.*نیست"))
    await look(clerk)
    await clerk.page.get_by_role("button", name="بستن").click()
    assert await row(clerk, "refused").count() == 0
    assert await Document.count() == 0
    await clerk.page.evaluate(DROP, ["#case-documents h2", "یادداشت.txt"])
    await expect(row(clerk, "waiting")).to_be_visible()


async def test_leaving_midway_asks_first(browser: Browser, site: Portal, road: Line, tmp_path: Path) -> None:
    clerk, path = await case(browser, site, road), file(tmp_path, 24 * MIB)
    road.pace = 2 * MIB
    await clerk.page.set_input_files("#upload-census", path)
    await expect(row(clerk, "running")).to_be_visible()
    asked = []

    async def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    clerk.page.on("dialog", stay)
    await clerk.page.close(run_before_unload=True)
    await expect(row(clerk, "running")).to_be_visible()
    assert asked == ["beforeunload"]
    await clerk.page.get_by_role("button", name="لغو").click()
    await expect(row(clerk, "stopped")).to_be_visible()
    road.pace = None


async def test_a_phone_may_photograph(browser: Browser, site: Portal, road: Line) -> None:
    clerk = await case(browser, site, road)
    phone = await browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=await clerk.page.context.storage_state(),
    )
    page = await phone.new_page()
    await page.goto(clerk.page.url)
    camera = page.locator("#upload-census-camera")
    assert await camera.get_attribute("capture") == "environment"
    await expect(page.locator("label[for=upload-census-camera]")).to_be_visible()
    await expect(clerk.page.locator("label[for=upload-census-camera]")).to_be_hidden()
    await page.set_input_files(
        "#upload-census-camera", {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    await expect(page.locator(".sending[data-state=finished]")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_without_scripts_the_plain_form_stays(browser: Browser, site: Portal, road: Line, tmp_path: Path) -> None:
    clerk = await case(browser, site, road, scripts=False)
    await clerk.page.set_input_files("#upload-census", file(tmp_path, 2000))
    await expect(clerk.page.locator("#upload-queue")).to_be_hidden()
    await clerk.page.locator("form:has(#upload-census) button").click()
    await clerk.page.wait_for_load_state("load")
    assert (await Document.select())[0]["agreed"] is False
    await clerk.page.locator("[data-slot=census] a[href$='/reader']").click()
    await expect(clerk.page.locator("main")).to_contain_text("محاسبه‌شده در سامانه")
