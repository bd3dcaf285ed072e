"""Back, forward and reload around a review, in a browser: nothing is asked for again, and nothing typed is lost."""

import re

import pytest
from playwright.async_api import Browser, Page

from portal.domain.lifecycle import State
from portal.tables.events import Event
from portal.tables.reviews import Review
from tests.world import cast
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

LETTER = {"letter_number": "42/1883", "letter_date": "۱۴۰۵/۰۸/۰۱"}
WRONG = "000000"


async def case(site: Portal, state: State, *, attested: bool = False) -> str:
    builder = Builder(site.people, site.store, site.clock)
    number = await builder.case(state)
    if attested:
        await builder.attest(number)
    return number


async def values(page: Page) -> dict[str, str]:
    return {name: await page.input_value(f"#field-{name}") for name in LETTER}


async def recorded(kind: str) -> int:
    return int(await Event.count().where(Event.kind == kind))


async def has_focus(page: Page, field: str) -> bool:
    await page.wait_for_function("id => document.activeElement.id === id", arg=f"field-{field}")
    return True


async def wrong_code(desk: Desk) -> None:
    await desk.page.fill("#field-code", WRONG)
    await desk.press("امضا می‌کنم")
    await desk.page.locator("#field-code-error").wait_for()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_back_and_forth_around_an_act_with_values(browser: Browser, site: Portal, scripts: bool) -> None:
    number = await case(site, State.SUBMITTED, attested=True)
    form = f"{site.settings.base_url}/cases/{number}/confirmation"
    desk = await sit_down(browser, site, "officer", scripts=scripts)
    page = desk.page
    await desk.open(f"/cases/{number}/confirmation")
    for name, value in LETTER.items():
        await page.fill(f"#field-{name}", value)
    await desk.press("بازبینی و امضا")
    review = page.url
    assert "/reviews/" in review
    assert "۴۲/۱۸۸۳" in (await desk.text()).translate(str.maketrans(dict.fromkeys("\u2068\u2069")))
    if scripts:
        assert await has_focus(page, "code")
    await wrong_code(desk)
    assert page.url == review
    while page.url != form:
        assert page.url == review, "no page in the history stands for a form that was sent"
        await page.go_back()
    assert await values(page) == LETTER, "what was typed stands there"
    await page.reload()
    assert page.url == form
    await page.go_forward()
    assert page.url == review
    await page.reload()
    await desk.sign("امضا می‌کنم")
    await page.wait_for_url(f"**/cases/{number}")
    assert await recorded("CaseConfirmed") == 1
    assert await Review.count() == 0
    while page.url != review:
        await page.go_back()
        if page.url == f"{site.settings.base_url}/cases/{number}":
            break
    assert "ثبت شده است" in await desk.text(), "the review leads on to what was signed"
    assert await recorded("CaseConfirmed") == 1


@pytest.mark.parametrize(
    ("act", "who", "state", "kind"),
    [("submission", "clerk", State.DRAFT, "CaseSubmitted"), ("signature", "minister", State.DECIDED, "DecisionSigned")],
)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_back_and_forth_around_an_act_without_values(
    browser: Browser, site: Portal, scripts: bool, act: str, who: str, state: State, kind: str
) -> None:
    number = await case(site, state)
    case_page = f"{site.settings.base_url}/cases/{number}"
    desk = await sit_down(browser, site, who, scripts=scripts)
    page = desk.page
    await desk.open(f"/cases/{number}")
    await desk.open(f"/cases/{number}/{act}")
    if scripts:
        assert await has_focus(page, "code")
    await wrong_code(desk)
    if scripts:
        assert await has_focus(page, "code"), "the next code can be typed at once"
        await wrong_code(desk)
        await page.go_back()
        assert page.url == case_page, "no wrong code stands in the history"
        await page.go_forward()
    else:
        await page.go_back()
    assert page.url == f"{case_page}/{act}"
    assert await page.locator("#field-code-error").count() == 0, "a fresh page"
    await page.reload()
    await desk.sign("امضا می‌کنم")
    await page.wait_for_url(case_page)
    assert await recorded(kind) == 1


async def test_the_code_has_the_focus_at_sign_in(browser: Browser, site: Portal) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{site.settings.base_url}/login")
    await page.fill("#field-username", "clerk")
    await page.fill("#field-password", cast.PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/login/code"))
    assert await has_focus(page, "code")
    await page.keyboard.type(WRONG)
    await page.keyboard.press("Enter")
    await page.locator("#field-code-error").wait_for()
    assert await has_focus(page, "code"), "and so it has after a wrong one"


async def test_on_a_phone_what_is_signed_is_shown_before_the_code(browser: Browser, site: Portal) -> None:
    number = await case(site, State.DECIDED)
    desk = await sit_down(browser, site, "minister")
    await desk.page.set_viewport_size({"width": 390, "height": 800})
    await desk.open(f"/cases/{number}/signature")
    assert await has_focus(desk.page, "code")
    await desk.page.wait_for_function("scrollY === 0")
    assert await desk.page.evaluate("document.querySelector('#field-code').getBoundingClientRect().top > innerHeight")
    jump = desk.page.get_by_role("link", name="رفتن به امضا")
    assert await jump.evaluate("element => element.getBoundingClientRect().bottom < 700")
    await jump.click()
    await desk.page.wait_for_function(
        "document.querySelector('#signoff-code .consequence').getBoundingClientRect().top >= 0"
        " && document.querySelector('#signoff-code .button').getBoundingClientRect().bottom <= innerHeight"
    )
