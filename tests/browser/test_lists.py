"""Lists in Chromium, on a phone and on a desk: cards of two lines, tabs in one row, hits that are said."""

from playwright.async_api import Browser, Page

from portal.domain.lifecycle import State
from tests.browser.test_offices import DESKTOP, PHONE, fits, on_both
from tests.world.builders import Builder
from tests.world.desk import sit_down
from tests.world.portal import Portal

TOPS = "all => all.map(each => Math.round(each.getBoundingClientRect().top))"
IN_SIGHT = """each => { const box = each.getBoundingClientRect();
  return box.left >= 0 && box.right <= document.documentElement.clientWidth; }"""


async def tops(page: Page, selector: str) -> list[int]:
    found: list[int] = await page.eval_on_selector_all(selector, TOPS)
    return found


async def test_the_work_list_on_a_desk_and_on_a_phone(browser: Browser, site: Portal) -> None:
    builder = Builder(site.people, site.store, site.clock)
    await builder.case(State.NOTIFIED)
    await builder.case(State.SUBMITTED, "neighbour")
    desk = await sit_down(browser, site, "officer")
    await on_both(desk, "/cases?state=all")
    await desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await desk.open("/cases?state=all")
    assert len(set(await tops(desk.page, ".tabs a"))) == 1
    assert await desk.page.locator(".tabs a").count() == 3, "waiting, notified, all: the others are empty"
    assert await desk.page.eval_on_selector(".tabs [aria-current]", IN_SIGHT)
    heights = await desk.page.eval_on_selector_all(".work tbody tr", "all => all.map(each => each.offsetHeight)")
    assert max(heights) < 120
    await desk.page.set_viewport_size({"width": 320, "height": 700})
    await fits(desk.page)
    await desk.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    await desk.open("/cases?state=notified")
    assert await desk.page.locator(".work .chip.up").count() == 1
    assert not await desk.page.locator(".work .chip.good").count()


async def test_hits_of_a_search_are_said_in_a_line_that_stays(browser: Browser, site: Portal) -> None:
    builder = Builder(site.people, site.store, site.clock)
    await builder.case(State.SUBMITTED)
    desk = await sit_down(browser, site, "auditor")
    await desk.open("/cases?state=all")
    line = desk.page.locator("#case-hits[role=status]")
    await line.evaluate("each => each.dataset.kept = 'yes'")
    await desk.page.fill("#q", "اسدآباد")
    await desk.page.get_by_text("۱ نتیجه", exact=True).wait_for()
    await desk.page.fill("#q", "شهری که نیست")
    await desk.page.get_by_text("بدون نتیجه", exact=True).wait_for()
    assert await line.get_attribute("data-kept") == "yes"
    assert await desk.page.locator("#case-hits").count() == 1
    assert await desk.page.locator("[role=status] [role=status], #case-rows [role=status]").count() == 0
    await desk.open("/cases?state=all&q=1405")
    assert (await desk.page.title()).startswith("پرونده‌ها: ")
