"""Two tabs of one declaration in a browser: the stale one shows both values, on wide screens and narrow ones."""

import pytest
from playwright.async_api import Browser, Page

from portal.services.cases import cases, dossiers
from tests.world.desk import sit_down
from tests.world.portal import Portal


async def save(page: Page, grade: str, population: str) -> None:
    await page.select_option("#field-requested_grade", grade)
    await page.fill("#field-population", population)
    await page.locator(".sticky .actions button.button").first.click()
    await page.wait_for_load_state("load")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_the_stale_tab_shows_both_and_saves_all_the_same(
    browser: Browser, site: Portal, language: str, width: int
) -> None:
    clerk = site.people["clerk"]
    number = await cases.open_case(by=clerk, now=site.clock())
    desk = await sit_down(browser, site, "clerk")
    page, url = desk.page, f"{site.settings.base_url}/cases/{number}/declaration"
    await page.context.add_cookies([{"name": "daraje_language", "value": language, "url": site.settings.base_url}])
    await page.set_viewport_size({"width": width, "height": 1000})
    other = await page.context.new_page()
    for each in (other, page):
        await each.goto(url)
    await save(other, "9", "55703")
    await save(page, "10", "60000")
    await desk.look()
    told = await page.locator("#overtaken").inner_text()
    assert all(each in told for each in (("۵۵٬۷۰۳", "۶۰٬۰۰۰") if language == "fa" else ("55,703", "60,000")))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing overflows"
    assert await page.evaluate("document.activeElement.className") == "summary"
    await page.locator(".sticky .actions button.button").first.click()
    await page.wait_for_url(f"**/cases/{number}")
    found = (await dossiers.open_dossier(number, clerk)).declaration
    assert (found.requested_grade, found.population) == (10, 60000)
