"""The decision letter (DOMAIN §3): what a real one names, set by Typst as PDF/A-2a.

Equal letters give equal bytes: nothing in them depends on the machine or the moment.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typst

from portal.domain import persian

HERE = Path(__file__).parent
SAMPLE = "جدول امتیاز نمونه است و رسمی نیست."


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """The facts of a letter. `outcome` is raised, unchanged, lowered or refused; `total` the points as text."""

    number: str
    case_number: str
    province: str
    municipality: str
    county: str
    outcome: str
    grade: int | None
    previous_grade: int | None
    governorate_letter_number: str
    governorate_letter_date: date
    sitting_title: str
    sitting_date: date
    effective_on: date | None
    notified_on: date
    minister_name: str
    reason: str
    refusal_code_text: str | None
    ruleset_title: str
    ruleset_official: bool
    total: str
    verify_url: str | None


def typeset(letter: DecisionLetter) -> bytes:
    """The letter as a PDF of one page. Blocking: call it in a worker thread."""
    data = json.dumps(_words(letter), ensure_ascii=False, sort_keys=True)
    pdf = typst.compile(
        str(HERE / "decision.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"letter": data},
        format="pdf",
        pdf_standards=["a-2a"],
        timestamp=0,
    )
    assert isinstance(pdf, bytes)
    return pdf


def _day(value: date) -> str:
    return persian.format_date(value, "fa")


def _grade(grade: int) -> str:
    """A grade in digits and in words, as the law's letters print it."""
    return f"{persian.persian_digits(str(grade))} ({persian.number_in_words(grade)})"


def _number(text: str) -> str:
    """A number with dashes or strokes, isolated: its parts keep their order inside a right-to-left line (UAX #9)."""
    return f"\u2066{persian.persian_digits(text)}\u2069"


def _words(letter: DecisionLetter) -> dict[str, Any]:
    digits = persian.persian_digits
    held, grade = letter.previous_grade or 0, letter.grade or letter.previous_grade or 0
    return {
        "title": f"ابلاغ درجهٔ شهرداری {letter.municipality}",
        "author": "وزارت کشور",
        "date": [letter.notified_on.year, letter.notified_on.month, letter.notified_on.day],
        "number": _number(letter.number),
        "case_number": _number(letter.case_number),
        "notified_on": digits(persian.jalali_text(letter.notified_on)),
        "emblem": digits(str(grade)) if grade else "–",
        "to": f"استاندار محترم {letter.province}",
        "subject": f"درجهٔ شهرداری {letter.municipality} (شهرستان {letter.county})",
        "opening": _opening(letter),
        "ruling": _ruling(letter),
        "effective": f"تاریخ اجرا: {_day(letter.effective_on)}" if letter.effective_on else None,
        "stair": [min(held, grade), max(held, grade), grade >= held],
        "reason": _reason(letter),
        "basis": _basis(letter),
        "sample": None if letter.ruleset_official else SAMPLE,
        "closing": "خواهشمند است مراتب به شهرداری یادشده ابلاغ و بر اجرای آن نظارت شود.",
        "minister": letter.minister_name,
        "foot": _foot(letter),
    }


def _opening(letter: DecisionLetter) -> str:
    return (
        f"با توجه به نامهٔ شمارهٔ {_number(letter.governorate_letter_number)} مورخ "
        f"{_day(letter.governorate_letter_date)} آن استانداری دربارهٔ درجه‌بندی شهرداری {letter.municipality}، "
        f"موضوع در {letter.sitting_title} مورخ {_day(letter.sitting_date)} کارگروه ساماندهی درجه‌بندی شهرداری‌ها "
        "بررسی و چنین تصویب شد:"
    )


def _ruling(letter: DecisionLetter) -> str:
    town = f"شهرداری {letter.municipality}"
    before = f" از درجهٔ {_grade(letter.previous_grade)}" if letter.previous_grade else ""
    match letter.outcome:
        case "raised" if letter.grade is not None:
            return f"درجهٔ {town}{before} به درجهٔ {_grade(letter.grade)} ارتقا یافت."
        case "lowered" if letter.grade is not None:
            return f"درجهٔ {town}{before} به درجهٔ {_grade(letter.grade)} کاهش یافت."
        case "unchanged" if letter.grade is not None:
            return f"درجهٔ {town} بدون تغییر، درجهٔ {_grade(letter.grade)} ماند."
        case _:
            return f"با درخواست تغییر درجهٔ {town} موافقت نشد."


def _reason(letter: DecisionLetter) -> str | None:
    parts = [each for each in (letter.refusal_code_text, letter.reason) if each]
    return f"دلیل: {'؛ '.join(parts)}" if parts else None


def _basis(letter: DecisionLetter) -> str:
    total = persian.persian_digits(letter.total).replace(".", "٫")
    return (
        "مستند: تبصرهٔ ۳ مادهٔ ۱ آیین‌نامهٔ حقوق شهرداران مصوب ۱۳۷۰/۴/۱، «شیوه‌نامه و عوامل ناظر بر درجه‌بندی "
        f"شهرداری‌ها» و {letter.ruleset_title}. مجموع امتیاز: {total}."
    )


def _foot(letter: DecisionLetter) -> str:
    where = f" اصالت آن را در {letter.verify_url} بیازمایید." if letter.verify_url else ""
    return f"این نامه در درگاه «درجه» امضا و ابلاغ شده و رونوشت آن نزد شهرداری و بایگانی است.{where}"
