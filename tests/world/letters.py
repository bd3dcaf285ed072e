"""Letters to set: one of each outcome, with a score, papers and an issue."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portal.letters.facts import Criterion, DecisionLetter, Issue, Paper, Score

DIGEST = "f64551fcd6f07823cb87971cfb91446425da18286b3ab1ef935e0cbd7a69f68a"


def _paper(kind: str, year: int | None, pages: int, **proves: Any) -> Paper:
    digest = f"{sum(kind.encode()) + (year or 0):08x}{DIGEST[8:]}"
    return Paper(kind, year, pages, digest, proves)


SCORE = Score(
    criteria=(
        Criterion("population", "170237", "150000", "76", "0.40", "30.4"),
        Criterion("revenue", "11860000000000.5", "5000000000000", "66", "0.4", "26.4"),
        Criterion("division", "farmandari", "farmandari", "65", "0.2", "13"),
    ),
    total="69.80",
    computed=9,
    next_grade=10,
    lacking="2.2",
    ruleset_title="دستورالعمل ۲۷۶۲ مورخ ۱۳۹۴/۱/۲۹ (جدول نمونه)",
    ruleset_digest="0d4fc4a78d3706edccafb665a8b2fdd9309e82c78625bb0f2b8e7bb9e1c4d21c",
    ruleset_from=date(2015, 4, 18),
    ruleset_official=False,
)
ISSUE = Issue(
    number="1405/214",
    at=datetime(2026, 11, 24, 6, 12, tzinfo=UTC),
    code="48217039561299403175",
    qr="https://daraje.example/verify/48217039561299403175#" + "aB3-_xYz" * 26,
    statement="35f1322f2f4f01e6affff031792e94b01607a527c2337a6a27c8c8bccdae5183",
    factor="totp",
    next_request=date(2030, 11, 24),
)
RAISED = DecisionLetter(
    case_number="1405-00009",
    province="همدان",
    municipality="ملایر",
    county="ملایر",
    outcome="raised",
    grade=9,
    previous_grade=8,
    requested_grade=9,
    governorate_letter_number="50/42/3611",
    governorate_letter_date=date(2026, 10, 26),
    sitting_title="جلسهٔ پنجم سال ۱۴۰۵",
    sitting_date=date(2026, 11, 14),
    effective_on=date(2026, 12, 22),
    minister_name="مهدی محمدی",
    minister_title="وزیر کشور",
    reason="",
    refusal_code=None,
    waiting_years=4,
    census_year=1395,
    confirmed_on=date(2026, 10, 24),
    papers=(
        _paper("last_grade", None, 2, current_grade=8, current_grade_notified_on="2021-01-30"),
        _paper("settlement", 1402, 18, settled_amount="9412600000000"),
        _paper("settlement", 1403, 21, settled_amount="11683400000000"),
        _paper("settlement", 1404, 24, settled_amount="14484000000000"),
        _paper("census", None, 1, population=170237, census_year=1395),
        _paper("justification", None, 34, requested_grade=9),
    ),
    score=SCORE,
    verify_address="daraje.example/verify",
    seal="demo",
    issue=ISSUE,
)
DRAFT = replace(RAISED, issue=None)
FIRST = replace(RAISED, previous_grade=None, grade=1, requested_grade=1, score=replace(SCORE, computed=1))
LOWERED = replace(RAISED, outcome="lowered", grade=7, reason="جمعیت بر پایهٔ سرشماری کمتر از اظهار شهرداری است")
UNCHANGED = replace(RAISED, outcome="unchanged", grade=8, score=replace(SCORE, computed=8))
REFUSED = replace(
    RAISED,
    outcome="refused",
    grade=None,
    previous_grade=3,
    requested_grade=5,
    effective_on=None,
    refusal_code="few-points",
    waiting_years=0,
    issue=replace(ISSUE, next_request=None),
    score=replace(SCORE, computed=3, next_grade=4, ruleset_official=True),
)
ACTING = replace(RAISED, minister_title="سرپرست وزارت کشور", minister_name="احمد نمونه")
LONGEST = replace(
    RAISED,
    province="کهگیلویه و بویراحمد",
    municipality="تازه‌کند نصرت‌آباد (قارین)",
    county="بوئین و میاندشت",
    governorate_letter_number="۱۴۰۵/۵۰/۴۲/۳۶۱۱",
    minister_name="سیدمحمدصادق حسینی‌نژاد موسوی بهبهانی",
    minister_title="معاون و سرپرست موقت وزارت کشور جمهوری اسلامی ایران",
)
LETTERS = {
    "raised": RAISED,
    "first": FIRST,
    "lowered": LOWERED,
    "unchanged": UNCHANGED,
    "refused": REFUSED,
    "acting": ACTING,
    "longest": LONGEST,
}


def leaves(said: object) -> list[str]:
    """Every text in what Typst gets."""
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [text for each in inner for text in leaves(each)]
