"""The pages as they look: `python -m bench.gallery FOLDER [ADDRESS]`, those of a running demo, else of one of its own.

Writes `NAME-1280.png` and `NAME-390.png` of every page in Persian, and `NAME-en-dark-1280.png` of some in English on a
dark ground. What is longer than `LONGEST` is cut there.
"""

import asyncio
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.weights import demo, sign_in
from tests.world.chromium import FLAGS, chromium

LONGEST = 2000  # pixels
COLOURS = 96
WIDTHS = (1280, 390)


@dataclass(frozen=True)
class Shot:
    """A page: its file's name, who looks at it (None: nobody signed in), and its address or how it is found.

    `links`: selectors that are followed from there, one after the other.
    """

    name: str
    who: str | None
    path: str
    links: tuple[str, ...] = ()


CASE = "#case-rows tbody a[href^='/cases/']"
SHOTS = (
    Shot("home", None, "/"),
    Shot("login", None, "/login"),
    Shot("verify", None, "/verify"),
    Shot("verify-offline", None, "/verify/offline"),
    Shot("draft", "shahrdari2", "/cases/new", ("main form[action='/cases'] .button",)),
    Shot("declaration", "shahrdari2", "/cases", (CASE, "a[href$='/declaration']")),
    Shot("worklist-municipality", "shahrdari", "/cases"),
    Shot("worklist-governorate", "ostandari-02", "/cases"),
    Shot("case-governorate", "ostandari-02", "/cases", (CASE,)),
    Shot("attestation", "ostandari-02", "/cases", (CASE, "a[href$='/attestation']")),
    Shot("reader", "ostandari-02", "/cases", (CASE, "a[href^='/documents/']")),
    Shot("worklist", "sazman", "/cases"),
    Shot("case", "sazman", "/cases", ("tr:has-text('جلسه') a[href^='/cases/']",)),
    Shot("assessment", "sazman", "/cases", (CASE, "a[href$='/assessment']")),
    Shot("decision", "sazman", "/cases", ("tr:has-text('جلسه') a[href^='/cases/']", "a[href$='/decision']")),
    Shot("sittings", "sazman", "/sittings"),
    Shot("sitting", "sazman", "/sittings", ("main a[href^='/sittings/']:not([href$='new'])",)),
    Shot("rulesets", "sazman", "/rulesets"),
    Shot("ruleset", "sazman", "/rulesets", ("main a[href^='/rulesets/']:not([href$='new'])",)),
    Shot("municipalities", "sazman", "/municipalities"),
    Shot("grades", "sazman", "/grades"),
    Shot("province", "sazman", "/grades/13"),
    Shot("approvals", "sazman", "/approvals"),
    Shot("case-minister", "vazir", "/cases", (CASE,)),
    Shot("signoff", "vazir", "/cases", (CASE, "a[href$='/signature']")),
    Shot("letter-draft", "vazir", "/cases", (CASE, "a[href$='/draft']")),
    Shot("case-notified", "bayegani", "/archive", ("main a[href^='/cases/']",)),
    Shot("notice", "bayegani", "/archive", ("main a[href^='/cases/']", "a[href$='/notice']")),
    Shot("verify-answer", "bayegani", "/archive", ("main a[href^='/cases/']", "a[href$='/notice']", "a.lookup")),
    Shot("archive", "bayegani", "/archive"),
    Shot("receipt", "bazres", "/cases?state=notified", (CASE, "a[href^='/receipts/']")),
    Shot("journal", "bazres", "/journal"),
    Shot("entry", "bazres", "/journal", ("main tbody a[href^='/journal/']",)),
    Shot("refused-files", "bazres", "/refused-files"),
    Shot("accounts", "modir", "/accounts"),
    Shot("account-new", "modir", "/accounts/new"),
    Shot("account", "modir", "/account"),
    Shot("patterns", None, "/patterns"),
)
IN_ENGLISH = (
    "home",
    "worklist",
    "case",
    "case-governorate",
    "case-minister",
    "attestation",
    "signoff",
    "notice",
    "verify-answer",
    "grades",
    "journal",
    "accounts",
)


async def found(page: Page, shot: Shot, address: str) -> None:
    """Bring `page` to what `shot` shows."""
    await page.goto(address + shot.path)
    for link in shot.links:
        if await page.locator(link).count():
            await page.locator(link).first.click()
            await page.wait_for_load_state("load")


async def keep(page: Page, file: Path) -> None:
    """A picture of the whole page, in few colours."""
    await page.evaluate("document.fonts.ready")
    picture = Image.open(io.BytesIO(await page.screenshot(full_page=True)))
    cut = picture.crop((0, 0, picture.width, min(picture.height, LONGEST)))
    cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(file.name, picture.height)


async def drawn(browser: Browser, address: str, folder: Path) -> None:
    """Every picture, person after person: a code counts once."""
    for who in dict.fromkeys(each.who for each in SHOTS):
        context = await browser.new_context(locale="fa-IR")
        if who:
            await sign_in(context, address, who)
        for shot in (each for each in SHOTS if each.who == who):
            await _of(context, shot, address, folder)
        await context.close()


async def _of(context: BrowserContext, shot: Shot, address: str, folder: Path) -> None:
    page = await context.new_page()
    await _speak(context, address, "fa")
    await found(page, shot, address)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 844})
        await page.goto(page.url)
        await keep(page, folder / f"{shot.name}-{width}.png")
    if shot.name in IN_ENGLISH:
        await _speak(context, address, "en")
        await page.emulate_media(color_scheme="dark")
        await page.set_viewport_size({"width": 1280, "height": 844})
        await page.goto(page.url)
        await keep(page, folder / f"{shot.name}-en-dark-1280.png")
    await page.close()


async def _speak(context: BrowserContext, address: str, locale: str) -> None:
    await context.add_cookies([{"name": "daraje_language", "value": locale, "url": address}])


async def main() -> None:
    folder = Path(sys.argv[1])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if len(sys.argv) > 2:
            await drawn(browser, sys.argv[2].rstrip("/"), folder)
        else:
            async with demo() as address:
                await drawn(browser, address, folder)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
