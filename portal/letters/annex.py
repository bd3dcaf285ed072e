"""What stands on «پیوست ۱»: the score with its arithmetic, the table that it was made by, and the documents."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.domain import persian
from portal.domain.declarations import GRADES, Division, DocumentKind
from portal.domain.lifecycle import Outcome
from portal.letters import wording
from portal.letters.facts import Criterion, DecisionLetter, Paper

SAMPLE = "جدول امتیاز نمونه است و رسمی نیست."
CRITERIA = {"population": "جمعیت", "revenue": "میانگین تفریغ بودجه", "division": "وضعیت تقسیمات کشوری"}
UNITS = {"population": "نفر", "revenue": "ریال"}
SEATS: Mapping[str, str] = {
    Division.NONE: "مرکز بخش، شهرستان یا استان نیست",
    Division.BAKHSHDARI: "مرکز بخش (بخشداری)",
    Division.FARMANDARI: "مرکز شهرستان (فرمانداری)",
    Division.OSTANDARI: "مرکز استان (استانداری)",
}
PAPERS: Mapping[str, str] = {
    DocumentKind.LAST_GRADE: "آخرین درجهٔ شهرداری",
    DocumentKind.SETTLEMENT: "تفریغ بودجهٔ سال",
    DocumentKind.CENSUS: "جمعیت طبق سرشماری",
    DocumentKind.JUSTIFICATION: "گزارش توجیهی",
    DocumentKind.OTHER: "مدرک دیگر",
}
MILLIARD = 10**9


def page(letter: DecisionLetter) -> dict[str, Any]:
    """What stands on the annex."""
    score, issue = letter.score, letter.issue
    return {
        "title": "پیوست ۱: کارت امتیاز و مدارک",
        "about": f"شهرداری {letter.municipality}، استان {letter.province} · پروندهٔ "
        f"{persian.persian_digits(letter.case_number)}",
        "of": [
            f"نامهٔ شمارهٔ {persian.persian_digits(issue.number)}" if issue else f"شمارهٔ نامه {wording.AFTER}",
            f"مورخ {persian.persian_digits(persian.jalali_text(persian.tehran_date(issue.at)))}" if issue else "",
        ],
        "sample": None if score.ruleset_official else SAMPLE,
        "grades": _grades(letter),
        "reason": _reason(letter),
        "criteria": [_step(each, letter) for each in score.criteria],
        "sum": [_sum(letter), _decimal(score.total)],
        "table": _table(letter),
        "papers": [[*_paper(n, each), each.sha256] for n, each in enumerate(letter.papers, 1)],
        "confirmed": f"اصالت هر {_count(len(letter.papers))} مدرک را استانداری {letter.province} در "
        f"{wording.day(letter.confirmed_on)} تأیید کرده است.",
        "statement": issue.statement if issue else None,
        "code": wording.grouped_code(issue.code) if issue else None,
    }


def stair(letter: DecisionLetter) -> list[dict[str, Any]]:
    """The twelve steps as they are drawn: their digit, and what each of them is."""
    held, asked, decided = letter.previous_grade or 0, letter.requested_grade or 0, letter.grade
    return [
        {
            "digit": persian.persian_digits(str(n)),
            "held": n <= held,
            "asked": n == asked,
            "computed": n == letter.score.computed,
            "decided": n == decided,
            "new": bool(decided) and held < n <= (decided or 0),
        }
        for n in GRADES
    ]


def _grades(letter: DecisionLetter) -> list[list[str]]:
    """Held, requested, computed and decided: kind, name and figure."""
    decided = "مخالفت" if letter.outcome == Outcome.REFUSED else _grade(letter.grade)
    return [
        ["held", "کنونی", _grade(letter.previous_grade)],
        ["asked", "درخواستی", _grade(letter.requested_grade)],
        ["computed", "محاسبه‌شده", _grade(letter.score.computed)],
        ["decided", "تصمیم", decided],
    ]


def _grade(grade: int | None) -> str:
    return persian.persian_digits(str(grade)) if grade else "—"


def _reason(letter: DecisionLetter) -> list[str] | None:
    """The working group's reason, and what it is a reason for; a refusal's stands in the letter."""
    if not letter.reason or letter.outcome == Outcome.REFUSED:
        return None
    differs = letter.grade != letter.score.computed
    return ["دلیل تفاوت تصمیم با محاسبه:" if differs else "توضیح کارگروه:", letter.reason]


def _step(step: Criterion, letter: DecisionLetter) -> list[str]:
    """Name, value, band, and the product as one run."""
    product = f"{_decimal(step.points)} × {_decimal(step.weight)} = {_decimal(step.product)}"
    return [CRITERIA.get(step.name, step.name), _value(step, letter), _band(step), product]


def _value(step: Criterion, letter: DecisionLetter) -> str:
    said = _amount(step.name, step.value)
    if step.name == "population" and letter.census_year:
        return f"{said} (سرشماری {persian.persian_digits(str(letter.census_year))})"
    return f"{said} (میانگین سه سال)" if step.name == "revenue" else said


def _band(step: Criterion) -> str:
    return SEATS[step.band] if step.band in SEATS else f"از {_amount(step.name, step.band)}"


def _amount(name: str, value: str) -> str:
    whole = value.partition(".")[0]
    if not whole.isdigit():
        return SEATS.get(value, value)
    number = int(whole)
    if number and number % MILLIARD == 0:
        return f"{persian.grouped(number // MILLIARD)} میلیارد {UNITS.get(name, '')}".strip()
    return f"{persian.grouped(number)} {UNITS.get(name, '')}".strip()


def _decimal(text: str) -> str:
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return persian.persian_digits(plain).replace(".", "٫")


def _sum(letter: DecisionLetter) -> str:
    score = letter.score
    said = f"جمع امتیازها: درجهٔ محاسبه‌شده {wording.in_words(score.computed)}"
    if score.next_grade is None or score.lacking is None:
        return said
    return f"{said}؛ تا درجهٔ {persian.persian_digits(str(score.next_grade))}، {_decimal(score.lacking)} امتیاز"


def _table(letter: DecisionLetter) -> list[list[str]]:
    """The table's title and the waiting period, as names and values; its digest stands apart."""
    score = letter.score
    return [
        ["جدول", f"{score.ruleset_title}، اجرا از {wording.day(score.ruleset_from)}"],
        ["چکیدهٔ جدول", score.ruleset_digest],
        ["دورهٔ انتظار", _waiting(letter)],
    ]


def _waiting(letter: DecisionLetter) -> str:
    if not letter.waiting_years:
        return "این پاسخ دورهٔ انتظار را آغاز نمی‌کند."
    said = f"{_count(letter.waiting_years)} سال از ابلاغ"
    first: date | None = letter.issue.next_request if letter.issue else None
    return f"{said}؛ نخستین روز درخواست بعدی {wording.day(first)}" if first else said


def _paper(n: int, paper: Paper) -> list[str]:
    """Its name with its pages, and what it proves."""
    year = f" {persian.persian_digits(str(paper.year))}" if paper.year else ""
    pages = f" ({persian.persian_digits(str(paper.pages))} صفحه)" if paper.pages else ""
    return [f"{persian.persian_digits(str(n))}. {PAPERS.get(paper.kind, paper.kind)}{year}{pages}", _proves(paper)]


def _proves(paper: Paper) -> str:
    said = paper.proves
    match paper.kind:
        case DocumentKind.LAST_GRADE if said["current_grade"]:
            told = said["current_grade_notified_on"]
            return f"درجهٔ {_grade(said['current_grade'])}" + (
                f"، ابلاغ {wording.day(date.fromisoformat(told))}" if told else ""
            )
        case DocumentKind.CENSUS if said["population"] is not None:
            year = persian.persian_digits(str(said["census_year"] or "—"))
            return f"{persian.grouped(said['population'])} نفر، سرشماری {year}"
        case DocumentKind.JUSTIFICATION:
            return f"درخواست درجهٔ {_grade(said['requested_grade'])}"
        case DocumentKind.SETTLEMENT if said["settled_amount"] is not None:
            return f"{persian.grouped(int(said['settled_amount']))} ریال"
    return ""


def _count(n: int) -> str:
    return persian.number_in_words(n)
