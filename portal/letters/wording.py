"""The sentences of the decision letter's first page, as an office writes them (Persian, in the present tense)."""

from datetime import date
from typing import Any

from portal.domain import letter_codes, persian
from portal.domain.lifecycle import Outcome
from portal.letters.facts import DecisionLetter, Issue

MINISTER = "وزیر کشور"
"""Under whose name the letter goes out; an acting minister or their deputy signs with a title of their own."""
DRAFT = "پیش‌نویس"
AFTER = "پس از امضا"
BASIS = (
    "به استناد تبصرهٔ ۳ مادهٔ ۱ آیین‌نامهٔ پرداخت حقوق شهرداران مصوب ۱۳۷۰/۴/۱ و «شیوه‌نامه و عوامل ناظر بر "
    "درجه‌بندی شهرداری‌ها»، "
)
ANNEX = "ریز امتیازها و فهرست مدارک در پیوست ۱ آمده است."
REFUSALS = {
    "too-early": "فاصلهٔ زمانی لازم از آخرین ابلاغ درجه سپری نشده است",
    "few-settled-years": "تفریغ بودجهٔ سه سال کامل نیست",
    "not-approved": "تفریغ بودجه به تصویب شورا نرسیده است",
    "not-census": "جمعیت بر اساس سرشماری نیست",
    "illegible": "مدرک ناخواناست",
    "disagrees": "مدرک با مندرجات اظهارنامه مغایرت دارد",
    "few-points": "امتیاز لازم برای درجهٔ درخواستی کسب نشده است",
}
"""Refusal codes as the letter words them, in the letter's language; of any other the typed reason stands alone."""
SEALS = {
    "none": "برای این سامانه مهر الکترونیکی تنظیم نشده است؛ این نامه مهر ندارد.",
    "demo": "گواهی مهر این نسخه نمایشی است.",
}
FACTORS = {"passkey": "با گذرکلید"}


def page(letter: DecisionLetter) -> dict[str, Any]:
    """What stands on the letter itself.

    Raises:
        ValueError: an outcome without its grade.
    """
    issue, subject = letter.issue, _subject(letter)
    return {
        "title": subject,
        "author": "وزارت کشور",
        "draft": None if issue else DRAFT,
        "triad": [
            ["شماره", persian.persian_digits(issue.number) if issue else AFTER],
            ["تاریخ", persian.persian_digits(persian.jalali_text(persian.tehran_date(issue.at))) if issue else AFTER],
        ],
        "to": _to(letter.province),
        "subject": f"موضوع: {subject}",
        "salutation": "با سلام و احترام؛",
        "opening": _opening(letter),
        "basis": BASIS,
        "ruling": _ruling(letter),
        "after": _after(letter),
        "closing": _closing(letter),
        "minister": letter.minister_name or None,
        "minister_title": letter.minister_title,
        "signature": _signature(issue, letter.seal),
        "copies": _copies(letter),
        "verify": _verify(letter),
        "seal": SEALS.get(letter.seal) if issue else "پیش‌نویس؛ اعتبار اداری ندارد.",
    }


def day(value: date) -> str:
    return persian.format_date(value, "fa")


def in_words(grade: int) -> str:
    """A grade in digits and in words, as the law's letters print it."""
    return f"{persian.persian_digits(str(grade))} ({persian.number_in_words(grade)})"


def grouped_code(code: str) -> str:
    """The twenty digits in five groups, to be read out."""
    return persian.persian_digits(letter_codes.grouped(code))


def _to(province: str) -> str:
    """The addressee; of the province that is called after the centre, «استان» says which it is."""
    return f"استاندار محترم {'استان ' if province == 'مرکزی' else ''}{province}"


def _subject(letter: DecisionLetter) -> str:
    if letter.outcome == Outcome.REFUSED:
        return f"پاسخ درخواست {_request(letter)} درجهٔ شهرداری {letter.municipality}"
    return f"ابلاغ درجهٔ شهرداری {letter.municipality}"


def _request(letter: DecisionLetter) -> str:
    return "تغییر" if letter.previous_grade else "تعیین"


def _opening(letter: DecisionLetter) -> str:
    asked = f"درخواست {_request(letter)}" if letter.outcome == Outcome.REFUSED else "تعیین"
    county = f"، شهرستان {letter.county}" if letter.county != letter.municipality else ""
    return (
        f"بازگشت به نامهٔ شمارهٔ {persian.persian_digits(letter.governorate_letter_number)} مورخ "
        f"{day(letter.governorate_letter_date)} آن استانداری در خصوص {asked} درجهٔ شهرداری "
        f"{letter.municipality}{county}، به استحضار می‌رساند موضوع در "
        f"{persian.persian_digits(letter.sitting_title)} کارگروه ساماندهی درجه‌بندی شهرداری‌ها، "
        f"مورخ {day(letter.sitting_date)}، مطرح و به شرح زیر تصویب شد:"
    )


def _ruling(letter: DecisionLetter) -> str:
    town, held = f"شهرداری {letter.municipality}", letter.previous_grade
    before = f" از درجهٔ {in_words(held)}" if held else ""
    match letter.outcome, letter.grade:
        case Outcome.RAISED, int(grade) if held is None:
            return f"درجهٔ {town}، {in_words(grade)} تعیین می‌شود."
        case Outcome.RAISED, int(grade):
            return f"درجهٔ {town}{before} به درجهٔ {in_words(grade)} ارتقا می‌یابد."
        case Outcome.LOWERED, int(grade):
            return f"درجهٔ {town}{before} به درجهٔ {in_words(grade)} کاهش می‌یابد."
        case Outcome.UNCHANGED, int(grade):
            return f"{town} در درجهٔ {in_words(grade)} ابقا می‌شود."
        case Outcome.REFUSED, _:
            asked = f" به درجهٔ {in_words(letter.requested_grade)}" if held and letter.requested_grade else ""
            stays = f" و درجهٔ آن همچنان {in_words(held)} است" if held else ""
            return f"با درخواست {_request(letter)} درجهٔ {town}{asked} موافقت نشد{stays}."
        case outcome:
            raise ValueError(outcome)


def _after(letter: DecisionLetter) -> list[str]:
    """What follows the ruling, a paragraph each."""
    if letter.outcome != Outcome.REFUSED:
        from_day = f"این درجه از {day(letter.effective_on)} قابل اجراست؛ " if letter.effective_on else ""
        return [f"{from_day}{ANNEX}"]
    again = "پس از پایان دورهٔ انتظار" if letter.waiting_years else "بدون دورهٔ انتظار جدید"
    return [
        f"دلیل: {refusal(letter)}؛ {ANNEX}",
        f"شهرداری می‌تواند {again}، درخواست جدید ارسال کند.",
    ]


def refusal(letter: DecisionLetter) -> str:
    """Why it is refused: what was typed, with the code's own words in brackets where they add something."""
    typed = letter.reason.rstrip(" .؛،")
    code = REFUSALS.get(letter.refusal_code or "", "")
    if not typed or not code:
        return typed or code
    return typed if code in typed else f"{typed} ({code})"


def _closing(letter: DecisionLetter) -> str:
    act = "اعلام شود" if letter.outcome == Outcome.REFUSED else "ابلاغ و بر حسن اجرای آن نظارت شود"
    return f"خواهشمند است دستور فرمایید مراتب به شهرداری مذکور {act}."


def _signature(issue: Issue | None, seal: str) -> list[str]:
    if issue is None:
        return ["جای امضای الکترونیکی", "زمان امضا و مهر پس از امضا افزوده می‌شود."]
    whole = "؛ مهر بر کل فایل" if seal != "none" else ""
    signed = FACTORS.get(issue.factor, "با رمز یک‌بارمصرف")
    return ["امضای الکترونیکی شد", persian.format_instant(issue.at, "fa"), f"{signed}{whole}"]


def _copies(letter: DecisionLetter) -> list[str]:
    purpose = "جهت اطلاع" if letter.outcome == Outcome.REFUSED else "جهت اطلاع و اجرا"
    return [
        "ریاست محترم سازمان شهرداری‌ها و دهیاری‌های کشور، جهت استحضار.",
        f"دفتر امور شهری و شوراهای استانداری {letter.province}، جهت اقدام لازم.",
        f"شهرداری {letter.municipality}، {purpose}.",
        "بایگانی.",
    ]


def _verify(letter: DecisionLetter) -> list[str]:
    """The title, the code, how to use it, and where."""
    if letter.issue is None:
        return ["استعلام اصالت", "کد استعلام، پس از امضا چاپ می‌شود.", "", ""]
    return [
        "استعلام اصالت این نامه با کد",
        grouped_code(letter.issue.code),
        "رمزینه را با دوربین بخوانید، یا این نشانی را خودتان بنویسید و کد را وارد کنید؛ سپس شماره، تاریخ، شهرداری و "
        "درجه را با این برگ مقایسه کنید.",
        letter.verify_address,
    ]
