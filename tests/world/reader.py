"""A case with pages to look at, and the reader in a window."""

from io import BytesIO

from PIL import Image
from playwright.async_api import Page

from tests.world.builders import Builder
from tests.world.documents import sent
from tests.world.portal import Portal


async def case_with_pages(site: Portal, count: int = 5) -> tuple[str, str]:
    """A submitted case with a document of several large pages; its number and the document's reader."""
    builder = Builder(site.people, site.store, site.clock)
    number = await builder.draft()
    row = await sent(builder, leaves(count), number)
    await builder.submit(number)
    return number, f"/documents/{row['id']}/reader"


def leaves(count: int) -> bytes:
    """Pages that differ in height, so that one can be told from another by its picture."""
    sheets = [Image.new("L", (600, 800 + 10 * each), 150 + 10 * each) for each in range(count)]
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=72)
    return out.getvalue()


async def shown(page: Page, number: int) -> None:
    """Wait until the picture of this page is drawn."""
    await page.wait_for_function(
        """(n) => {
            const image = document.querySelector(".stage img");
            return image.complete && image.naturalWidth > 0 && new RegExp(`/pages/${n}(\\\\?|$)`).test(image.src);
        }""",
        arg=number,
    )
