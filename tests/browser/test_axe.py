"""axe on every kind of page, in both languages, in light and dark, on a desk, on a phone and at 400 %."""

from itertools import cycle, product
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.world.portal import Portal
from tests.world.walking import everywhere

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (390, 1280, 320)


async def accessible(page: Page, scheme: Scheme, width: int) -> list[str]:
    """What axe finds on a page in a scheme at a width."""
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.set_viewport_size({"width": width, "height": 844})
    found = (await Axe().run(page)).response["violations"]
    return [f"{scheme}, {width}: {each['id']} {each['nodes'][0]['html']}" for each in found]


async def test_axe_finds_nothing_on_any_page(browser: Browser, site: Portal) -> None:
    """The pages go through languages, schemes and widths in turn, so that each combination has its share."""
    combinations = cycle(product(SCHEMES, WIDTHS))
    found = []
    async for kind, page in everywhere(browser, site, ("fa", "en", "en", "fa", "en"), once=True):
        found += [f"{kind}, {each}" for each in await accessible(page, *next(combinations))]
    assert not found, "\n".join(found)
