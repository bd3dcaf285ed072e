"""Amounts are grouped while they are typed, and said in words below their field."""

import pytest
from playwright.async_api import Browser, expect

from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

AMOUNT = "#field-settled_amount_1"
SHOWN = "۱٬۲۰۰٬۰۰۰٬۰۰۰٬۰۰۰"


async def opened(browser: Browser, site: Portal, language: str = "fa") -> Desk:
    clerk = await sit_down(browser, site, "clerk")
    if language != "fa":
        await clerk.page.context.add_cookies(
            [{"name": "daraje_language", "value": language, "url": site.settings.base_url}]
        )
    await clerk.open("/cases/new")
    await clerk.page.locator("main form[action='/cases'] button").click()
    await clerk.page.wait_for_load_state("load")
    await clerk.open(f"{clerk.page.url.removeprefix(site.settings.base_url)}/declaration")
    return clerk


async def caret(clerk: Desk) -> int:
    at: int = await clerk.page.locator(AMOUNT).evaluate("field => field.selectionStart")
    return at


async def put(clerk: Desk, text: str) -> None:
    """Paste `text` at the caret, as the clipboard does."""
    await clerk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await clerk.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    await clerk.page.keyboard.press("Control+V")


@pytest.mark.parametrize(
    "digits", ["1200000000000", "۱۲۰۰۰۰۰۰۰۰۰۰۰", "١٢٠٠٠٠٠٠٠٠٠٠٠"], ids=["latin", "persian", "arabic"]
)
async def test_an_amount_is_grouped_while_it_is_typed(browser: Browser, site: Portal, digits: str) -> None:
    clerk = await opened(browser, site)
    page = clerk.page
    await page.locator(AMOUNT).press_sequentially(digits)
    await expect(page.locator(AMOUNT)).to_have_value(SHOWN)
    assert await caret(clerk) == len(SHOWN)
    await expect(page.locator(f"{AMOUNT}-words")).to_have_text("یک هزار و دویست میلیارد ریال")
    await page.locator("#field-population").press_sequentially("55703")
    await expect(page.locator("#field-population")).to_have_value("۵۵٬۷۰۳")
    await clerk.press("ذخیره")
    await clerk.press("تکمیل اظهارنامه")
    await expect(page.locator(AMOUNT)).to_have_value(SHOWN)
    await expect(page.locator("#field-population")).to_have_value("۵۵٬۷۰۳")
    await expect(page.locator(f"{AMOUNT}-words")).to_have_text("یک هزار و دویست میلیارد ریال")


async def test_the_caret_stays_where_one_types_and_deletes(browser: Browser, site: Portal) -> None:
    clerk = await opened(browser, site)
    page, field = clerk.page, clerk.page.locator(AMOUNT)
    await field.press_sequentially("1234567")
    await field.evaluate("field => field.setSelectionRange(1, 1)")
    for key, shown, at in (
        ("9", "۱۹٬۲۳۴٬۵۶۷", 2),
        ("0", "۱۹۰٬۲۳۴٬۵۶۷", 3),
        ("Delete", "۱۹۰٬۲۳۴٬۵۶۷", 4),  # only a separator stood there: the caret steps over it
        ("Delete", "۱۹٬۰۳۴٬۵۶۷", 4),
        ("Backspace", "۱٬۹۳۴٬۵۶۷", 3),
    ):
        await page.keyboard.press(key)
        await expect(field).to_have_value(shown)
        assert await caret(clerk) == at, key


async def test_what_is_pasted_is_grouped_or_left_for_the_server_to_refuse(browser: Browser, site: Portal) -> None:
    clerk = await opened(browser, site)
    page, field = clerk.page, clerk.page.locator(AMOUNT)
    for text in (
        "1200000000000",
        "1,200,000,000,000",
        "۱٬۲۰۰٬۰۰۰٬۰۰۰٬۰۰۰",
        "1.200.000.000.000",
        " 1200000000000\u200f",
    ):
        await field.fill("")
        await put(clerk, text)
        await expect(field).to_have_value(SHOWN)
    for text in ("12,5", "1.5", "1,234.5", "-5", "12 میلیارد"):
        await field.fill("")
        await put(clerk, text)
        await expect(field).to_have_value(text)
    await expect(page.locator(f"{AMOUNT}-words")).to_have_text("")


async def test_the_mean_and_the_words_follow_what_is_typed(browser: Browser, site: Portal) -> None:
    clerk = await opened(browser, site)
    page, mean = clerk.page, clerk.page.locator("#declaration-mean")
    await expect(mean).to_contain_text("—")
    for n, amount in ((1, "900000000000"), (2, "1100000000000"), (3, "1300000000001")):
        await page.fill(f"#field-settled_amount_{n}", amount)
    await expect(mean).to_contain_text("۱٬۱۰۰٬۰۰۰٬۰۰۰٬۰۰۰ ریال")
    await expect(page.locator("#field-settled_amount_3-words")).to_have_text("یک هزار و سیصد میلیارد و یک ریال")
    clerk.looked_at.clear()
    await clerk.look()


async def test_an_english_page_groups_with_commas(browser: Browser, site: Portal) -> None:
    clerk = await opened(browser, site, "en")
    page = clerk.page
    await page.locator(AMOUNT).press_sequentially("۱۲۰۰۰۰۰۰۰۰۰۰۰")
    await expect(page.locator(AMOUNT)).to_have_value("1,200,000,000,000")
    await expect(page.locator(f"{AMOUNT}-words")).to_have_text("1 trillion, 200 billion rials")
    clerk.looked_at.clear()
    await clerk.look()
