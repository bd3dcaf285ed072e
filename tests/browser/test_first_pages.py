"""What those who watch over the portal read on their first page, and a one-time link in a real browser."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Request, expect

from portal.domain.lifecycle import Role
from portal.services.administration import accounts, invitations
from portal.services.administration.accounts import NewAccount
from portal.settings import Settings
from tests.world import cast
from tests.world.desk import sit_down
from tests.world.portal import Portal

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SENTENCES = {
    ("on", "fa"): "کنترل دونفره روشن است",
    ("on", "en"): "The two-person rule is on",
    ("off", "fa"): "کنترل دونفره خاموش است",
    ("off", "en"): "The two-person rule is off",
    ("demo", "fa"): "در نسخهٔ نمایشی کنترل دونفره خاموش است",
    ("demo", "en"): "In this demonstration the two-person rule is off",
}


@pytest.fixture(params=["on", "off", "demo"])
def state(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fresh(fresh: Settings, request: pytest.FixtureRequest) -> Settings:
    state = request.getfixturevalue("state") if "state" in request.fixturenames else "off"
    return replace(fresh, four_eyes=state == "on", demo=state == "demo")


@pytest.mark.parametrize("username", ["auditor", "head"])
async def test_whether_four_eyes_are_on_is_read_at_a_glance(
    site: Portal, browser: Browser, state: str, username: str
) -> None:
    desk = await sit_down(browser, site, username)
    for language in ("fa", "en"):
        await desk.page.context.add_cookies(
            [{"name": "daraje_language", "value": language, "url": site.settings.base_url}]
        )
        for width, height in SIZES.values():
            await desk.page.set_viewport_size({"width": width, "height": height})
            await desk.page.goto(site.settings.base_url)
            line = desk.page.locator("main p", has_text=SENTENCES[state, language])
            await expect(line).to_be_in_viewport()
            assert await desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            desk.looked_at.clear()
            await desk.look()


async def test_a_browser_tells_no_address_of_a_link_and_may_use_it(site: Portal, browser: Browser) -> None:
    new = NewAccount("fresh", "کارشناس تازه", "کارشناس برنامه", Role.MUNICIPALITY, municipality=cast.TOWN)
    person = await accounts.open_by_machine(new, now=site.clock())
    token = await invitations.invite(person, purpose=invitations.INVITATION, by=None, now=site.clock())
    page = await (await browser.new_context()).new_page()
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each))
    await page.goto(f"{site.settings.base_url}/invitations/{token}")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{site.settings.base_url}/invitations/{token}"
    await page.fill("#field-password", "a sentence that nobody guesses 1405")
    await page.fill("#field-password_again", "a sentence that nobody guesses 1405")
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/account/second-factor")
    assert len(asked) > 10
    for each in asked:
        headers = await each.all_headers()
        assert token not in headers.get("referer", ""), each.url
        assert token not in each.url or each.url == f"{site.settings.base_url}/invitations/{token}"
    writes = {each.url.rpartition("/")[2]: await each.all_headers() for each in asked if each.method == "POST"}
    assert {each.get("origin") for each in writes.values()} == {site.settings.base_url}
    assert set(writes) == {"en", token}
