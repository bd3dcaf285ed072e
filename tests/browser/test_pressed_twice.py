"""A slow line in a browser: the button rests after the first press, and wakes when the page comes back."""

import asyncio

import pytest
from playwright.async_api import Browser, Locator, Page, Route

from portal.domain.lifecycle import State
from portal.tables.events import Event
from portal.web import assets
from tests.world import cast
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

PRESS = "document.querySelector('main form').dispatchEvent(new SubmitEvent('submit', {bubbles: true}))"


async def slow(page: Page, posts: list[str]) -> asyncio.Event:
    """Every post of `page` is held until the event is set; their addresses go into `posts`."""
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(route.request.url)
            await go.wait()
        await route.continue_()

    await page.route("**/*", hold)
    return go


Place = tuple[float, float]


async def place(button: Locator) -> Place:
    """Where a hand presses: found before, for a locator waits for whatever the first press began."""
    await button.scroll_into_view_if_needed()
    box = await button.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
async def desk(browser: Browser, site: Portal, request: pytest.FixtureRequest) -> Desk:
    return await sit_down(browser, site, "clerk", scripts=getattr(request, "param", True))


async def review(desk: Desk) -> str:
    """A complete case whose submission waits for the button alone; its number."""
    site = desk.site
    number = await Builder(site.people, site.store, site.clock).case(State.DRAFT)
    await desk.open(f"/cases/{number}/submission")
    site.clock.tick(31)
    await desk.page.fill("#field-code", cast.code("clerk", site.clock()))
    return number


async def test_a_second_press_on_a_slow_line_sends_nothing(desk: Desk) -> None:
    number = await review(desk)
    posts: list[str] = []
    go = await slow(desk.page, posts)
    button = await place(desk.page.locator("form.signoff button.button").first)
    for _ in range(4):
        await desk.page.mouse.click(*button)
        await asyncio.sleep(0.2)
    await desk.page.keyboard.press("Enter")
    go.set()
    await desk.page.wait_for_url(f"**/cases/{number}")
    assert len(posts) == 1
    assert await Event.count().where(Event.kind == "CaseSubmitted") == 1


async def test_a_page_that_comes_back_is_awake(desk: Desk) -> None:
    number = await review(desk)
    form = f"/cases/{number}/withdrawal"
    await desk.open(form)
    await desk.page.fill("#field-reason", "منصرف شدیم")
    await desk.page.evaluate(
        "document.querySelector('main form').dispatchEvent(new SubmitEvent('submit', {bubbles: true}))"
    )
    assert await desk.page.locator("main form[aria-busy]").count() == 1
    await desk.open(f"/cases/{number}")
    await desk.page.go_back()
    await desk.page.wait_for_url(f"**{form}")
    assert await desk.page.locator("main form[aria-busy], main [aria-disabled]").count() == 0
    await desk.page.evaluate(
        "document.querySelector('main form').dispatchEvent(new SubmitEvent('submit', {bubbles: true}))"
    )
    await desk.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert await desk.page.locator("main form[aria-busy], main [aria-disabled]").count() == 0, (
        "from the browser's memory"
    )


async def test_a_form_that_htmx_sends_rests_until_its_answer(desk: Desk) -> None:
    number = await review(desk)
    await desk.open(f"/cases/{number}/withdrawal")
    await desk.page.add_script_tag(url=assets.address("vendor/htmx.min.js"))
    await desk.page.evaluate(
        """() => { const form = document.querySelector('main form');
        form.setAttribute('hx-post', form.getAttribute('action')); form.setAttribute('hx-swap', 'none');
        htmx.process(form); }"""
    )
    posts: list[str] = []
    go = await slow(desk.page, posts)
    button = desk.page.locator("main form button.button").first
    await desk.page.fill("#field-reason", " ")
    await desk.page.mouse.click(*await place(button))
    await desk.page.locator("main form[aria-busy]").wait_for()
    assert await button.get_attribute("aria-disabled") == "true"
    await desk.page.mouse.click(*await place(button))
    go.set()
    await desk.page.locator("main form:not([aria-busy])").wait_for()
    assert len(posts) == 1
    assert await button.get_attribute("aria-disabled") is None


ANSWERED = """next => {
    const form = document.querySelector('main form'), xhr = {getResponseHeader: () => next};
    form.dispatchEvent(new SubmitEvent('submit', {bubbles: true}));
    const detail = {elt: form, requestConfig: {verb: 'post'}, xhr};
    document.dispatchEvent(new CustomEvent('htmx:afterRequest', {detail}));
    return form.hasAttribute('aria-busy');
}"""


async def test_a_form_whose_answer_leads_on_rests_until_the_next_page_is_there(desk: Desk) -> None:
    number = await review(desk)
    await desk.open(f"/cases/{number}/withdrawal")
    assert await desk.page.evaluate(ANSWERED, f"/cases/{number}")
    await desk.page.reload()
    assert not await desk.page.evaluate(ANSWERED, None)


@pytest.mark.parametrize("desk", [False], indirect=True, ids=["no scripts"])
async def test_without_scripts_the_second_press_is_answered_as_the_first(desk: Desk) -> None:
    number = await review(desk)
    button = await place(desk.page.locator("form.signoff button.button").first)
    posts: list[str] = []
    go = await slow(desk.page, posts)
    for _ in "12":
        await desk.page.mouse.click(*button)
        await asyncio.sleep(0.3)
    go.set()
    await desk.page.wait_for_url(f"**/cases/{number}")
    assert len(posts) == 2, "both went out"
    assert await Event.count().where(Event.kind == "CaseSubmitted") == 1
    assert "۴۰۹" not in await desk.text()
