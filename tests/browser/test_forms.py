"""Fields, selects and places for files, as a hand, a keyboard and a phone meet them."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from portal.domain.lifecycle import State
from portal.tables.people import Person
from tests.world.builders import Builder
from tests.world.desk import sit_down
from tests.world.portal import Portal

BOX = """element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return [box.left + parseFloat(style.borderLeftWidth) + parseFloat(style.paddingLeft),
    box.right - parseFloat(style.borderRightWidth) - parseFloat(style.paddingRight)];
}"""
ENDS = "element => { const { left, right } = element.getBoundingClientRect(); return [left, right]; }"
RING = "getComputedStyle(document.querySelector('.file .button')).outlineStyle"


async def assert_filled(page: Page, card: str) -> None:
    """Every field of the card is as wide as the card."""
    left, right = await page.locator(card).evaluate(BOX)
    for field in await page.locator(f"{card} :is(input:not([type]), input[type=text], textarea, select)").all():
        if await field.is_visible() and not await field.evaluate("element => !!element.closest('.amount')"):
            assert await field.evaluate(ENDS) == pytest.approx([left, right], abs=1), await field.get_attribute("id")


async def test_fields_fill_their_card(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await officer.open(f"/cases/{number}/return")
    await assert_filled(page, "form.form")
    clerk = await sit_down(browser, site, "clerk")
    await clerk.open("/account/password")
    await assert_filled(clerk.page, "form.form")
    left, right = await clerk.page.locator("form.form").evaluate(ENDS)
    assert right - left <= 640


async def test_a_select_shows_that_it_opens(browser: Browser, site: Portal) -> None:
    organization = await sit_down(browser, site, "examiner")
    page = organization.page
    await organization.open("/cases?state=all")
    select = page.locator("#field-province")
    style = "element => { const s = getComputedStyle(element); return [s.appearance, s.backgroundPosition]; }"
    assert await select.evaluate(style) == ["none", "12.8px 50%"], "at the end of a line that runs to the left"
    await page.emulate_media(forced_colors="active")
    assert (await select.evaluate(style))[0] == "auto"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_file_is_chosen_by_keyboard(browser: Browser, site: Portal, scripts: bool, tmp_path: Path) -> None:
    letter = tmp_path / "letter 12.pdf"
    letter.write_bytes(b"%PDF-1.7\n")
    context = await browser.new_context(java_script_enabled=scripts, viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.goto(f"{site.settings.base_url}/verify")
    field = page.locator("#field-file")
    await field.focus()
    if scripts:
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "field-file"
        assert await page.evaluate(RING) == "solid"
        await expect(page.locator(".file .chosen")).to_have_text("هنوز فایلی انتخاب نشده است")
    await field.set_input_files(letter)
    if scripts:
        await expect(page.locator(".file bdi.chosen")).to_have_text("letter 12.pdf")
    await page.locator("form[enctype] button").click()
    await expect(page.locator("h1")).to_contain_text("این سامانه")


async def test_on_a_phone_buttons_stand_in_a_column(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    await officer.page.set_viewport_size({"width": 390, "height": 844})
    await officer.open(f"/cases/{number}/return")
    left, right = await officer.page.locator("form.form").evaluate(BOX)
    for button in await officer.page.locator("form.form .actions .button").all():
        assert await button.evaluate(ENDS) == pytest.approx([left, right], abs=1)


async def test_an_account_asks_for_the_place_of_its_role(browser: Browser, site: Portal) -> None:
    desk = await sit_down(browser, site, "head")
    page = desk.page
    await desk.open("/accounts/new")
    town, province = page.locator("#field-municipality"), page.locator("#field-province")
    for role, shown in (("municipality", town), ("governorate", province), ("minister", None)):
        await page.select_option("#field-role", role)
        for field in (town, province):
            await expect(field).to_be_visible(visible=field is shown)
    await page.select_option("#field-role", "municipality")
    choices = page.locator("#field-municipality-list option")
    assert await choices.evaluate_all("all => all.some(each => each.value === 'تویسرکان، تویسرکان، همدان')")
    await page.fill("#field-username", "tuyserkan")
    await page.fill("#field-full_name", "نرگس حسینی")
    await page.fill("#field-title", "شهردار")
    await page.fill("#field-municipality", "تویسرکان، تویسرکان، همدان")
    await desk.press("بازبینی و امضا")
    await desk.sign("امضا می‌کنم")
    opened = await Person.select(Person.municipality.display_name.as_alias("town")).where(
        Person.username == "tuyserkan"
    )
    assert [row["town"] for row in opened] == ["تویسرکان"]
