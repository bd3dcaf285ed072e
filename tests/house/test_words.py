"""The words of an Iranian office, one for each thing: what the catalogues may not say, in either language."""

import re

import pytest

from portal import texts
from portal.domain import events
from portal.letters import wording
from tests.house import messages

BANNED = {
    "گزینش": "انتخاب (گزینش is the vetting office)",
    "برگزین": "انتخاب کنید",
    "آزمود|بیازما|می‌آزما": "بررسی، تلاش، استعلام",
    "گشود|بگشا|گشای|می‌گشا": "تشکیل پرونده، ایجاد حساب",
    "به سر (آمد|نیامد)": "پایان یافته",
    "کم‌وکاست": "موارد ناقص",
    "بی صورت|بی‌صورت": "بدون صورت‌جلسه",
    "دگرگون": "تغییر",
    "بی‌درنگ": "بلافاصله",
    "راهی شود": "مراجعهٔ حضوری",
    "تازه(?!‌تأسیس)": "جدید",
    "وارسی": "بررسی",
    "گزاره": "متن امضا",
    "اثر انگشت": "چکیده (a file's), کد شناسایی (an authenticator's)",
    "درگاه": "سامانه",
    "کلید عبور": "گذرکلید",
    "کلیدهای عبور": "گذرکلیدها",
    "نشست(?!انی)": "ورود فعال (نشست is a meeting)",
    "مهلت انتظار|سال‌های انتظار": "دورهٔ انتظار",
    "برگشت(?!ی)": "بازگشت (navigation), بازگرداندن (the act)",
    "روی میز": "در کارتابل",
    "رمزسازی": "یک رمزساز (رمزسازی is encryption)",
    "خورشیدی": "هجری شمسی",
    "انباره?\\b": "مخزن",
    "نفر دوم": "تأییدکنندهٔ دوم",
    "نوپا": "تازه‌تأسیس",
    "خوانشگر": "صفحهٔ مشاهده",
    "تقسیمات سیاسی": "تقسیمات کشوری",
    "این‌جا|هیچ کس|نگه‌داری|غیر رسمی|به تنهایی": "اینجا، هیچ‌کس، نگهداری، غیررسمی، به‌تنهایی",
}
DOCUMENT = re.compile(r"(?<![\w\u200c])(سند(ها|های|هایی|ی)?|اسناد)(?!\w)")
CALQUES = {
    r"\b(he|him|his|himself)\b": "they",
    "[«»]": "“ ”",
    r"'": "’",
    r"\b(stands?|lies|lay) (here|there|in|at|with)\b": "is, appears",
    r"\b(rests?|rested) after\b": "is suspended",
    r"\bin (your|nobody's|nobody’s) hand\b": "assigned",
    r"\b[Ss]ettled (budgets?|amount|years?)\b": "budget settlement",
    r"\b[Ss]ittings?\b": "meeting",
    r"\b[Aa]ttest": "authenticate",
    r"\b[Ff]our eyes\b": "the two-person rule",
    r"\b[Ff]ingerprints?\b(?! or face)": "digest (a file's), ID (an authenticator's)",
    r"\b(once more|anew|no more|any more)\b": "again, no longer",
}


def _said(locale: str, *without: str) -> list[str]:
    """Every sentence of the catalogues of `locale`, but those of the files `without`."""
    return [
        form
        for path, catalogue in messages.catalogue_files(locale).items()
        if path.stem not in without
        for message in catalogue
        if message.id
        for form in texts.forms(message.string)
    ]


def _persian(*without: str) -> list[str]:
    """Every Persian sentence that is shown or signed."""
    return [*_said("fa", *without), *events.MEANINGS.values(), *wording.REFUSALS.values()]


@pytest.mark.parametrize(("stem", "better"), BANNED.items(), ids=map(str, range(len(BANNED))))
def test_persian_is_that_of_an_office(stem: str, better: str) -> None:
    wrong = [each for each in _persian() if re.search(rf"(?<!\w)({stem})", each)]
    assert not wrong, f"say {better}"


@pytest.mark.parametrize(("calque", "better"), CALQUES.items(), ids=map(str, range(len(CALQUES))))
def test_english_is_plain(calque: str, better: str) -> None:
    wrong = [each for each in _said("en", "commands") if re.search(calque, each)]
    assert not wrong, f"say {better}"


def test_a_document_is_one_word() -> None:
    """«سند» is what a program like Word has open; what is uploaded is a «مدرک»."""
    wrong = [each for each in _persian("advice") if DOCUMENT.search(each)]
    assert not wrong, "say مدرک"
