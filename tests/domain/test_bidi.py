"""What runs against a sentence is isolated, once, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import bidi
from tests.world import direction

MARKED = str.maketrans("[]", "\u2068\u2069")
TEXTS = st.text(st.sampled_from("اآپی۱۲۳09abZ-–/.:،؛,;()«»{} _\u200c\u2068\u2069@%"), max_size=60)


@pytest.mark.parametrize(
    "marked",
    [
        "پروندهٔ [۱۴۰۵-۰۰۰۰۸]، اراک",
        "نامهٔ [۱۴۰۵-۰۰۰۰۸/۱]، ابلاغ در ۵ آذر ۱۴۰۵، ساعت ۲۰:۳۶",
        "مصوب [۱۳۷۰/۴/۱] و دستورالعمل ۲۷۶۲",
        "«[Hybrid PDF (embed ODF file)]»، [Ctrl+P]، [A4] یا [PDF]، [JPEG].",
        "جدول نمونه ([1752 d4ab 0000 d8fa])",
        "نشانی [http://127.0.0.1:8000/verify/ab-c?x=1#y] است",
        "سند [scan_01 (2).pdf] · ۳ صفحه",
        "ابلاغ درجه.[pdf] یا [.pdf]",
        "۳ [PDF]؛ {percent}، ۵۶٫۲ امتیاز",
    ],
)
def test_a_persian_sentence_isolates_numbers_and_latin_runs(marked: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    assert bidi.isolated_runs(text, "fa") == marked.translate(MARKED)


@pytest.mark.parametrize(
    "marked",
    [
        "Case 1405-00008, [اراک (مرکزی)]",
        "I, [علی کیانی], [مدیرکل دفتر امور شهری], [همدان]:",
        "Sitting [جلسهٔ سوم [۱۴۰۵-۰۱]، شنبه], 1405/06/21",
        "PDF [خراب است. (صفحهٔ ۲)] end",
        "The scan “[شهرداری «اراک»]” is kept; 12 pages",
    ],
)
def test_an_english_sentence_isolates_persian_runs_and_their_numbers(marked: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    assert bidi.isolated_runs(text, "en") == marked.translate(MARKED)


@given(text=TEXTS, locale=st.sampled_from(["fa", "en"]))
def test_nothing_is_changed_but_marked_and_never_twice(text: str, locale: str) -> None:
    once = bidi.isolated_runs(text, locale)
    assert _plain(once) == _plain(text)
    assert bidi.isolated_runs(once, locale) == once
    if "\u2068" not in text and "\u2069" not in text:
        assert not direction.is_mixed(once)


@pytest.mark.parametrize("piece", ["1-", "1٫", "a ", ".", "(", "\u2068", "\u2068a", "{a", "ا (", "ا. ", "«"])
def test_long_texts_take_no_longer_by_the_letter(piece: str) -> None:
    """A stranger's text reaches every page: with a quadratic pattern this would run for minutes."""
    for locale in ("fa", "en"):
        assert _plain(bidi.isolated_runs(piece * 30_000, locale)) == _plain(piece * 30_000)


@pytest.mark.parametrize("typed", ["1405-00008", "00008-1405"])
def test_a_case_number_is_the_same_from_either_end(typed: str) -> None:
    assert bidi.year_first(typed) == "1405-00008"


def _plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")
