"""Text, numbers and days as people really type them."""

import contextlib
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import persian

SPANS = ((0x20, 0x7F), (0x600, 0x700), (0x2000, 0x2070), (0xFB50, 0xFDD0), (0xFE70, 0xFF00))
DIGITS = st.sampled_from(["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
LETTERS = st.sampled_from([chr(each) for span in SPANS for each in range(*span)])
SEPARATORS = st.sampled_from([".", "٬", ",", "،"])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("٨.٧52", 8752),
        ("۱۲٬۳۴۵٬۶۷۸", 12_345_678),
        ("12,345", 12_345),
        ("١٢،٣٤٥", 12_345),
        (" 55703\u00a0", 55_703),
        ("\u200f۵۵۷۰۳\u200e", 55_703),
        ("\u2067۱۲\u2069", 12),
        ("0", 0),
        ("007", 7),
        ("1000000000000000000", 10**18),
    ],
)
def test_a_whole_number_is_read_in_any_digits(text: str, number: int) -> None:
    assert persian.whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8.75", "ambiguous"),
        ("1.234,5", "ambiguous"),
        ("1,234٬567", "ambiguous"),
        ("1234,567", "ambiguous"),
        ("12,345,67", "ambiguous"),
        ("0.750", "ambiguous"),
        ("12 34", "ambiguous"),
        ("1,,234", "ambiguous"),
        ("-5", "negative"),
        ("−۱٬۲۳۴", "negative"),
        ("1" * 19, "too-large"),
        ("1" * 5000, "too-large"),
        ("", "number"),
        ("   ", "number"),
        ("۸٫۷۵", "number"),
        ("+5", "number"),
        ("5e3", "number"),
        ("1_000", "number"),
        ("१२", "number"),
        ("²", "number"),
        (",123", "number"),
        ("123,", "number"),
        ("دوازده", "number"),
    ],
)
def test_what_is_no_whole_number_is_refused_not_guessed(text: str, code: str) -> None:
    with pytest.raises(persian.NumberError) as refusal:
        persian.whole_number(text)
    assert refusal.value.code == code


@given(number=st.integers(0, 10**18), separator=SEPARATORS, data=st.data())
def test_groups_of_three_in_mixed_digits_read_back(number: int, separator: str, data: st.DataObject) -> None:
    typed = "".join(data.draw(DIGITS)[int(each)] if each.isdigit() else separator for each in f"{number:,}")
    assert persian.whole_number(typed) == number


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with contextlib.suppress(persian.NumberError):
        assert 0 <= persian.whole_number(text) <= 10**18


@given(st.integers(0, 10**18))
def test_grouped_is_read_back(number: int) -> None:
    assert persian.whole_number(persian.grouped(number)) == number
    assert not set(persian.grouped(number)) & set("0123456789")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1400/10/23", date(2022, 1, 13)),
        ("۱۴۰۰-۱۰-٢٣", date(2022, 1, 13)),
        (" 1400/1/1 ", date(2021, 3, 21)),
        ("1399/12/30", date(2021, 3, 20)),
        ("1394.1.29", date(2015, 4, 18)),
    ],
)
def test_a_solar_hijri_day_is_read(text: str, day: date) -> None:
    assert persian.jalali_date(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1400/12/30", "no-such-day"),
        ("1400/13/01", "no-such-day"),
        ("1400/07/31", "no-such-day"),
        ("1400/00/10", "no-such-day"),
        ("0000/01/01", "no-such-day"),
        ("2021/01/05", "gregorian"),
        ("۲۰۲۱-۰۱-۰۵", "gregorian"),
        ("23/10/1400", "date"),
        ("1400/10-23", "date"),
        ("1400", "date"),
        ("", "date"),
        ("۲۳ دی ۱۴۰۰", "date"),
    ],
)
def test_what_is_no_day_is_refused(text: str, code: str) -> None:
    with pytest.raises(persian.DateError) as refusal:
        persian.jalali_date(text)
    assert refusal.value.code == code


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_days_survive_both_calendars(day: date) -> None:
    assert persian.jalali_date(persian.jalali_text(day)) == day
    assert persian.jalali_date(persian.persian_digits(persian.jalali_text(day))) == day


@pytest.mark.parametrize("nowruz", [date(2021, 3, 21), date(2024, 3, 20), date(2025, 3, 21), date(2026, 3, 21)])
def test_the_year_turns_at_nowruz(nowruz: date) -> None:
    year, month, day = persian.jalali(nowruz)
    assert (month, day) == (1, 1)
    assert persian.jalali(nowruz - timedelta(days=1))[0] == year - 1


def test_days_and_instants_are_shown_in_tehran() -> None:
    late = datetime(2022, 1, 12, 20, 31, tzinfo=UTC)  # past midnight there
    assert persian.tehran_date(late) == date(2022, 1, 13)
    assert persian.format_date(date(2022, 1, 13), "fa") == "۲۳ دی ۱۴۰۰"
    assert persian.format_date(date(2022, 1, 13), "en") == "1400/10/23 (2022-01-13)"
    assert persian.format_instant(late, "fa") == "۲۳ دی ۱۴۰۰، ساعت ۰۰:۰۱"
    assert persian.format_instant(late, "en") == "1400/10/23 (2022-01-13), 00:01"


@pytest.mark.parametrize("day", [date.min, date.max, date(622, 3, 20)])
@pytest.mark.parametrize("locale", ["fa", "en"])
def test_days_outside_the_calendar_are_shown_as_they_are(day: date, locale: str) -> None:
    assert not persian.has_jalali(day)
    assert persian.format_date(day, locale) == day.isoformat()


def test_there_is_no_daylight_saving_since_1401() -> None:
    assert datetime(2026, 7, 1, tzinfo=persian.TEHRAN).utcoffset() == timedelta(hours=3, minutes=30)


def test_the_year_of_an_instant_is_tehrans() -> None:
    assert persian.jalali_year(datetime(2026, 3, 20, 20, 0, tzinfo=UTC)) == 1404
    assert persian.jalali_year(datetime(2026, 3, 20, 20, 30, tzinfo=UTC)) == 1405


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  اسد  آباد ", "اسد آباد"),
        ("كنگاور", "کنگاور"),
        ("قائمـــشهر", "قائمشهر"),
        ("نجف \u200cآباد", "نجف\u200cآباد"),
        ("علی\u200c\u200cآباد\u200c", "علی\u200cآباد"),
        ("\u202bري\u202c", "ری"),
        ("ﺍﺳﺪﺁﺑﺎﺩ", "اسدآباد"),
    ],
)
def test_names_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert persian.normalise(typed) == kept


@pytest.mark.parametrize(
    "spellings",
    [
        ("علي\u200cآباد كتول", "علی آباد کتول", "علی  اباد کتول"),
        ("آیة\u200cالله", "آيه الله"),
        ("مُهر", "مهر"),
        ("۱۴۰۵-۰۰۰۱۷", "1405-00017"),
        ("خانۀ", "خانهٔ", "خانه"),
        ("TEHRAN", "tehran"),
    ],
)
def test_spellings_of_one_name_are_found_by_one_key(spellings: tuple[str, ...]) -> None:
    assert len({persian.search_key(each) for each in spellings}) == 1


@given(st.text(alphabet=LETTERS, max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    for fold in (persian.fold_digits, persian.normalise, persian.search_key):
        assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "صفر"),
        (7, "هفت"),
        (10, "ده"),
        (12, "دوازده"),
        (19, "نوزده"),
        (20, "بیست"),
        (115, "صد و پانزده"),
        (1000, "هزار"),
        (1405, "هزار و چهارصد و پنج"),
        (21_030, "بیست و یک هزار و سی"),
        (1_000_000, "یک میلیون"),
        (10**12, "هزار میلیارد"),
        (2_500 * 10**9 + 7, "دو هزار و پانصد میلیارد و هفت"),
        (10**15, "یک میلیون میلیارد"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert persian.number_in_words(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1000, "یک هزار"),
        (1405, "یک هزار و چهارصد و پنج"),
        (1_200_000_000_000, "یک هزار و دویست میلیارد"),
        (10**12 + 1000, "یک هزار میلیارد و یک هزار"),
        (21_030, "بیست و یک هزار و سی"),
        (9 * 10**17, "نهصد میلیون میلیارد"),
        (10**18, "یک میلیارد میلیارد"),
    ],
)
def test_a_thousand_is_written_as_on_a_cheque(number: int, words: str) -> None:
    assert persian.number_in_words(number, thousand="یک هزار") == words


@pytest.mark.parametrize("number", [-1, 10**18 + 1])
def test_numbers_beyond_words_are_refused(number: int) -> None:
    with pytest.raises(ValueError):
        persian.number_in_words(number)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_different_numbers_have_different_words(one: int, other: int) -> None:
    assert (persian.number_in_words(one) == persian.number_in_words(other)) == (one == other)


RUNS = {
    "alternating": "ب" + "\u0301\u0323" * 60_000,
    "parted by kashidas": "ب" + "\u0650ـ\u064e" * 40_000,
    "parted by joiners": "ب" + "\u0650\u200d\u064e" * 40_000,
    "of composed marks": "ب" + "\u0f73\u0344" * 60_000,
}
"""Marks in a row, as a form of 120 kB or the text layer of a PDF may hold them: putting them in order is quadratic."""


@pytest.mark.parametrize("text", RUNS.values(), ids=RUNS)
def test_marks_without_end_are_folded_in_short_rows(text: str) -> None:
    folded = persian.fold_letters(text)
    assert persian.search_key(folded) == "ب"
    assert max(map(len, re.findall(_MARK_RUN, folded))) <= 30
    assert persian.fold_letters(folded) == folded


_MARK_RUN = re.compile(f"[{''.join(chr(each) for each in range(0x300, 0x1100) if unicodedata.combining(chr(each)))}]+")


@given(st.text(st.sampled_from("aا\u0301\u0323\u0650\u064e\u0f73\u0344ـ\u200d\u200c\ufe76\ufc5e "), max_size=200))
def test_texts_of_marks_are_stream_safe_and_folded_once(text: str) -> None:
    folded = persian.fold_letters(text)
    assert all(len(run) <= 30 for run in re.findall(_MARK_RUN, folded))
    assert persian.fold_letters(folded) == folded


@given(st.text(st.sampled_from("aا\u0301\u0323\u0650\u064eـ\ufe76 "), max_size=25))
def test_marks_that_people_type_are_folded_as_ever(text: str) -> None:
    assert persian.composed(text) == unicodedata.normalize("NFC", text)
    assert "\u034f" not in persian.fold_letters(text)


def test_no_mark_counts_as_a_letter() -> None:
    """The search for runs of marks passes letters over at one glance."""
    halves = (
        "\uff9e\uff9f"  # Japanese sound marks, which only the folding of shapes would move, and that never sees them
    )
    marks = [each for each in map(chr, range(0x20000)) if unicodedata.combining(unicodedata.normalize("NFD", each)[0])]
    assert not [each for each in marks if re.match(r"\w", each) and each not in halves]


ALPHABET = list("ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")


def test_letters_stand_in_the_order_of_the_persian_alphabet() -> None:
    assert sorted(ALPHABET, key=persian.order_key) == ALPHABET
    assert sorted(ALPHABET) != ALPHABET, "code points have another"


@pytest.mark.parametrize(
    "names",
    [
        ("آبادان", "آوج", "ابرکوه", "اهواز"),
        ("هرمزگان", "همدان", "یزد"),
        ("تهران", "چابهار", "خوی"),
        ("ژیان", "سراب", "کرمان", "گیلان", "لار"),
        ("آب بر", "آب پخش", "آبادان"),  # word by word
        ("خرم‌آباد", "خرم‌دره", "خرمشهر"),  # a half-space is none
        ("نیر", "نی‌ریز", "نیشابور"),
        ("صالح‌آباد", "صفی‌آباد", "صومعه‌سرا"),
        ("بوکان", "بوئین‌زهرا", "بهاران"),
        ("۱۲ شهر", "2 شهر", "آوه", "یزد", "Ahvaz", "tehran"),  # figures as figures, not as numbers
    ],
)
def test_names_stand_as_in_an_iranian_index(names: tuple[str, ...]) -> None:
    assert sorted(set(names), key=persian.order_key) == list(names)


@pytest.mark.parametrize(
    ("one", "other"),
    [("كرمان", "کرمان"), ("علي", "علی"), ("مؤمن", "مومن"), ("رضا\u200cیی", "رضایی"), ("  یزد ", "یزد"), ("۱۲", "12")],
)
def test_spellings_of_a_name_have_one_place(one: str, other: str) -> None:
    assert persian.order_key(one) == persian.order_key(other)


@given(st.text(LETTERS, max_size=80))
def test_a_key_is_two_digits_a_letter(name: str) -> None:
    key = persian.order_key(name)
    assert not key.strip("0123456789")
    assert len(key) % 2 == 0
