"""The page of patterns is a demo's, and axe finds nothing on it."""

from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from portal.settings import Settings
from tests.world.portal import Portal


@pytest.fixture
def fresh(fresh: Settings, request: pytest.FixtureRequest) -> Settings:
    return replace(fresh, demo=getattr(request, "param", True))


@pytest.mark.parametrize("fresh", [False], indirect=True)
async def test_production_has_no_patterns(browser: Browser, site: Portal) -> None:
    page = await (await browser.new_context()).new_page()
    answer = await page.goto(f"{site.settings.base_url}/patterns")
    assert answer
    assert answer.status == 404


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_every_component_is_accessible(browser: Browser, site: Portal, language: str) -> None:
    context = await browser.new_context()
    await context.add_cookies([{"name": "daraje_language", "value": language, "url": site.settings.base_url}])
    page = await context.new_page()
    await page.goto(f"{site.settings.base_url}/patterns")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1280, 320):
            await page.set_viewport_size({"width": width, "height": 900})
            found = (await Axe().run(page)).response["violations"]
            assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
            spare = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(spare) <= 0, (scheme, width)


async def test_a_blocked_act_is_reached_and_says_why(browser: Browser, site: Portal) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{site.settings.base_url}/patterns")
    blocked = page.locator(".acts button")
    await page.locator(".acts a").first.focus()
    await page.keyboard.press("Tab")
    await expect(blocked).to_be_focused()
    await expect(blocked).to_have_accessible_description("جملهٔ نمونه")
    await page.keyboard.press("Enter")
    await expect(blocked).to_be_focused()
    assert page.url.endswith("/patterns")
