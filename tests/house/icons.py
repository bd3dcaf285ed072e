"""Draws the pictures that are no SVG from the emblem: `python -m tests.house.icons`, with Chromium on the machine."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from portal.routes.static import PAPER
from portal.web.assets import STATIC
from tests.world.chromium import FLAGS, chromium

IMAGES = STATIC / "img"
ON_PAPER = {"touch-icon.png": (180, 20), "icon-192.png": (192, 20), "icon-512.png": (512, 60)}
"""By file the side and the margin, in pixels."""
STYLE = "*{margin:0}svg{position:fixed;inset:%dpx;inline-size:%dpx;block-size:%dpx}body{background:%s}"


def drawn(page: Page, side: int, margin: int, ground: str) -> Image.Image:
    """The emblem on a square of `side` pixels."""
    inner = side - 2 * margin
    page.set_viewport_size({"width": side, "height": side})
    style = STYLE % (margin, inner, inner, ground)
    page.set_content(f"<style>{style}</style>{(IMAGES / 'emblem.svg').read_text('utf-8')}")
    return Image.open(BytesIO(page.screenshot(omit_background=ground == "transparent")))


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page()
        for name, (side, margin) in ON_PAPER.items():
            drawn(page, side, margin, PAPER).convert("RGB").quantize(64).save(IMAGES / name, optimize=True)
        small, large = (drawn(page, side, 0, "transparent") for side in (16, 32))
        large.save(IMAGES / "favicon.ico", sizes=[small.size, large.size], append_images=[small])
        browser.close()


if __name__ == "__main__":
    main()
