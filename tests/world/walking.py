"""Walking through a portal as one person: each kind of page that links lead to, and the reviews before signatures."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import parse_qsl, urldefrag, urlsplit

from playwright.async_api import Browser, Page

from tests.world import cast
from tests.world.desk import Desk, sit_down
from tests.world.everything import TOWNS, fill
from tests.world.portal import Portal

OFFICES = ("officer", "examiner", "minister", "keeper", "auditor", "head")
CLERKS = ("clerk", *(state for state in TOWNS.values() if state != "notified"))
STRANGERS = (
    "/",
    "/service",
    "/verify",
    "/verify/offline",
    f"/verify/{'0' * 20}",
    "/login",
    "/journal/key",
    "/invitations/nobody",
    "/nowhere",
)
WAYS = ("/", "/cases", "/account")
"""Where everybody's walk begins."""
FILES = (".pdf", ".zip", ".csv", ".txt", "/checkpoint", "/proof")
DOCUMENT = re.compile(r"/documents/[^/]+")
NUMBER = re.compile(r"1\d{3}-\d{5}")
NAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|\d+")
ALIKE = ("/account", "/service", "/journal/key", "/grades", "/municipalities", "/rulesets")
"""What is nearly the same page for everybody: one of them looks at each."""
FORMS: dict[tuple[str, str], dict[str, str | int]] = {
    ("officer", "/cases/attested/confirmation"): {"letter_number": "42/1883", "letter_date": "1405/08/01"},
    ("officer", "/cases/attested/return"): {"reason": "اصلاح شود"},
    ("officer", "/cases/submitted/attestation"): {},
    ("examiner", "/cases/confirmed/assessment"): {},
    ("examiner", "/cases/assessed/decision"): {"sitting": 1, "outcome": "raised", "grade": 9, "reason": "به تشخیص"},
}
"""Forms by who fills them and where (a state for the number of a case): what is typed, or an option's place."""


@dataclass
class Walk:
    """One person's walk. `states` are the states of the cases by number: a case's page is another in each of them.
    `seen` are the kinds of pages that were looked at, those that are alike for everybody first.
    """

    desk: Desk
    states: dict[str, str]
    alike: set[str]
    seen: set[str] = field(default_factory=set)

    def kind(self, address: str) -> str:
        """What is the same for pages that differ in nothing but the thing that they show."""
        parts = urlsplit(address)
        path = NUMBER.sub(lambda each: "*" if "reading" in parts.path else self.states[each.group()], parts.path)
        asked = sorted({name for name, value in parse_qsl(parts.query) if name != "page"})
        return NAMED.sub("*", path) + "".join(f"?{name}" for name in asked)

    def is_new(self, address: str) -> bool:
        """Whether no page of this address's kind was looked at yet; from now on one was."""
        path = urlsplit(address).path
        if not path.startswith("/") or path.endswith(FILES) or DOCUMENT.fullmatch(path):
            return False
        kind, seen = self.kind(address), self.alike if path.startswith(ALIKE) else self.seen
        if kind in seen:
            return False
        seen.add(kind)
        return True

    async def pages(self, *begin: str) -> AsyncIterator[tuple[str, Page]]:
        """Each kind of page that is reached from `begin` on, shown; its kind."""
        page, base, ahead = self.desk.page, self.desk.site.settings.base_url, list(begin)
        while ahead:
            address = urldefrag(ahead.pop(0)).url
            if self.is_new(address):
                await page.goto(base + address)
                ahead += await page.eval_on_selector_all("a[href]", "all => all.map(each => each.getAttribute('href'))")
                yield self.kind(address), page

    async def reviews(self) -> AsyncIterator[tuple[str, Page]]:
        """The review of each form that this person fills, shown; the form's kind."""
        numbers = {state: number for number, state in self.states.items()}
        for (who, kind), values in FORMS.items():
            if who == self.desk.username:
                state = kind.split("/")[2]
                await self.desk.page.goto(self.desk.site.settings.base_url + kind.replace(state, numbers[state]))
                await _review(self.desk.page, values)
                yield f"{kind}, its review", self.desk.page


async def _review(page: Page, values: dict[str, str | int]) -> None:
    """Fill the form of a page with `values`, and its verdicts, and send it."""
    for verdict in await page.locator("[name^=verdict-][value=authentic]").all():
        await verdict.check(force=True)
    for unseen in await page.locator("[name^=unseen-]").all():
        await unseen.fill("اصل سند رؤیت شد")
    for name, value in values.items():
        named = page.locator(f"[name={name}]")
        if isinstance(value, int):
            await named.select_option(index=value)
        elif await named.first.get_attribute("type") == "radio":
            await page.locator(f"[name={name}][value={value}]").check(force=True)
        else:
            await named.fill(value)
    await page.locator("#act .button, #review").first.click()
    await page.wait_for_url("**/reviews/*")


async def everywhere(
    browser: Browser, site: Portal, languages: tuple[str, ...] = ("fa",), *, once: bool = False
) -> AsyncIterator[tuple[str, Page]]:
    """Each page of each role, shown; who looks at which kind of page. The pages go through the languages in turn.
    `once`: only who comes first looks at a kind of page, whatever others see there.
    """
    states, alike, of_clerks, spoken = await fill(site), set[str](), set[str](), cycle(languages)

    async def heard(page: Page) -> None:
        await page.context.add_cookies(
            [{"name": "daraje_language", "value": next(spoken), "url": site.settings.base_url}]
        )

    page = await (await browser.new_context()).new_page()
    for path in STRANGERS:
        await heard(page)
        await page.goto(site.settings.base_url + path)
        yield f"anybody {path}", page
    await page.goto(f"{site.settings.base_url}/login")
    await page.fill("#field-username", "clerk")
    await page.fill("#field-password", cast.PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/login/code**")
    yield "anybody /login/code", page
    for who in (*OFFICES, *CLERKS):
        desk = await sit_down(browser, site, who)
        walk = Walk(desk, states, alike, alike if once else of_clerks if who in CLERKS else set())
        walk.seen -= set(WAYS)
        for pages in (walk.pages(*WAYS), walk.reviews()):
            async for kind, page in pages:
                yield f"{who} {kind}", page
                await heard(page)
        await desk.page.context.close()
