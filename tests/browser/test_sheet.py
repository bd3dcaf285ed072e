"""The attestation sheet by keyboard: few stops of the Tab key, one a toolbar; what is chosen is said below it."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal
from tests.world.reader import case_with_pages

FOCUSED = "document.activeElement.id || document.activeElement.className"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


async def sheet(browser: Browser, site: Portal, *, scripts: bool = True) -> Desk:
    """An officer before the sheet of a case with six papers."""
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer", scripts=scripts)
    await officer.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    await officer.open(f"/cases/{number}/attestation")
    return officer


def paper(page: Page, n: int) -> Any:
    return page.locator("[data-paper]").nth(n)


async def tabs_to(page: Page, name: str, most: int) -> int:
    """How many times Tab is pressed until the element of this id has the focus."""
    for times in range(1, most + 1):
        await page.keyboard.press("Tab")
        if await page.evaluate(FOCUSED) == name:
            return times
    raise AssertionError(f"{name} is not reached within {most} stops")


async def test_under_twenty_stops_from_the_first_verdict_to_the_code(browser: Browser, site: Portal) -> None:
    officer = await sheet(browser, site)
    page = officer.page
    assert await page.locator("[data-paper]").count() == 6
    await officer.look_through()
    await paper(page, 0).locator(".good input").focus()
    stops = 0
    for n in range(6):
        await expect(paper(page, n).locator(".good input")).to_be_focused()
        await page.keyboard.press("Space")
        if n < 5:
            stops += await tabs_to(page, await paper(page, n + 1).locator(".good input").get_attribute("id"), 4)
    stops += await tabs_to(page, "review", 8)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/reviews/"))
    await page.wait_for_function("document.activeElement.id === 'field-code'")
    assert stops < 20


async def test_a_toolbar_is_one_stop_and_the_arrows_go_through_it(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    for path in (reader, f"/cases/{number}/attestation"):
        await officer.open(path)
        tools = page.locator(f"[data-viewer='/documents/{reader.split('/')[2]}/pages/'] [data-toolbar]")
        await expect(tools).to_have_attribute("role", "toolbar")
        assert await tools.locator("a[tabindex='0']").count() == 1
        boxes = await tools.locator("a").evaluate_all("all => all.map(each => each.getBoundingClientRect())")
        assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)
        await tools.locator("[data-do=previous]").focus()
        await page.keyboard.press("ArrowLeft")
        await expect(tools.locator("[data-do=next]")).to_be_focused()
        await page.keyboard.press("Space")
        await expect(tools.locator("[data-shown]")).to_have_text("صفحهٔ ۲ از ۵")
        await expect(tools.locator("[data-do=next]")).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        tip = tools.locator("[data-do=larger] .tip")
        await expect(tip).to_have_text("بزرگ‌تر")
        assert (await tip.bounding_box() or {"width": 0})["width"] > 20
        await page.keyboard.press("Escape")
        assert (await tip.bounding_box() or {"width": 0})["width"] <= 1
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Tab")
        assert "stage" in await page.evaluate(FOCUSED)
        await page.keyboard.press("Shift+Tab")
        await expect(tools.locator("[data-do=previous]")).to_be_focused()


async def test_the_bar_says_what_is_chosen_and_leads_to_what_is_not(browser: Browser, site: Portal) -> None:
    officer = await sheet(browser, site)
    page = officer.page
    bar, review, next_ = page.locator(".sticky"), page.locator("#review"), page.locator("[data-next]")
    await expect(bar.locator("[data-count]")).to_have_text("۰ از ۶ بررسی شد")
    await expect(review).to_have_text("بازبینی و امضا")
    await paper(page, 0).locator(".good input").check()
    await paper(page, 1).locator(".bad input").check()
    await paper(page, 3).locator(".good input").check()
    await expect(bar.locator("[data-count]")).to_have_text("۳ از ۶ بررسی شد")
    await expect(bar.locator("[data-parts]")).to_have_text("۲ اصیل، ۱ ناپذیرفته، ۳ بی‌نظر")
    await expect(bar.locator("progress")).to_have_js_property("value", 3)
    await expect(review).to_have_text("بازبینی ۳ نظر")
    dots = page.locator("[data-dot]")
    assert await dots.locator("[data-sign]").all_inner_texts() == ["✓", "✗", "○", "✓", "○", "○"]
    name = await paper(page, 1).get_attribute("data-paper")
    assert (await dots.nth(1).inner_text()).endswith(f"{name}، ناپذیرفته")
    await dots.nth(1).click()
    await expect(paper(page, 1).locator(".bad input")).to_be_focused()
    await expect(dots.nth(1)).to_have_attribute("aria-current", "step")
    await expect(next_).to_have_text(f"بعدی: {await paper(page, 2).get_attribute('data-paper')}")
    await next_.click()
    await expect(paper(page, 2).locator(".good input")).to_be_focused()
    for n in (2, 4, 5):
        await paper(page, n).locator(".good input").check()
    await expect(next_).to_be_hidden()
    await expect(bar.locator("[data-parts]")).to_have_text("۵ اصیل، ۱ ناپذیرفته")


async def test_keys_act_within_a_paper_and_in_no_field(browser: Browser, site: Portal) -> None:
    officer = await sheet(browser, site)
    page = officer.page
    await page.locator("h1").click()
    await page.keyboard.press("1")
    assert await page.locator("[data-paper] [type=radio]:checked").count() == 0, "outside of a paper no key acts"
    await paper(page, 0).locator(".stage").focus()
    await paper(page, 0).locator(".stage").dispatch_event("keydown", {"key": "۱", "code": "Digit1"})
    await expect(paper(page, 0).locator(".good input")).to_be_checked()
    assert "stage" in await page.evaluate(FOCUSED), "the focus stays where it is"
    await page.keyboard.press("n")
    await expect(paper(page, 1).locator(".good input")).to_be_focused()
    await page.keyboard.press("2")
    await expect(paper(page, 1).locator(".bad input")).to_be_checked()
    field = paper(page, 1).locator("input[type=text]").last
    await field.press_sequentially("1n2p")
    await expect(field).to_have_value("1n2p")
    await expect(field).to_be_focused()
    await expect(paper(page, 1).locator(".bad input")).to_be_checked()
    await paper(page, 1).locator("select").focus()
    await page.keyboard.press("n")
    await expect(paper(page, 1).locator("select")).to_be_focused()
    await paper(page, 1).locator(".bad input").focus()
    await page.keyboard.press("ArrowRight")
    await expect(paper(page, 1).locator(".good input")).to_be_focused()
    await page.keyboard.press("p")
    await expect(paper(page, 0).locator(".good input")).to_be_focused()
    await page.keyboard.press("p")
    await expect(paper(page, 0).locator(".good input")).to_be_focused()


async def test_nothing_is_hidden_below_the_bar(browser: Browser, site: Portal) -> None:
    officer = await sheet(browser, site)
    page = officer.page
    await paper(page, 0).locator(".good input").focus()
    for _ in range(18):
        await page.keyboard.press("Tab")
        hidden = await page.evaluate(
            """() => {
                const [bar, box] = [document.querySelector(".sticky"), document.activeElement.getBoundingClientRect()];
                return !bar.contains(document.activeElement) && box.top >= bar.getBoundingClientRect().top;
            }"""
        )
        assert not hidden, await page.evaluate(FOCUSED)


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_the_sheet_and_the_reader_fit_and_axe(browser: Browser, site: Portal, language: str) -> None:
    number, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await page.context.add_cookies([{"name": "daraje_language", "value": language, "url": site.settings.base_url}])
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for size in (DESKTOP, PHONE, {"width": 320, "height": 640}):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            for path in (f"/cases/{number}/attestation", reader):
                officer.looked_at.clear()
                await officer.open(path)
                if "attestation" in path:
                    await paper(page, 0).locator(".good input").check()
                    await paper(page, 1).locator(".bad input").check()
                    officer.looked_at.clear()
                    await officer.look()
                wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert await page.evaluate(wider) <= 0, (path, size)


async def test_on_a_phone_the_way_to_the_act_stands_first(browser: Browser, site: Portal) -> None:
    number, reader = await case_with_pages(site)
    officer = await sit_down(browser, site, "officer")
    page = officer.page
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path, link in ((f"/cases/{number}/attestation", ".jump a"), (reader, "main a.button")):
        await officer.open(path)
        box = await page.locator(link).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 700
    await officer.open(f"/cases/{number}/attestation")
    assert await page.evaluate("getComputedStyle(document.querySelector('.sticky')).position") == "static"
    await page.locator(".jump a").click()
    await expect(page.locator("#review")).to_be_in_viewport()


async def test_without_scripts_the_bar_says_nothing_that_may_be_untrue(browser: Browser, site: Portal) -> None:
    officer = await sheet(browser, site, scripts=False)
    page = officer.page
    text = await page.locator(".sticky").inner_text()
    assert "نظرهای این برگ با یک رمز امضا می‌شود" in text
    assert "بررسی شد" not in text
    assert await page.locator(".sticky progress").is_hidden()
    assert await page.locator("[data-next]").is_hidden()
    await paper(page, 0).locator(".bad input").check()
    await paper(page, 0).locator("select").select_option("illegible")
    await page.locator("[data-dot]").nth(2).click()
    assert page.url.endswith(f"#{await paper(page, 2).locator('h2').get_attribute('id')}")
    await officer.press("بازبینی")
    assert await page.locator(".seal").count() == 1, "one verdict of six is enough"
