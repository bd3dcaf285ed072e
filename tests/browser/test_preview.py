"""The declaration's page scores while one types; pictures are read by axe in both directions."""

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
