"""The decision letter: what a real one names, set by Typst as PDF/A-2a.

Equal letters give equal bytes: nothing in them depends on the machine or the moment. Its words stand here and not in
the catalogues: a letter is Persian whatever language the Minister reads, and stays as it was signed.
"""

import json
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import typst

from portal.domain import bidi, persian
from portal.letters.text_shaping import drawable

HERE = Path(__file__).parent
SAMPLE = "جدول امتیاز نمونه است و رسمی نیست."
BASIS = (
    "مستند قانونی: تبصرهٔ ۳ مادهٔ ۱ آیین‌نامهٔ پرداخت حقوق شهرداران مصوب ۱۳۷۰/۴/۱؛ «شیوه‌نامه و عوامل ناظر بر "
    "درجه‌بندی شهرداری‌ها»؛ دستورالعمل ۲۷۶۲ مورخ ۱۳۹۴/۱/۲۹."
)


FOOT = "این نامه در سامانهٔ درجه‌بندی شهرداری‌ها (درجه) امضا و ابلاغ شده و نسخهٔ آن نزد شهرداری و بایگانی است."
DRAFT = "پیش‌نویس – امضانشده"
DRAFT_FOOT = "این متن پیش‌نویس است، امضا و ابلاغ نشده است و اعتبار ندارد. تاریخ آن تاریخ مشاهده است."


@dataclass(frozen=True, slots=True)
class Criterion:
    """A step of the arithmetic, as the score's explanation tells it: texts with a decimal point."""

    name: str
    value: str
    points: str
    weight: str
    product: str


MINISTER = "وزیر کشور"
"""Under whose name the letter goes out; an acting minister or their deputy signs with a title of their own."""


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """The facts of a letter.

    `outcome` is raised, unchanged, lowered or refused; `total` the points as text; `checkpoint` is the journal's
    signed note that the letter was made under.
    """

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
    checkpoint: str | None = None
    criteria: tuple[Criterion, ...] = ()
    minister_title: str = MINISTER
    is_draft: bool = False  # shown to whoever is to sign it, and good for nothing else


def typeset(letter: DecisionLetter) -> bytes:
    """The letter as a PDF, of one page unless its reason is very long. Blocking: call it in a worker thread.

    Raises:
        ValueError: an outcome without its grade.
    """
    data = json.dumps(words(letter), ensure_ascii=False, sort_keys=True)
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


def words(letter: DecisionLetter) -> dict[str, Any]:
    """What the letter says, as Typst gets it.

    Raises:
        ValueError: an outcome without its grade.
    """
    said: dict[str, Any] = _isolated(_words(_clean(letter)))
    return said


def _clean(letter: DecisionLetter) -> DecisionLetter:
    """The letter with every text in characters that can be drawn."""
    values: dict[str, Any] = {each.name: getattr(letter, each.name) for each in fields(letter)}
    texts: dict[str, Any] = {
        name: drawable(each) for name, each in values.items() if isinstance(each, str) and name != "checkpoint"
    }
    return replace(letter, **texts)


def _isolated(said: Any) -> Any:
    """Every sentence in `said`, with its numbers and Latin runs isolated; names of colours and the checkpoint stay."""
    match said:
        case str():
            return bidi.isolated_runs(said, "fa")
        case list():
            return [_isolated(each) for each in said]
        case dict():
            return {name: each if name in ("checkpoint", "stair") else _isolated(each) for name, each in said.items()}
    return said


def _words(letter: DecisionLetter) -> dict[str, Any]:
    held, grade = letter.previous_grade or 0, letter.grade or letter.previous_grade or 0
    day = letter.notified_on
    return {
        "title": f"ابلاغ درجهٔ شهرداری {letter.municipality}",
        "author": "وزارت کشور",
        "date": [day.year, day.month, day.day],
        "draft": DRAFT if letter.is_draft else None,
        "heading": [
            ["شماره", "—" if letter.is_draft else persian.persian_digits(letter.number)],
            ["تاریخ", persian.persian_digits(persian.jalali_text(day))],
            ["پرونده", persian.persian_digits(letter.case_number)],
        ],
        "emblem": persian.persian_digits(str(grade)) if grade else "–",
        "to": f"استاندار محترم {letter.province}",
        "subject": f"موضوع: درجهٔ شهرداری {letter.municipality}، شهرستان {letter.county}",
        "opening": _opening(letter),
        "ruling": _ruling(letter),
        "effective": f"تاریخ اجرا: {_day(letter.effective_on)}" if letter.effective_on else None,
        "stair": {
            "low": min(held, grade),
            "high": max(held, grade),
            "is_gain": grade >= held,
            "steps": [persian.persian_digits(str(step)) for step in range(1, 13)],
            "legend": _legend(held, grade),
        },
        "reason": _reason(letter),
        "basis": BASIS,
        "points": _points(letter),
        "arithmetic": [_step(each) for each in letter.criteria],
        "sample": None if letter.ruleset_official else SAMPLE,
        "closing": _closing(letter),
        "minister": letter.minister_name,
        "minister_title": letter.minister_title,
        "foot": DRAFT_FOOT if letter.is_draft else FOOT,
        "checkpoint": _checkpoint(letter.checkpoint),
        "verify": f"استعلام اصالت در نشانی: {letter.verify_url}" if letter.verify_url else None,
    }


def _day(value: date) -> str:
    return persian.format_date(value, "fa")


def _grade(grade: int) -> str:
    """A grade in digits and in words, as the law's letters print it."""
    return f"{persian.persian_digits(str(grade))} ({persian.number_in_words(grade)})"


def _opening(letter: DecisionLetter) -> str:
    return (
        f"با توجه به نامهٔ شمارهٔ {persian.persian_digits(letter.governorate_letter_number)} مورخ "
        f"{_day(letter.governorate_letter_date)} آن استانداری دربارهٔ درجه‌بندی شهرداری {letter.municipality}، "
        f"موضوع در {persian.persian_digits(letter.sitting_title)} کارگروه ساماندهی درجه‌بندی شهرداری‌ها، "
        f"مورخ {_day(letter.sitting_date)}، بررسی و چنین تصویب شد:"
    )


def _ruling(letter: DecisionLetter) -> str:
    town, held = f"شهرداری {letter.municipality}", letter.previous_grade
    before = f" از درجهٔ {_grade(held)}" if held else ""
    match letter.outcome, letter.grade:
        case "raised", int(grade) if held is None:
            return f"درجهٔ {town}، درجهٔ {_grade(grade)} تعیین شد."
        case "raised", int(grade):
            return f"درجهٔ {town}{before} به درجهٔ {_grade(grade)} ارتقا یافت."
        case "lowered", int(grade):
            return f"درجهٔ {town}{before} به درجهٔ {_grade(grade)} کاهش یافت."
        case "unchanged", int(grade):
            return f"درجهٔ {town} تغییر نکرد و درجهٔ {_grade(grade)} ماند."
        case "refused", _:
            stays = f" و درجهٔ {_grade(held)} آن بر جای ماند" if held else ""
            return f"با درخواست تغییر درجهٔ {town} موافقت نشد{stays}."
        case outcome:
            raise ValueError(outcome)


def _checkpoint(note: str | None) -> list[str] | None:
    """A signed checkpoint on two lines: origin, size and root; and the signature."""
    if note is None:
        return None
    said, _, signed = note.rstrip("\n").partition("\n\n")
    return [" ".join(said.split("\n")), signed]


def _legend(held: int, grade: int) -> list[list[str]]:
    """What the colours of the stair say, as [colour's name, words]."""
    if held == grade or not held:
        return [["new" if not held and grade else "held", "درجهٔ شهرداری"]] if grade else []
    change = ["new", "درجه‌های افزوده"] if grade > held else ["lost", "درجه‌های کاسته"]
    return [["held", "درجهٔ پیشین" if grade > held else "درجهٔ تازه"], change]


def _reason(letter: DecisionLetter) -> str | None:
    parts = [each.rstrip(" .؛،") for each in (letter.refusal_code_text, letter.reason) if each]
    return f"دلیل: {'؛ '.join(parts)}." if parts else None


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
CRITERIA = {"population": "جمعیت", "revenue": "میانگین تفریغ بودجه", "division": "وضعیت تقسیمات کشوری"}
UNITS = {"population": "نفر", "revenue": "ریال"}
SEATS = {
    "none": "مرکز بخش، شهرستان یا استان نیست",
    "bakhshdari": "مرکز بخش",
    "farmandari": "مرکز شهرستان",
    "ostandari": "مرکز استان",
}


def _step(step: Criterion) -> list[str]:
    """Name, value, and the product in words: one row of the arithmetic."""
    name, unit = CRITERIA.get(step.name, step.name), UNITS.get(step.name, "")
    return [
        name,
        f"{_value(step)} {unit}".strip(),
        f"{_decimal(step.points)} × {_decimal(step.weight)}",
        _decimal(step.product),
    ]


def _value(step: Criterion) -> str:
    whole = step.value.partition(".")[0]
    return persian.grouped(int(whole)) if whole.isdigit() else SEATS.get(step.value, step.value)


def _decimal(text: str) -> str:
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return persian.persian_digits(plain).replace(".", "٫")


def _points(letter: DecisionLetter) -> str:
    return f"مجموع امتیاز: {_decimal(letter.total)}، بر پایهٔ {letter.ruleset_title}."


def _closing(letter: DecisionLetter) -> str:
    act = "اعلام شود" if letter.outcome == "refused" else "ابلاغ و بر اجرای آن نظارت شود"
    return f"خواهشمند است مراتب به شهرداری یادشده {act}."
