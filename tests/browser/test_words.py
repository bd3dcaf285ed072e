"""Words where they are drawn: what only a browser can tell."""

import pytest
from playwright.async_api import Browser

from tests.world.desk import sit_down
from tests.world.portal import Portal

FITS = """box => {
  const style = getComputedStyle(box), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = box.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
  return pen.measureText(box.placeholder).width <= room;
}"""


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_search_box_shows_all_that_it_takes(browser: Browser, site: Portal, width: int) -> None:
    officer = await sit_down(browser, site, "officer")
    await officer.page.set_viewport_size({"width": width, "height": 900})
    await officer.open("/cases")
    assert await officer.page.eval_on_selector("#q", FITS)
