"""Administration in Chromium: an account is opened, its owner enrols, the second person hears the fingerprint."""

import re

import pytest
from playwright.async_api import Browser, Page

from portal.domain import totp
from portal.domain.lifecycle import State
from tests.world.accounts import PASSWORD
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal
from tests.world.refused_files import case_with_refusals, refuse

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 1000}


async def on_both(desk: Desk, path: str) -> None:
    """axe finds nothing on the page, wide and narrow, and nothing is wider than the screen."""
    for size in (DESKTOP, PHONE):
        await desk.page.set_viewport_size(size)  # type: ignore[arg-type]
        desk.looked_at.clear()
        await desk.open(path)
        await fits(desk.page)
    await desk.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


async def fits(page: Page) -> None:
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_two_people_let_a_new_officer_sign(browser: Browser, site: Portal, scripts: bool) -> None:
    head = await sit_down(browser, site, "head", scripts=scripts)
    await head.open("/accounts/new")
    await head.page.fill("#field-username", "new.officer")
    await head.page.fill("#field-full_name", "افسر تازه")
    await head.page.fill("#field-title", "کارشناس احراز")
    await head.page.select_option("#field-role", "governorate")
    await head.page.select_option("#field-province", "13")
    await head.press("بازبینی و امضا")
    await head.sign("امضا می‌کنم")
    link = re.search(r"/invitations/[\w-]+", await head.text())
    assert link is not None

    owner = await (await browser.new_context(java_script_enabled=scripts)).new_page()
    await owner.goto(site.settings.base_url + link.group())
    await owner.fill("#field-password", PASSWORD)
    await owner.fill("#field-password_again", PASSWORD)
    await owner.get_by_role("button", name="ادامه").click()
    secret = re.search(r"secret=([A-Z2-7]+)", await owner.content())
    assert secret is not None
    await owner.fill("#field-code", totp.current_code(secret.group(1), site.clock()))
    await owner.locator("main form").first.locator("button.button").first.click()
    await owner.goto(site.settings.base_url + "/account")
    assert "در انتظار تأیید است" in await owner.inner_text("main")
    digits = re.search(r"[۰-۹]{4}(?: [۰-۹]{4}){5}", await owner.inner_text("main"))
    assert digits is not None

    examiner = await sit_down(browser, site, "examiner", scripts=scripts)
    assert "۱" in await examiner.page.inner_text("header nav .count")
    await examiner.open("/approvals")
    await examiner.press("افسر تازه")
    assert digits.group() in await examiner.text()
    await examiner.page.check("input[value=phone]")
    await examiner.press("بازبینی و امضا")
    await examiner.sign("امضا می‌کنم")
    assert await examiner.page.locator("header nav .count").count() == 0
    await owner.goto(site.settings.base_url + "/account")
    assert "در انتظار تأیید است" not in await owner.inner_text("main")


async def test_the_pages_of_administration_fit_a_phone_and_axe(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    head = await sit_down(browser, site, "head")
    person = f"/accounts/{site.people['clerk'].id}"
    for path in ("/accounts", "/accounts/new", person, f"{person}/mandate", f"{person}/reset", f"{person}/restoration"):
        await on_both(head, path)
    await head.page.fill("#field-reason", "گوشی گم شد")
    await head.press("بازبینی و امضا")
    await head.sign("امضا می‌کنم")
    clerk = await sit_down(browser, site, "clerk")
    await on_both(clerk, "/account/restoration")
    await on_both(clerk, "/account")
    officer = await sit_down(browser, site, "officer")
    await on_both(officer, "/approvals")
    await officer.press("کارشناس شهرداری")
    await on_both(officer, officer.page.url.removeprefix(site.settings.base_url))
    await on_both(officer, f"/cases/{number}")
    await officer.press("رسیدگی با من")
    assert "رسیدگی با شما" in await officer.text()
    await on_both(officer, "/cases")


async def test_refused_files_fit_a_phone_and_axe(browser: Browser, site: Portal) -> None:
    number = await case_with_refusals(site)
    await refuse(site, number, "broken", "x" * 120)
    for username in ("head", "auditor"):
        desk = await sit_down(browser, site, username)
        await on_both(desk, "/refusals")
        assert "Canon iR-ADV C3530 <b>" in await desk.text()
