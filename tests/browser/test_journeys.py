"""A case travels the whole way in Chromium: with scripts, through a return, and with JavaScript switched off."""

from pathlib import Path

import bagit
import pytest
from playwright.async_api import Browser

from portal.domain.lifecycle import State
from portal.letters import bags
from tests.world.builders import SLOTS, Builder, scan
from tests.world.desk import Desk, sit_down
from tests.world.journey import DECLARED
from tests.world.portal import Portal


async def prepare(clerk: Desk, folder: Path, *, scripts: bool) -> str:
    """Fill in the declaration and send every document; the case's number."""
    page = clerk.page
    await clerk.open("/cases/new")
    await clerk.press("تشکیل پرونده")
    number = page.url.rsplit("/", 1)[-1]
    await clerk.press("تکمیل اظهارنامه")
    for name, value in DECLARED.items():
        field = page.locator(f"#field-{name}")
        if await field.evaluate("each => each.tagName") == "SELECT" if scripts else name in SELECTS:
            await field.select_option(value)
        else:
            await field.fill(value)
    await clerk.press("ذخیره")
    path = folder / "اسکن.pdf"
    path.write_bytes(scan(2))
    for kind, year in SLOTS:
        slot = f"#upload-{kind}" + (f"-{year}" if year else "")
        await page.locator(slot).set_input_files(path)
        if scripts:
            await page.locator(slot).wait_for(state="detached")
        else:
            await page.locator(f"form:has({slot}) button").click()
            await page.wait_for_load_state("load")
    return number


SELECTS = {"current_grade", "requested_grade", "census_year", "division"}


async def walk(browser: Browser, site: Portal, folder: Path, *, scripts: bool) -> str:
    """The whole way, as people of five offices would click it; the case's number."""
    clerk = await sit_down(browser, site, "clerk", scripts=scripts)
    number = await prepare(clerk, folder, scripts=scripts)
    await clerk.open(f"/cases/{number}")
    await clerk.press("ارسال به استانداری")
    await clerk.sign("امضا می‌کنم")
    assert "پرونده به استانداری ارسال شد" in await clerk.text()

    officer = await sit_down(browser, site, "officer", scripts=scripts)
    await officer.open("/cases")
    await officer.press("اسدآباد")
    await officer.press("احراز اصالت مدارک")
    await officer.look_through(scripts=scripts)
    for radio in await officer.page.locator("input[value=authentic]").all():
        await radio.check()
    await officer.press("بازبینی")
    assert "اسکن.pdf" in await officer.text()
    await officer.sign("امضا می‌کنم")
    await officer.press("تأیید و ارسال به سازمان")
    await officer.page.fill("#field-letter_number", "۴۲/۱۸۸۳")
    await officer.page.fill("#field-letter_date", "۱۴۰۵/۰۸/۰۱")
    await officer.press("بازبینی و امضا")
    await officer.sign("امضا می‌کنم")

    examiner = await sit_down(browser, site, "examiner", scripts=scripts)
    await examiner.open(f"/cases/{number}")
    await examiner.press("ارزیابی")
    await examiner.press("بازبینی و امضا")
    await examiner.sign("امضا می‌کنم")
    await examiner.open("/sittings/new")
    await examiner.page.fill("#field-title", "جلسهٔ ششم سال ۱۴۰۵")
    await examiner.press("ثبت جلسه")
    await examiner.page.check(f"input[value='{number}']")
    await examiner.press("ذخیره")
    await examiner.open(f"/cases/{number}/decision")
    await examiner.page.check("input[value=raised]")
    await examiner.page.select_option("#field-grade", "9")
    await examiner.page.fill("#field-reason", "به تشخیص کارگروه")
    await examiner.press("بازبینی و امضا")
    await examiner.sign("امضا می‌کنم")

    minister = await sit_down(browser, site, "minister", scripts=scripts)
    await minister.open("/cases")
    await minister.press("اسدآباد")
    await minister.press("امضا و ابلاغ")
    await minister.sign("امضا می‌کنم")
    assert "تصمیم امضا و ابلاغ شد" in await minister.text()

    await clerk.open(f"/cases/{number}")
    await clerk.press("مشاهدهٔ نامه")
    async with clerk.page.expect_download() as letter:
        await clerk.page.get_by_role("link", name="دریافت نامه (PDF)").click()
    assert (await (await letter.value).path()).read_bytes().startswith(b"%PDF-")

    keeper = await sit_down(browser, site, "keeper", scripts=scripts)
    await keeper.open("/archive")
    async with keeper.page.expect_download() as package:
        await keeper.page.locator(f"a[href='/cases/{number}/archive.zip']").click()
    await (await package.value).save_as(folder / "package.zip")
    assert bagit.Bag(str(bags.unpack(folder / "package.zip", folder / "bag"))).is_valid()
    return number


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_case_travels_the_whole_way(browser: Browser, site: Portal, tmp_path: Path, scripts: bool) -> None:
    await walk(browser, site, tmp_path, scripts=scripts)


async def test_a_returned_document_alone_is_redone(browser: Browser, site: Portal, tmp_path: Path) -> None:
    number = await Builder(site.people, site.store, site.clock).case(State.SUBMITTED)
    officer = await sit_down(browser, site, "officer")
    await officer.open(f"/cases/{number}/attestation")
    await officer.look_through()
    rows = officer.page.locator("input[value=authentic]")
    for index in range(await rows.count() - 1):
        await rows.nth(index).check()
    await officer.page.locator("input[value=not-accepted]").last.check()
    await officer.page.locator("input[name^='reason-']").last.fill("صفحهٔ ۲ ناخواناست")
    await officer.press("بازبینی")
    assert "صفحهٔ ۲ ناخواناست" in await officer.text()
    await officer.sign("امضا می‌کنم")
    await officer.press("بازگرداندن برای اصلاح")
    await officer.page.fill("#field-reason", "گزارش توجیهی را دوباره بفرستید")
    await officer.press("بازبینی و امضا")
    await officer.sign("امضا می‌کنم")

    clerk = await sit_down(browser, site, "clerk")
    await clerk.open("/cases")
    await clerk.press("اسدآباد")
    assert "گزارش توجیهی را دوباره بفرستید" in await clerk.text()
    uploads = clerk.page.locator("form.upload:not([data-upload]) , form.upload input[type=file]")
    assert await clerk.page.locator("#upload-census").count() == 0
    path = tmp_path / "گزارش.pdf"
    path.write_bytes(scan(3, shade=120))
    before = await clerk.page.locator("form.upload").first.get_attribute("action")
    assert before == f"/cases/{number}/documents"
    field = uploads.last
    name = await field.get_attribute("id")
    await field.set_input_files(path)
    await clerk.page.locator(f"#{name}").wait_for(state="detached")
    await clerk.press("ارسال به استانداری")
    await clerk.sign("امضا می‌کنم")

    await officer.open(f"/cases/{number}/attestation")
    assert "گزارش توجیهی" in await officer.page.locator(".consequence").first.inner_text()
    assert await officer.page.locator("input[value=authentic]:checked").count() == len(SLOTS) - 1
    await officer.look_through()
    await officer.page.locator("input[value=authentic]").last.check()
    await officer.press("بازبینی")
    await officer.sign("امضا می‌کنم")
    await officer.press("تأیید و ارسال به سازمان")
    assert "شمارهٔ نامه" in await officer.text()
