"""The declaration's page scores while one types; pictures are read by axe in both directions."""

import re

from playwright.async_api import Browser, expect

from portal.domain.lifecycle import State
from portal.domain.town_tables import Figure
from portal.services.register import census
from tests.world.builders import Builder
from tests.world.cast import TOWN
from tests.world.desk import sit_down
from tests.world.journey import DECLARED
from tests.world.portal import Portal

CHOSEN = {"current_grade", "requested_grade", "census_year", "division"}


async def test_the_score_follows_what_is_typed(browser: Browser, site: Portal) -> None:
    await census.load([Figure(TOWN, 1395, 60_001)], now=site.clock())
    clerk = await sit_down(browser, site, "clerk")
    page = clerk.page
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    await clerk.press("تکمیل اظهارنامه")
    preview = page.locator("#declaration-preview")
    await expect(preview).to_contain_text("پس از تکمیل این موارد نشان داده می‌شود")
    for name, value in DECLARED.items():
        field = page.locator(f"#field-{name}")
        await (field.select_option(value) if name in CHOSEN else field.fill(value))
    await expect(preview.locator(".declared")).to_have_text("درجهٔ ۷")
    await expect(preview).to_contain_text("بر اساس سرشماری ۱۳۹۵ جمعیت ۶۰٬۰۰۱ نفر است")
    await page.fill("#field-population", "200000")
    await expect(preview.locator(".declared")).to_have_text("درجهٔ ۸")
    assert await preview.locator("svg[role=img]").count() == 4
    clerk.looked_at.clear()
    await clerk.look()
    await page.reload()
    await expect(preview).to_contain_text("پس از تکمیل این موارد نشان داده می‌شود")


async def test_the_score_stays_in_sight_and_is_announced_shortly(browser: Browser, site: Portal) -> None:
    clerk = await sit_down(browser, site, "clerk")
    page = clerk.page
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    await clerk.press("تکمیل اظهارنامه")
    said, bar = page.locator("#declaration-said"), page.locator("#declaration-progress")
    preview = page.locator("#declaration-preview")
    await expect(bar).to_contain_text("۰ از ۱۲ مورد تکمیل شد")
    await expect(said).to_have_text("")
    for name, value in list(DECLARED.items())[::-1]:
        field = page.locator(f"#field-{name}")
        await (field.select_option(value) if name in CHOSEN else field.fill(value))
    await expect(bar).to_contain_text("۱۲ از ۱۲ مورد تکمیل شد")
    await expect(said).to_have_text(re.compile("^پیش‌بینی: درجهٔ ۷، [۰-۹٫]+ امتیاز$"))
    await expect(preview).to_contain_text("ذخیره نشده")
    await page.focus("#field-settled_amount_3")
    await expect(preview.locator(".declared")).to_be_in_viewport()
    await expect(page.locator(".sticky").get_by_role("button", name="ذخیره")).to_be_in_viewport()
    await page.evaluate("""() => {
      window.changes = 0;
      new MutationObserver(() => { window.changes += 1 }).observe(document.querySelector("#declaration-said"),
        { childList: true, subtree: true, characterData: true });
    }""")
    await page.select_option("#field-census_year", "")
    await expect(bar).to_contain_text("۱۱ از ۱۲ مورد تکمیل شد")
    await expect(preview.get_by_role("link", name="سال سرشماری")).to_be_visible()
    assert await page.evaluate("window.changes") == 0, "the same score is not said again"
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(bar.get_by_role("link", name="درجهٔ ۷")).to_be_visible()
    year, amount = await page.locator(".year").first.locator("input").all()
    below, above = await amount.bounding_box(), await year.bounding_box()
    assert below
    assert above
    assert below["y"] - above["y"] - above["height"] >= 12, "the pair breathes"
    await clerk.press("ذخیره")
    await page.wait_for_url(re.compile(r"/cases/[0-9-]+$"))


async def test_without_scripts_the_score_is_computed_on_demand(browser: Browser, site: Portal) -> None:
    clerk = await sit_down(browser, site, "clerk", scripts=False)
    page = clerk.page
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    await clerk.press("تکمیل اظهارنامه")
    for name, value in DECLARED.items():
        field = page.locator(f"#field-{name}")
        await (field.select_option(value) if name in CHOSEN else field.fill(value))
    await clerk.press("محاسبهٔ امتیاز")
    await expect(page.locator("#declaration-preview .declared")).to_have_text("درجهٔ ۷")
    await clerk.press("ذخیره")
    await page.wait_for_url(re.compile(r"/cases/[0-9-]+$"))


async def test_what_was_typed_stays_where_the_preview_fails(browser: Browser, site: Portal) -> None:
    clerk = await sit_down(browser, site, "clerk")
    page = clerk.page
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    await clerk.press("تکمیل اظهارنامه")
    await page.context.clear_cookies()  # the session is over: its answers are the page of signing in
    await page.fill("#field-population", "200000")
    await expect(page.locator("#flash")).to_contain_text("حفظ شده است")
    await expect(page.locator("#field-population")).to_have_value("۲۰۰٬۰۰۰")
    await expect(page.locator("#field-population")).to_be_in_viewport()
    clerk.looked_at.clear()
    await clerk.look()


async def test_the_pictures_are_readable(browser: Browser, site: Portal) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.NOTIFIED)
    examiner = await sit_down(browser, site, "examiner")
    for path in (
        "/grades",
        f"/grades/{TOWN[:2]}",
        f"/cases/{number}",
        "/rulesets",
        "/rulesets/ir-2762-sample",
        "/rulesets/ir-2762-sample/comparison",
        f"/municipalities/{TOWN}",
        f"/municipalities/{TOWN}/eligibility",
    ):
        for width in (1280, 390):
            await examiner.page.set_viewport_size({"width": width, "height": 900})
            examiner.looked_at.clear()
            await examiner.open(path)
            spare = await examiner.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert spare <= 0, (path, width)
