"""The decision letter: what it names, a page and its annex, equal bytes, and nothing typed in it runs."""

import hashlib
import pickle
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import persian
from portal.letters import annex, wording
from portal.letters.annex import SAMPLE
from portal.letters.decision import typeset, words
from portal.letters.facts import DecisionLetter
from portal.letters.text_shaping import drawable
from portal.letters.wording import REFUSALS
from tests.world import direction
from tests.world.files import PROJECT
from tests.world.letters import ACTING, DRAFT, ISSUE, LETTERS, RAISED, REFUSED, SCORE, leaves

FONTS = PROJECT / "portal/letters/fonts"


def _words(pdf: bytes) -> tuple[int, str]:
    """Pages, and every word of them; PDFium guesses the order of marks and runs in a right-to-left line."""
    with closing(pdfium.PdfDocument(pdf)) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
        return len(document), " ".join(drawable(text).split())


def test_it_names_what_an_office_letter_names() -> None:
    pages, text = _words(typeset(RAISED))
    assert pages == 2
    for named in (
        ["جمهوری", "وزارت", "بسمه", "شماره", "پیوست", "استاندار", "همدان", "ملایر", "رونوشت", "بایگانی"],
        ["استناد", "۱۳۷۰/۴/۱", "شیوه‌نامه", "ناظر", "مهدی", "محمدی", "الکترونیکی", "رمزینه", "نمایشی"],
        ["۵۰/۴۲/۳۶۱۱", "آبان", "۱۴۰۵/۰۹/۰۳", "۱۴۰۵/۲۱۴", "۱۴۰۵-۰۰۰۰۹", "۰۹:۴۲"],
        ["۸", "هشت", "۹", "نه", "یابد", "۶۹٫۸", "رسمی", "daraje", "۱۷۰٬۲۳۷", ISSUE.statement, SCORE.ruleset_digest],
    ):
        assert [each for each in named if each not in text] == []


@pytest.mark.parametrize("letter", [RAISED, REFUSED, DRAFT])
def test_its_numbers_and_latin_runs_are_isolated(letter: DecisionLetter) -> None:
    typed = replace(letter, reason="پیوست ۱-۲ در Excel (xlsx) آمد", score=replace(SCORE, ruleset_title="Table 1405/1"))
    said = {name: each for name, each in words(typed).items() if name not in ("qr", "stair")}
    assert [each for each in leaves(said) if direction.is_mixed(each)] == []
    assert "\u2068۵۰/۴۲/۳۶۱۱\u2069" in said["opening"]


def test_the_sum_of_the_annex_stands_as_one_run() -> None:
    said = annex.page(RAISED)
    assert said["criteria"][0][1:] == ["۱۷۰٬۲۳۷ نفر (سرشماری ۱۳۹۵)", "از ۱۵۰٬۰۰۰ نفر", "۷۶ × ۰٫۴ = ۳۰٫۴"]
    assert said["criteria"][1][1:3] == ["۱۱٬۸۶۰ میلیارد ریال (میانگین سه سال)", "از ۵٬۰۰۰ میلیارد ریال"]
    assert said["sum"] == ["جمع امتیازها: درجهٔ محاسبه‌شده ۹ (نه)؛ تا درجهٔ ۱۰، ۲٫۲ امتیاز", "۶۹٫۸"]
    assert said["papers"][0][:2] == ["۱. آخرین درجهٔ شهرداری (۲ صفحه)", "درجهٔ ۸، ابلاغ ۱۱ بهمن ۱۳۹۹"]
    assert said["confirmed"] == "اصالت هر شش مدرک را استانداری همدان در ۲ آبان ۱۴۰۵ تأیید کرده است."


RULINGS = {
    "raised": "درجهٔ شهرداری ملایر از درجهٔ ۸ (هشت) به درجهٔ ۹ (نه) ارتقا می‌یابد.",
    "first": "درجهٔ شهرداری ملایر، ۱ (یک) تعیین می‌شود.",
    "lowered": "درجهٔ شهرداری ملایر از درجهٔ ۸ (هشت) به درجهٔ ۷ (هفت) کاهش می‌یابد.",
    "unchanged": "شهرداری ملایر در درجهٔ ۸ (هشت) ابقا می‌شود.",
    "refused": "با درخواست تغییر درجهٔ شهرداری ملایر به درجهٔ ۵ (پنج) موافقت نشد و درجهٔ آن همچنان ۳ (سه) است.",
}


@pytest.mark.parametrize("name", RULINGS)
def test_each_outcome_has_its_ruling(name: str) -> None:
    assert wording.page(LETTERS[name])["ruling"] == RULINGS[name]


def test_a_refusal_answers_a_request_and_gives_its_reason_once() -> None:
    said = wording.page(REFUSED)
    assert said["subject"] == "موضوع: پاسخ درخواست تغییر درجهٔ شهرداری ملایر"
    assert said["after"][0].startswith(f"دلیل: {REFUSALS['few-points']}؛")
    typed = wording.page(replace(REFUSED, reason="امتیاز ۴۱ است."))
    assert typed["after"][0].startswith(f"دلیل: امتیاز ۴۱ است ({REFUSALS['few-points']})؛")
    first = wording.page(replace(REFUSED, previous_grade=None))
    assert first["ruling"] == "با درخواست تعیین درجهٔ شهرداری ملایر موافقت نشد."
    assert "اعلام شود" in said["closing"]


def test_the_province_called_after_the_centre_is_named_as_one() -> None:
    assert wording.page(replace(RAISED, province="مرکزی"))["to"] == "استاندار محترم استان مرکزی"
    assert wording.page(RAISED)["to"] == "استاندار محترم همدان"


@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_is_a_page_and_its_annex(name: str) -> None:
    pages, text = _words(typeset(LETTERS[name]))
    assert pages == 2
    assert persian.persian_digits(ISSUE.code[:4]) in text


def test_a_draft_has_no_number_code_or_day_and_says_what_it_is() -> None:
    pages, text = _words(typeset(DRAFT))
    assert pages == 2
    assert "پیش‌نویس" in text
    assert [each for each in ("۱۴۰۵/۲۱۴", "۴۸۲۱", "۱۴۰۵/۰۹/۰۳") if each in text] == []
    unknown = typeset(replace(DRAFT, minister_name=""))
    assert "امضاکننده" in _words(unknown)[1]


def test_without_a_seal_the_letter_says_so_and_speaks_of_none() -> None:
    said = wording.page(replace(RAISED, seal="none"))
    assert "مهر ندارد" in said["seal"]
    assert said["signature"][-1] == "با رمز یک‌بارمصرف"
    said = wording.page(replace(RAISED, issue=replace(ISSUE, factor="passkey")))
    assert said["signature"][-1] == "با گذرکلید؛ مهر بر کل فایل"


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


def test_its_address_stands_uncompressed_in_the_metadata() -> None:
    assert f"<dc:identifier>https://daraje.example/verify/{ISSUE.code}</dc:identifier>".encode() in typeset(RAISED)
    assert b"dc:identifier" not in typeset(DRAFT)


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
    assert pages > 2
    assert "پایان" in text


def test_the_fonts_are_the_ones_their_readme_names() -> None:
    readme = (FONTS / "README.md").read_text()
    for font in FONTS.glob("*.ttf"):
        assert f"| {font.name} | {hashlib.sha256(font.read_bytes()).hexdigest()} |" in readme


def test_a_deputy_signs_with_his_own_title() -> None:
    _, text = _words(typeset(ACTING))
    assert "سرپرست" in text
    assert "سرپرست" not in _words(typeset(RAISED))[1]
