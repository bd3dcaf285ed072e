"""Every page of every role on a phone: what to do stands on the first screen, nothing is cut off."""

from playwright.async_api import Browser, Page

from tests.world.portal import Portal
from tests.world.walking import everywhere

FIRST_SCREEN = 700
ACTS = """() => {
  const acts = '.button:not(.quiet, .stop, [disabled], [aria-disabled=true])';
  const shown = [...document.querySelectorAll(`main :is(${acts}), main .jump a, .sticky ${acts}`)]
    .filter(each => each.checkVisibility({visibilityProperty: true}));
  const tops = shown.map(each => Math.round(each.getBoundingClientRect().top + scrollY));
  return shown.some(each => each.matches(acts)) ? tops : [];
}"""
"""Where the acts of a page and the links to them stand, in the order of the document; none where nothing is done."""
SPARE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def findings(page: Page) -> list[str]:
    """What is wrong with a page on a phone."""
    found = []
    await page.set_viewport_size({"width": 390, "height": 844})
    acts = await page.evaluate(ACTS)
    if acts and acts[0] >= FIRST_SCREEN:
        found.append(f"its first act stands at {acts[0]}")
    if acts and min(acts) < acts[0]:
        found.append(f"an act at {min(acts)} stands above the first one at {acts[0]}")
    for width in (390, 320):
        await page.set_viewport_size({"width": width, "height": 844})
        if await page.evaluate(SPARE) > 0:
            found.append(f"it is wider than {width}")
    return found


async def test_what_to_do_stands_on_the_first_screen_of_a_phone(browser: Browser, site: Portal) -> None:
    found, kinds = [], 0
    async for kind, page in everywhere(browser, site):
        kinds += 1
        found += [f"{kind}: {each}" for each in await findings(page)]
    assert not found, "\n".join(found)
    assert kinds > 150, "the walk ended early"
