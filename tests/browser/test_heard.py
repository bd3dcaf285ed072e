"""What became of an act is heard, and what htmx draws anew leaves the focus where it was."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from portal.domain.lifecycle import State
from portal.web import assets
from tests.world.builders import Builder, scan
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

HEARD = "p.visually-hidden[role=status]:not([id])"


async def draft(browser: Browser, site: Portal) -> tuple[Desk, str]:
    clerk = await sit_down(browser, site, "clerk")
    await clerk.open("/cases/new")
    await clerk.page.locator("main form[action='/cases'] button").click()
    await clerk.page.wait_for_load_state("load")
    return clerk, clerk.page.url.removeprefix(site.settings.base_url)


async def test_what_became_of_an_act_takes_the_focus(browser: Browser, site: Portal) -> None:
    clerk, case = await draft(browser, site)
    page = clerk.page
    await clerk.open(f"{case}/declaration")
    await page.locator(".sticky button.button").first.click()
    await page.wait_for_url(f"**{case}")
    await expect(page.locator("#flash p")).to_be_focused()
    assert await page.locator("#flash p").inner_text()
    await page.reload()
    assert await page.locator("#flash p").count() == 0
    assert await page.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize("other", ["<input autofocus>", "<div data-focus tabindex=-1>x</div>"], ids=["field", "errors"])
async def test_a_field_or_the_errors_keep_the_focus_and_the_flash_is_said_anew(
    browser: Browser, site: Portal, other: str
) -> None:
    page: Page = await (await browser.new_context()).new_page()
    await page.goto(f"{site.settings.base_url}/login")
    module = assets.address("js/focus.js")
    flash = '<main id="main"><div id="flash" role="status"><p tabindex="-1" data-flash>ثبت شد</p></div>'
    remembered = "<script>window.first = document.querySelector('#flash p')</script>"
    body = f'<!doctype html>{flash}{other}</main>{remembered}<script type="module" src="{module}"></script>'
    await page.route("**/served-here", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=body))
    await page.goto(f"{site.settings.base_url}/served-here")
    await page.wait_for_function("() => !window.first.isConnected")
    await expect(page.locator("#flash p")).to_have_text("ثبت شد")
    assert await page.evaluate("document.activeElement.matches('[autofocus], [data-focus]')")


async def test_after_an_upload_the_focus_stays_in_its_place(browser: Browser, site: Portal, tmp_path: Path) -> None:
    clerk, case = await draft(browser, site)
    page = clerk.page
    await clerk.open(case)
    path = tmp_path / "اسکن.pdf"
    path.write_bytes(scan(2))
    field = page.locator("[data-slot] input[type=file]:not(.camera)").first
    name = await field.get_attribute("id")
    slot = await field.evaluate("each => each.closest('[data-slot]').dataset.slot")
    await field.focus()
    await field.set_input_files(path)
    await page.locator(f"#{name}").wait_for(state="detached")
    held = "document.activeElement.closest('[data-slot]')?.dataset.slot"
    await page.wait_for_function(f"slot => {held} === slot", arg=slot)
    assert await page.locator("#upload-live").inner_text()


async def test_the_words_of_an_amount_are_heard_while_one_types(browser: Browser, site: Portal) -> None:
    clerk, case = await draft(browser, site)
    page = clerk.page
    await clerk.open(f"{case}/declaration")
    amount = page.locator("#field-settled_amount_1")
    await amount.press_sequentially("1200000000000")
    await expect(page.locator(HEARD)).to_have_text("یک هزار و دویست میلیارد ریال")
    await expect(amount).to_be_focused()


async def test_the_search_keeps_the_focus(browser: Browser, site: Portal) -> None:
    await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await officer.open("/cases")
    await page.evaluate("window.rows = document.getElementById('case-rows')")
    await page.locator("#q").press_sequentially("اسد")
    await page.wait_for_function("() => !window.rows.isConnected")
    await expect(page.locator("#q")).to_be_focused()
    await expect(page.locator("#q")).to_have_value("اسد")


async def test_what_was_not_shown_is_drawn_anew_beside_the_verdict(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await officer.open(f"/cases/{number}/attestation")
    await page.evaluate("window.told = document.getElementById('attestation-unseen')")
    verdict = page.locator("[data-paper] .good input").first
    await verdict.focus()
    await page.wait_for_function("() => !window.told.isConnected")
    await expect(verdict).to_be_focused()
