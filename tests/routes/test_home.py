"""The service's card: what the Ministry's own card states, the waiting period in force, and what records count."""

import pytest

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.portal import Portal

CARD = (
    "درجه‌بندی شهرداری‌ها",
    "دفتر امور شهری و شوراهای استانداری",
    "وزارت کشور",
    "G2G · حاکمیتی · شهری",
    "در هر استانداری حدود ۲۵",
    "با درخواست شهرداری",
    "دو ماه",
    "هر پنج سال یک بار (شناسنامهٔ خدمت)",
    "۴ سال از آخرین ابلاغ درجه (جدول امتیاز «",
    "در شناسنامهٔ خدمت هزینه‌ای ذکر نشده است",
    "اتوماسیون اداری برید",
    "مراجعهٔ حضوری به استان",
    "مراجعهٔ حضوری به شهرستان",
    "دستورالعمل شمارهٔ ۲۷۶۲ سازمان شهرداری‌ها و دهیاری‌های کشور",
    "آیین‌نامهٔ پرداخت حقوق شهرداران، تبصرهٔ ۳ مادهٔ ۱ مصوب ۱۳۷۰/۴/۱",
)


async def test_the_card_says_all_that_the_ministrys_card_says(portal: Portal) -> None:
    words = (await portal.visit().get("/")).words()
    assert [each for each in CARD if each not in words] == []


@pytest.mark.parametrize("username", ["clerk", "examiner", "minister", "head"])
async def test_those_signed_in_read_it_too(portal: Portal, username: str) -> None:
    visitor = await portal.as_(username)
    assert (await visitor.get("/")).status == 303
    page = await visitor.get("/service")
    assert CARD[0] in page.words()
    here = {
        each.get("href") for each in page.all("a") if each.get("aria-current")
    }  # in the bar, and in the sheet of all
    assert here == {"/service"}


async def test_what_is_counted_comes_from_records_and_claims_no_visits(portal: Portal) -> None:
    assert "مختومه" not in (await portal.visit().get("/")).words()
    await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    words = (await portal.visit().get("/")).words()
    assert "۱ پروندهٔ مختومه و ابلاغ‌شده" in words
    assert "صفر" not in words
