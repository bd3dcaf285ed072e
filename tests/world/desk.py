"""A person's browser window."""

from dataclasses import dataclass

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page

from tests.world import cast
from tests.world.portal import Portal


@dataclass
class Desk:
    """One person's browser window. Every page that they come to is looked over by axe."""

    page: Page
    site: Portal
    username: str
    looked_at: set[str]

    async def open(self, path: str) -> None:
        await self.page.goto(self.site.settings.base_url + path)
        await self.look()

    async def look(self) -> None:
        """axe finds nothing on this page (each kind of page once), and nothing overflows."""
        kind = "".join("n" if each.isdigit() else each for each in self.page.url.partition("?")[0])
        if kind in self.looked_at:
            return
        self.looked_at.add(kind)
        found = (await Axe().run(self.page)).response["violations"]
        assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]

    async def press(self, name: str) -> None:
        """Press the main part's button or link of this name, and come to where it leads."""
        target: Locator = self.page.locator("main, .sticky").get_by_role("button", name=name)
        if not await target.count():
            target = self.page.locator("main, .sticky").get_by_role("link", name=name)
        await target.first.click()
        await self.page.locator("form[aria-busy]").wait_for(state="detached")
        await self.page.wait_for_load_state("load")
        await self.look()

    async def sign(self, name: str) -> None:
        """Type a fresh code and press the signing button."""
        self.site.clock.tick(31)
        await self.page.fill("#field-code", cast.code(self.username, self.site.clock()))
        await self.press(name)

    async def look_through(self, *, scripts: bool = True) -> None:
        """On an open sheet: have a page of every paper shown, in sight for a second or else in the reader."""
        sheet = self.page.url
        viewers = await self.page.locator("[data-viewer]").all()
        for document in [(await each.get_attribute("data-viewer") or "").split("/")[2] for each in viewers]:
            if scripts:
                await self.page.locator(
                    f"[data-viewer='/documents/{document}/pages/'] .stage"
                ).scroll_into_view_if_needed()
                await self.page.locator(f"[data-until-seen='{document}']:not([hidden])").wait_for(state="detached")
            else:
                await self.open(f"/documents/{document}/reader")
        if not scripts:
            await self.page.goto(sheet)

    async def text(self) -> str:
        return await self.page.inner_text("main")


async def sit_down(browser: Browser, site: Portal, username: str, *, scripts: bool = True) -> Desk:
    """Sign `username` in with a window of their own."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": 1280, "height": 1000}, java_script_enabled=scripts, accept_downloads=True
    )
    page = await context.new_page()
    desk = Desk(page, site, username, set())
    if not scripts:
        desk.look = _unlooked  # type: ignore[method-assign]
    await desk.open("/login")
    await page.fill("#field-username", username)
    await page.fill("#field-password", cast.PASSWORD)
    await desk.press("ادامه")
    await desk.sign("ورود")
    return desk


async def _unlooked() -> None:
    """axe is JavaScript: without it there is nothing to run."""
