"""The text of a letter, as programs read it from the file: word for word what was set."""

import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import letter_codes
from portal.letters import decision, receipt, typesetting
from tests.world.letters import ISSUE, LETTERS, RAISED, leaves

DIGESTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "00ff11ee22dd33cc44bb55aa66998877fefdfcfbfaf9f8f7f6f5f4f3f2f1f0ab",
)
SHEET = receipt.Sheet(
    language="fa",
    is_right_to_left=True,
    title="رسید: تأیید درخواست",
    subject="شهرداری ملایر، سلام",
    signer="کارشناس شوراهای استانداری",
    meaning="ابلاغ درجهٔ شهرداری‌ها در سامانهٔ درجه‌بندی درست است.",
    sections=(
        receipt.Section("مدارک", tuple(receipt.Line("", each, True) for each in DIGESTS[:2])),
        receipt.Section("اثبات", (receipt.Line("برگ", DIGESTS[2], True),)),
    ),
    proof_title="اثبات",
    proof="index 3\nfe00ba5eba11",
    foot="پانوشت",
    statement="{}",
    signed_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
)
GROUPS = letter_codes.grouped(ISSUE.code).split()
DIGITS_OF_CODE = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
# Poppler and PDFium set brackets and stops of a right-to-left line by rules of their own: words are compared without.
MARKS = str.maketrans(dict.fromkeys("()[]«».,،؛:؟!…·", " "))


def poppler(pdf: bytes) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("needs poppler-utils")
    return subprocess.run(
        ["pdftotext", "-enc", "UTF-8", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def pdfium_text(pdf: bytes) -> str:
    with closing(pdfium.PdfDocument(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def words(text: str) -> list[str]:
    shown = "".join(each for each in text if each == "\u200c" or unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFC", shown).translate(MARKS).split()


READERS = pytest.mark.parametrize("read", [poppler, pdfium_text])


@READERS
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_read_word_for_word(name: str, read: Callable[[bytes], str]) -> None:
    letter = LETTERS[name]
    found = words(read(decision.typeset(letter)))
    said = {key: each for key, each in decision.words(letter).items() if key not in ("qr", "stair", "title")}
    said["annex"]["grades"] = [each[1:] for each in said["annex"]["grades"]]
    assert [each for text in leaves(said) for each in words(text) if each not in found] == []
    for word in ("ابلاغ", "شهرداری‌ها", "درجه‌بندی", "درجهٔ", "سلام", "استعلام"):
        assert word in found
    code = [each.translate(DIGITS_OF_CODE) for each in found if each.translate(DIGITS_OF_CODE) in GROUPS]
    assert code == GROUPS * 2, "on the letter and on its annex, in the order in which they are read out"


@READERS
def test_a_receipt_is_read_word_for_word(read: Callable[[bytes], str]) -> None:
    found = words(read(receipt.typeset(SHEET)))
    given = [SHEET.title, SHEET.subject, SHEET.signer, SHEET.meaning, SHEET.proof, *DIGESTS]
    assert [each for text in given for each in words(text) if each not in found] == []


def test_it_is_found_by_a_search() -> None:
    with closing(pdfium.PdfDocument(decision.typeset(RAISED))) as document:
        for word in ("شهرداری‌ها", "درجهٔ", "ابلاغ", "سلام"):
            assert document[0].get_textpage().search(word).get_next()


PERSIAN = st.text("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیأؤئ", min_size=2, max_size=8)  # Poppler joins lone letters
WORDS = st.one_of(
    PERSIAN,
    st.tuples(PERSIAN, PERSIAN).map("\u200c".join),
    PERSIAN.map(lambda each: each + "هٔ"),
    PERSIAN.map(lambda each: each + "لا"),
)
SOURCE = """#set document(title: "t")
#set page(height: auto)
#set text(font: "Daraje Text", lang: "fa", dir: rtl)
#for line in sys.inputs.text.split("\\n") { par(text(weight: "bold", line)); par(line) }
"""


@READERS
@settings(max_examples=20, deadline=None, derandomize=True)
@given(lines=st.lists(st.lists(WORDS, min_size=2, max_size=6).map(" ".join), min_size=1, max_size=8))
def test_any_persian_word_is_read_as_it_was_set(
    read: Callable[[bytes], str], tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    source = tmp_path_factory.mktemp("page") / "page.typ"
    source.write_text(SOURCE)
    pdf = typesetting.pdf(source, {"text": "\n".join(lines)}, standards=("a-2b",), on=date(2026, 1, 1))
    assert words(read(pdf)) == [word for line in lines for word in words(line) * 2]


def test_names_and_dates_of_the_file_are_true() -> None:
    with pikepdf.open(BytesIO(decision.typeset(RAISED))) as document:
        assert str(document.docinfo.Title) == "ابلاغ درجهٔ شهرداری ملایر"
        assert str(document.docinfo.CreationDate) == str(document.docinfo.ModDate) == "D:20261124061200Z"
        metadata = document.Root.Metadata.read_bytes().decode()
        assert "<xmp:CreateDate>2026-11-24T06:12:00" in metadata
        assert "ابلاغ درجهٔ شهرداری ملایر" in metadata
    with pikepdf.open(BytesIO(receipt.typeset(SHEET))) as document:
        assert str(document.docinfo.CreationDate) == "D:20261124083000Z"
        assert document.attachments["statement.json"].get_file().read_bytes() == b"{}"


@pytest.mark.skipif(shutil.which("verapdf") is None, reason="no veraPDF here")
@pytest.mark.parametrize(
    ("flavour", "of"), [("2a", "letter"), ("ua1", "letter"), ("3a", "receipt"), ("ua1", "receipt")]
)
def test_it_is_archival_and_accessible(flavour: str, of: str, tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(decision.typeset(RAISED) if of == "letter" else receipt.typeset(SHEET))
    subprocess.run(["verapdf", "--flavour", flavour, "--format", "text", file], check=True)
