"""Lists in Chromium, on a phone and on a desk: cards of two lines, tabs in one row, hits that are said."""

from playwright.async_api import Browser, Page

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.cast import TOWN
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 1000}
NARROWEST = {"width": 320, "height": 700}
TOPS = "all => all.map(each => Math.round(each.getBoundingClientRect().top))"
IN_SIGHT = """each => { const box = each.getBoundingClientRect();
  return box.left >= 0 && box.right <= document.documentElement.clientWidth; }"""


async def fits_everywhere(desk: Desk, path: str) -> None:
    """axe finds nothing on the page on a desk and on a phone, and nothing is wider than any screen."""
    for size in (NARROWEST, DESKTOP, PHONE):
        await desk.page.set_viewport_size(size)  # type: ignore[arg-type]
        desk.looked_at.clear()
        await desk.open(path)
        root = "document.documentElement"
        assert await desk.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, path


SIZES = """all => all.filter(each => each.checkVisibility())
  .map(each => parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"""


async def tops(page: Page, selector: str) -> list[int]:
    found: list[int] = await page.eval_on_selector_all(selector, TOPS)
    return found


async def test_the_work_list_on_a_desk_and_on_a_phone(browser: Browser, site: Portal) -> None:
    builder = Builder(site.people, site.store, site.clock)
    await builder.case(State.NOTIFIED)
    await builder.case(State.SUBMITTED, "neighbour")
    desk = await sit_down(browser, site, "officer")
    await fits_everywhere(desk, "/cases?state=all")
    assert len(set(await tops(desk.page, ".tabs a"))) == 1
    assert await desk.page.locator(".tabs a").count() == 3, "waiting, notified, all: the others are empty"
    assert await desk.page.eval_on_selector(".tabs [aria-current]", IN_SIGHT)
    heights = await desk.page.eval_on_selector_all(".work tbody tr", "all => all.map(each => each.offsetHeight)")
    assert max(heights) < 120
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


async def test_sections_that_do_not_fit_stand_in_a_sheet(browser: Browser, site: Portal) -> None:
    desk = await sit_down(browser, site, "examiner")
    await desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await desk.open("/grades")
    links = desk.page.locator("header nav > a:visible")
    assert await links.count() == 3
    assert [await each.evaluate(IN_SIGHT) for each in await links.all()] == [True] * 3
    assert await desk.page.locator("header nav > a[aria-current]:visible").count() == 1
    await desk.page.get_by_role("button", name="بیشتر").press("Enter")
    await desk.page.locator("#sections").get_by_role("link", name="جلسات").wait_for()
    await desk.page.keyboard.press("Escape")
    await desk.page.locator("#sections").wait_for(state="hidden")
    assert await desk.page.evaluate("document.activeElement.className") == "more"
    await desk.page.get_by_role("button", name="بیشتر").click()
    await desk.page.locator("#sections").get_by_role("link", name="جلسات").click()
    await desk.page.wait_for_url("**/sittings")


async def test_without_colours_of_ours_sections_and_buttons_stay_apart(browser: Browser, site: Portal) -> None:
    context = await browser.new_context(forced_colors="active", viewport=DESKTOP)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(site.settings.base_url + "/service")
    colours = "all => [...new Set(all.map(each => getComputedStyle(each).{}))]"
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    bars = "header nav > a:not([aria-current])"
    assert await page.eval_on_selector_all(bars, colours.format("borderBlockEndColor")) == [ground]
    (primary,) = await page.eval_on_selector_all("main .button:not(.quiet)", colours.format("backgroundColor"))
    assert primary not in await page.eval_on_selector_all("main .button.quiet", colours.format("backgroundColor"))


async def test_no_text_of_a_chart_is_drawn_small(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.NOTIFIED)
    desk = await sit_down(browser, site, "examiner")
    for path in ("/grades", f"/grades/{TOWN[:2]}", "/rulesets/ir-2762-sample/comparison", f"/cases/{number}"):
        for size in (PHONE, DESKTOP):
            await desk.page.set_viewport_size(size)  # type: ignore[arg-type]
            await desk.open(path)
            await desk.page.eval_on_selector_all("main details", "all => all.forEach(each => { each.open = true })")
            sizes = await desk.page.eval_on_selector_all("main svg text", SIZES)
            assert min(sizes, default=14) >= 13.9, (path, size, min(sizes))
            if "cases" in path:
                assert sizes
            cut = await desk.page.eval_on_selector_all(
                "main .barred, main .piles, main .picture",
                "all => all.filter(each => each.getBoundingClientRect().left < 0"
                " || each.getBoundingClientRect().right > innerWidth).length",
            )
            assert cut == 0, (path, size)


async def test_hits_of_the_other_lists_stand_in_title_and_page(browser: Browser, site: Portal) -> None:
    desk = await sit_down(browser, site, "auditor")
    for path, hits in (("/municipalities?q=اسدآباد", "نتیجه"), ("/journal?q=1405-99999", "بدون نتیجه")):
        await desk.open(path)
        assert hits in await desk.page.title(), path
        assert await desk.page.locator("main p.hint", has_text=hits).count() == 1, path


async def test_rows_of_the_other_lists_are_brief_on_a_phone(browser: Browser, site: Portal) -> None:
    builder = Builder(site.people, site.store, site.clock)
    await builder.case(State.NOTIFIED)
    lists = {"head": "/accounts", "auditor": "/journal", "keeper": "/archive", "examiner": "/sittings"}
    for who, path in (*lists.items(), ("examiner", "/municipalities")):
        desk = await sit_down(browser, site, who)
        await fits_everywhere(desk, path)
        heights = await desk.page.eval_on_selector_all(".brief tbody tr", "all => all.map(each => each.offsetHeight)")
        assert heights, path
        assert max(heights) < 150, path


async def test_hits_of_a_search_for_accounts_are_said(browser: Browser, site: Portal) -> None:
    desk = await sit_down(browser, site, "head")
    for path, hits in (("/accounts?q=clerk", "۱ نتیجه"), ("/accounts?q=nobody&role=auditor", "بدون نتیجه")):
        await desk.open(path)
        assert (await desk.page.title()).replace("\u2068", "").replace("\u2069", "").startswith(f"حساب‌ها: {hits}")
        assert await desk.page.locator("main p.hint", has_text=hits).count() == 1, path
