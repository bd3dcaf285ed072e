"""What pages say beside what they do: names that are whole, reasons that stand where they are looked for."""

from portal import texts
from portal.domain.decisions import RefusalCode
from portal.domain.declarations import Declaration, DocumentKind
from portal.domain.lifecycle import State
from portal.letters.wording import REFUSALS
from portal.web.words import declared
from tests.world.builders import Builder
from tests.world.documents import draft
from tests.world.mandates import DEPUTY, day
from tests.world.portal import Portal


def test_a_settled_budget_is_named_whole_with_its_year_and_without() -> None:
    token = texts.locale.set("fa")
    assert declared.slot_label((DocumentKind.SETTLEMENT, None)) == "تفریغ بودجه"
    assert declared.slot_label((DocumentKind.SETTLEMENT, 1402)) == "تفریغ بودجهٔ سال ۱۴۰۲"
    names = [name for name, _ in declared.declared_values(Declaration())][-4:-1]
    texts.locale.reset(token)
    assert names == ["تفریغ بودجهٔ سال نخست", "تفریغ بودجهٔ سال دوم", "تفریغ بودجهٔ سال سوم"]


def test_a_refusal_for_another_reason_leaves_the_typed_reason_alone() -> None:
    assert REFUSALS.keys() == set(RefusalCode) - {RefusalCode.OTHER}


async def test_a_case_is_named_with_its_ezafe(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    clerk = await portal.as_("clerk")
    for url in (f"/cases/{number}", f"/cases/{number}/notice"):
        assert "پروندهٔ ۱۴۰۵" in (await clerk.get(url)).words(), url


async def test_a_button_that_cannot_be_pressed_says_why_beside_it(portal: Portal) -> None:
    clerk, number = await draft(portal)
    page = await clerk.get(f"/cases/{number}")
    grey = next(each for each in page.root.iter() if each.get("aria-disabled") == "true")
    why = next(each for each in page.root.iter() if each.get("id") == grey.get("aria-describedby"))
    assert "پس از تکمیل اظهارنامه و مدارک" in "".join(why.itertext())
    assert "در دست" not in page.words(), "whoever is alone in an office takes nothing in hand"
    form = await clerk.get(f"/cases/{number}/declaration")
    assert [text for text in ("محاسبهٔ امتیاز", "انصراف از تغییرات") if text not in form.text] == []


async def test_a_new_accounts_pages_name_it_and_say_what_it_can_do(portal: Portal) -> None:
    head = await portal.as_("head")
    typed = {**DEPUTY, "ends_on": day(portal, 9)}
    review = await head.review("/accounts", typed, at="/accounts/new")
    assert "حساب جدید" in review.words()
    assert "حساب —" not in review.words()
    page = await head.post("/accounts", {**review.hidden("/accounts"), "code": head.code()})
    assert "جز صفحهٔ «حساب من» به جایی دسترسی ندارد" in page.words()
    assert "پیوندهای پیشین" not in page.words(), "there are none"


async def test_a_receipt_keeps_what_is_for_programs_folded(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    clerk = await portal.as_("clerk")
    case = await clerk.get(f"/cases/{number}")
    receipt = next(each.get("href", "") for each in case.all("a") if "/receipts/" in each.get("href", ""))
    page = await clerk.get(receipt)
    folded = " ".join("".join(each.itertext()) for each in page.all("details"))
    for words in ("گام زمانی", "برگ"):
        assert words in folded, words
        assert words not in page.words().partition("جزئیات فنی")[0], words


async def test_grades_by_province_stand_under_their_whole_names(portal: Portal) -> None:
    page = await (await portal.as_("examiner")).get("/grades")
    assert [grade for grade in ("۱", "۱۲") if f"درجهٔ {grade}" not in page.words()] == []
