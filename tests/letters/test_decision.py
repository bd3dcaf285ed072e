"""The decision letter: what it names, one page, equal bytes, and nothing typed in it runs."""

import hashlib
import pickle
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.letters.decision import SAMPLE, Criterion, DecisionLetter, typeset, words
from portal.letters.text_shaping import drawable
from tests.world import direction
from tests.world.files import PROJECT

FONTS = PROJECT / "portal/letters/fonts"
RAISED = DecisionLetter(
    number="1405-12-0007/1",
    case_number="1405-12-0007",
    province="آذربایجان غربی",
    municipality="سردشت",
    county="سردشت",
    outcome="raised",
    grade=7,
    previous_grade=5,
    governorate_letter_number="12/4521",
    governorate_letter_date=date(2026, 8, 3),
    sitting_title="نشست سوم ۱۴۰۵",
    sitting_date=date(2026, 10, 12),
    effective_on=date(2027, 3, 21),
    notified_on=date(2026, 11, 24),
    minister_name="آرش نمونه",
    reason="رشد درآمد مستمر",
    refusal_code_text=None,
    ruleset_title="جدول نمونه",
    ruleset_official=False,
    total="612.50",
    verify_url="https://daraje.example/verify",
)
REFUSED = replace(
    RAISED, outcome="refused", grade=None, effective_on=None, refusal_code_text="مدرک ناخواناست", ruleset_official=True
)


def _words(pdf: bytes) -> tuple[int, str]:
    """Pages, and every word of them; PDFium guesses the order of marks and runs in a right-to-left line."""
    with closing(pdfium.PdfDocument(pdf)) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
        return len(document), " ".join(drawable(text).split())


def test_it_names_what_a_real_decision_names() -> None:
    pages, text = _words(typeset(RAISED))
    assert pages == 1
    for named in (
        ["آذربایجان", "غربی", "سردشت", "استاندار", "وزیر", "آرش", "نمونه"],
        ["مستند", "۱۳۷۰/۴/۱", "شیوه‌نامه", "ناظر", "۲۷۶۲", "۱۳۹۴/۱/۲۹"],
        ["۱۲/۴۵۲۱", "مرداد", "مهر", "فروردین", "۱۴۰۵/۰۹/۰۳", "۱۴۰۵-۱۲-۰۰۰۷"],
        ["۵", "پنج", "۷", "هفت", "ارتقا", "۶۱۲٫۵", "رسمی", "daraje"],
    ):
        assert [each for each in named if each not in text] == []


@pytest.mark.parametrize("letter", [RAISED, REFUSED])
def test_its_numbers_and_latin_runs_are_isolated(letter: DecisionLetter) -> None:
    said = words(replace(letter, reason="پیوست ۱-۲ در Excel (xlsx) آمد", ruleset_title="Table 1405/1"))
    assert [each for each in leaves(said) if direction.is_mixed(each)] == []
    assert "\u2068۱۲/۴۵۲۱\u2069" in said["opening"]
    assert ["شماره", "\u2068۱۴۰۵-۱۲-۰۰۰۷/۱\u2069"] in said["heading"]
    assert "۶۱۲٫۵،" in said["points"], "the total as the pages say it, no zero after it"


def leaves(said: object) -> list[str]:
    """Every text in what Typst gets."""
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [text for each in inner for text in leaves(each)]


def test_it_carries_the_arithmetic_and_the_checkpoint_it_was_made_under() -> None:
    steps = (
        Criterion("population", "55703", "50", "0.40", "20.00"),
        Criterion("division", "bakhshdari", "35", "0.2", "7"),
    )
    note = "daraje.test/journal\n7\nrootroot\n\n— daraje.test/journal signature\n"
    pages, text = _words(typeset(replace(RAISED, criteria=steps, checkpoint=note)))
    assert pages == 1
    for word in ("جمعیت", "۵۵٬۷۰۳", "۵۰", "۰٫۴", "۲۰", "بخش", "۳۵", "۷", "rootroot", "signature"):
        assert word in text


@pytest.mark.parametrize(
    ("letter", "said", "unsaid"),
    [
        (RAISED, ["ارتقا", "هفت"], ["کاهش", "موافقت"]),
        (replace(RAISED, previous_grade=None, grade=1), ["تعیین", "یک"], ["ارتقا"]),
        (replace(RAISED, outcome="lowered", grade=4), ["کاهش", "چهار"], ["ارتقا"]),
        (replace(RAISED, outcome="unchanged", grade=5), ["نکرد", "پنج"], ["ارتقا"]),
        (REFUSED, ["موافقت", "نشد", "ناخواناست", "درآمد", "پنج"], ["ارتقا", "رسمی"]),
        (replace(REFUSED, previous_grade=None), ["موافقت"], ["پنج"]),
    ],
)
def test_each_outcome_has_its_sentence(letter: DecisionLetter, said: list[str], unsaid: list[str]) -> None:
    pages, text = _words(typeset(letter))
    assert pages == 1
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


@pytest.mark.parametrize("outcome", ["raised", "lowered", "unchanged", "else"])
def test_an_outcome_without_its_grade_is_refused(outcome: str) -> None:
    with pytest.raises(ValueError, match=outcome):
        typeset(replace(RAISED, outcome=outcome, grade=None))


def test_the_sample_line_is_the_agreed_one() -> None:
    assert SAMPLE.startswith("جدول امتیاز نمونه است و رسمی نیست")


def test_it_is_archival() -> None:
    pdf = typeset(RAISED)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf


def test_equal_letters_are_equal_bytes_on_any_machine() -> None:
    code = "import sys, pickle, hashlib; from portal.letters.decision import typeset; "
    code += "print(hashlib.sha256(typeset(pickle.loads(sys.stdin.buffer.read()))).hexdigest())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(replace(RAISED)),
        capture_output=True,
        check=True,
        env={"TZ": "Asia/Tokyo", "LANG": "C", "SOURCE_DATE_EPOCH": "5", "PYTHONPATH": str(FONTS.parents[2])},
    )
    assert elsewhere.stdout.decode().strip() == hashlib.sha256(typeset(RAISED)).hexdigest()
    assert typeset(replace(RAISED, grade=8)) != typeset(RAISED)


def test_what_was_typed_is_text() -> None:
    _, text = _words(typeset(replace(RAISED, reason='#panic("no") $x$ *b* @ref #sys.inputs', minister_name="#eval(1)")))
    assert "panic" in text
    assert "eval" in text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_set(text: str) -> None:
    assert typeset(replace(RAISED, reason=text, municipality=text)).startswith(b"%PDF-")


def test_characters_that_mislead_or_cannot_be_drawn_are_replaced() -> None:
    assert drawable("صورت‌جلسهٔ  شورا") == "صورت‌جلسهٔ شورا"
    assert drawable("a\u202e\u2067b\x00c\n\nd") == "abc d"
    assert drawable("😀 \ud800 كتاب ي") == "\ufffd \ufffd کتاب ی"


def test_a_very_long_reason_is_not_cut() -> None:
    pages, text = _words(typeset(replace(REFUSED, reason="دلیل بلند " * 400 + "پایان")))
    assert pages > 1
    assert "پایان" in text


def test_the_fonts_are_the_ones_their_readme_names() -> None:
    readme = (FONTS / "README.md").read_text()
    for font in FONTS.glob("*.ttf"):
        assert f"| {font.name} | {hashlib.sha256(font.read_bytes()).hexdigest()} |" in readme


def test_a_deputy_signs_with_his_own_title() -> None:
    _, text = _words(typeset(replace(RAISED, minister_title="جانشین وزیر کشور")))
    assert "جانشین" in text
    _, text = _words(typeset(RAISED))
    assert "جانشین" not in text
