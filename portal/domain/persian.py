"""Persian text, numbers and days: read whatever people type, write what officials read.

Digits and letters are normalised here, once, at the edge. Instants are UTC inside; screens are Solar Hijri,
Asia/Tehran.
"""

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

import jdatetime

TEHRAN = ZoneInfo("Asia/Tehran")  # +03:30, without daylight saving since 1401

_LATIN = "0123456789"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"
_TO_LATIN = str.maketrans(_PERSIAN + _ARABIC, _LATIN * 2)
_TO_PERSIAN = str.maketrans(_LATIN, _PERSIAN)
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = dict.fromkeys(map(ord, _DIRECTION + "\u200b\u200d\ufeff"))  # pasted along, never typed
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "\u00a0": " ", "\u202f": " "}) | _UNSEEN
_SHAPED = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")  # letters as old PDF files store them, shape by shape
_JOINER = "\u034f"  # joins and shows nothing; it breaks a run of marks (UAX #15, 13)
_MARKS = dict.fromkeys(each for each in range(0x300, 0x1F000) if unicodedata.combining(chr(each)))
_SEARCH = _MARKS | str.maketrans("آأإٱؤئةۀہھە", "ااااویههههه") | {ord("\u200c"): " ", ord(_JOINER): None}
_ORDER = " 0123456789ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیabcdefghijklmnopqrstuvwxyz"
_PLACES = {letter: f"{place:02}" for place, letter in enumerate(_ORDER)}
_AS_ORDERED = _MARKS | str.maketrans("أإٱؤئةۀہھە", "اااویههههه")
_MOST_MARKS = 30  # in a row: text that is made for that is stream-safe (UAX #15, 13)
_MAY_BE_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")  # a mark is no letter, and beyond ASCII
_SEPARATORS = ".,٬،'’ \u00a0\u202f"
_SIGNS = "-−–"
_NUMBER = re.compile(rf"[0-9](?:[0-9{re.escape(_SEPARATORS)}]*[0-9])?")
_GROUPS = re.compile(rf"[1-9][0-9]{{0,2}}(?:([{re.escape(_SEPARATORS)}])[0-9]{{3}})(?:\1[0-9]{{3}})*")
_DAY = re.compile(r"([0-9]{4})\s*([/.-])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,2})")

MONTHS = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)


class NumberError(ValueError):
    """Text that is no whole number. `code`: `number`, `ambiguous`, `negative`, `too-large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DateError(ValueError):
    """Text that is no day of the Solar Hijri calendar. `code`: `date`, `gregorian`, `no-such-day`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def fold_digits(text: str) -> str:
    """`text` with Persian and Arabic digits as Latin ones."""
    return text.translate(_TO_LATIN)


def persian_digits(text: str) -> str:
    """`text` with Latin and Arabic digits as Persian ones."""
    return fold_digits(text).translate(_TO_PERSIAN)


def composed(text: str) -> str:
    """`text` with its marks in one order and on their letters (NFC); a joiner stands after each thirty in a row.

    Putting marks in order is quadratic in how many stand together: no text is normalised but here, or in its shapes.
    """
    return unicodedata.normalize("NFC", _MAY_BE_MARKS.sub(lambda run: _stream_safe(run[0]), text))


def _stream_safe(run: str) -> str:
    """`run` as the Stream-Safe Text Process leaves it (UAX #15, 13.1)."""
    kept, count = [], 0
    for each in run:
        parts = unicodedata.normalize("NFD", each)
        count = count + len(parts) if unicodedata.combining(parts[0]) else 0
        if count > _MOST_MARKS:
            kept.append(_JOINER)
            count = len(parts)
        kept.append(each)
    return "".join(kept)


def fold_letters(text: str) -> str:
    """`text` with Arabic ي and ك as Persian ی and ک, shaped letters as plain ones, no kashida or direction marks."""
    plain = _SHAPED.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return composed(composed(plain).translate(_LETTERS))  # again, for marks that a kashida had kept apart


def normalise(text: str) -> str:
    """A name as it is kept: Persian letters, single spaces, none around a half-space or at the ends."""
    folded = re.sub(r"\s+", " ", fold_letters(text)).strip()
    return re.sub(r" ?\u200c+ ?", "\u200c", folded).strip("\u200c ")


def search_key(text: str) -> str:
    """What a search compares: folded letters and digits, no diacritics, half-spaces as spaces, lower case."""
    plain = normalise(text).translate(_SEARCH)
    return re.sub(r"\s+", " ", fold_digits(plain)).strip().casefold()


def order_key(text: str) -> str:
    """What lists of names are sorted by: two Latin digits a letter, the same order under every collation.

    As Iranian indexes have it: a space before any letter, half-spaces and marks as if they were not there, «آ» before
    «ا», a hamza's seat for the hamza; Latin letters after the Persian ones, numbers before both.
    """
    plain = fold_digits(normalise(text)).translate(_AS_ORDERED).casefold()
    return "".join(_PLACES.get(each, "") for each in plain)


def whole_number(text: str, most: int = 10**18) -> int:
    """The whole number that `text` says, in any mix of digit sets.

    Thousands may be separated by one kind of separator, in groups of exactly three: `٨.٧52` is 8752;
    `8.75`, `0.750` and `1.234,5` are refused, not guessed.

    Raises:
        NumberError.
    """
    folded = fold_digits(text).translate(_UNSEEN).strip().strip("\u200c")
    unsigned = folded.lstrip(_SIGNS).lstrip()
    if not _NUMBER.fullmatch(unsigned):
        raise NumberError("number")
    if unsigned != folded:
        raise NumberError("negative")
    plain = "".join(each for each in folded if each in _LATIN)
    if plain != folded and not _GROUPS.fullmatch(folded):
        raise NumberError("ambiguous")
    significant = plain.lstrip("0") or "0"
    if len(significant) > len(str(most)) or int(significant) > most:
        raise NumberError("too-large")
    return int(significant)


def jalali_date(text: str) -> date:
    """The day that `1400/10/23` (or with `-` or `.`, in any digits) names, as a Gregorian date.

    Raises:
        DateError.
    """
    match = _DAY.fullmatch(fold_digits(text).translate(_UNSEEN).strip())
    if match is None:
        raise DateError("date")
    year, month, day = (int(each) for each in match.group(1, 3, 4))
    if year >= 1900:
        raise DateError("gregorian")
    if not 1250 <= year <= 1600:
        raise DateError("no-such-day")
    try:
        gregorian: date = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        raise DateError("no-such-day") from None
    return gregorian


def has_jalali(day: date) -> bool:
    """Whether the Solar Hijri calendar, as it is computed here, has the day `day` (from 622 to almost 9999)."""
    try:
        jalali(day)
    except ValueError:
        return False
    return True


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of `day` in the Solar Hijri calendar."""
    solar = jdatetime.date.fromgregorian(date=day)
    return solar.year, solar.month, solar.day


def tehran_date(instant: datetime) -> date:
    """The calendar day in Tehran at `instant` (aware)."""
    return instant.astimezone(TEHRAN).date()


def jalali_year(instant: datetime) -> int:
    """The Solar Hijri year in Tehran at `instant` (aware)."""
    return jalali(tehran_date(instant))[0]


def jalali_text(day: date) -> str:
    """`1400/10/23`, with Latin digits: as a field takes it."""
    year, month, number = jalali(day)
    return f"{year}/{month:02}/{number:02}"


def format_date(day: date, locale: str) -> str:
    """«۲۳ دی ۱۴۰۰» under fa; `1400/10/23 (2022-01-13)` otherwise; `9999-12-31` for a day that this calendar lacks."""
    if not has_jalali(day):
        return day.isoformat()
    year, month, number = jalali(day)
    if locale == "fa":
        return persian_digits(f"{number} {MONTHS[month - 1]} {year}")
    return f"{jalali_text(day)} ({day.isoformat()})"


def format_instant(instant: datetime, locale: str) -> str:
    """The day as `format_date` and the time of day in Tehran."""
    clock = instant.astimezone(TEHRAN).strftime("%H:%M")
    day = format_date(tehran_date(instant), locale)
    return f"{day}، ساعت {persian_digits(clock)}" if locale == "fa" else f"{day}, {clock}"


def grouped(number: int) -> str:
    """«۵۵٬۷۰۳»: Persian digits, thousands apart."""
    return persian_digits(f"{number:,}".replace(",", "٬"))


_ONES = ["صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه"]
_TEENS = ["ده", "یازده", "دوازده", "سیزده", "چهارده", "پانزده", "شانزده", "هفده", "هجده", "نوزده"]
_TENS = ["", "", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود"]
_HUNDREDS = ["", "صد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد"]
_SCALES = ((10**9, "میلیارد"), (10**6, "میلیون"), (10**3, "هزار"))


def number_in_words(number: int, *, thousand: str = "هزار") -> str:
    """A whole number from 0 to 10^18 in Persian words; what exceeds it in milliards is counted in them.

    `thousand` is how one of them is said: «هزار», or «یک هزار», as cheques have it.

    Raises:
        ValueError: outside that range.
    """
    if not 0 <= number <= 10**18:
        raise ValueError(number)
    if number == 0:
        return _ONES[0]
    parts = []
    for scale, name in _SCALES:
        count, number = divmod(number, scale)
        if count:
            one = count == 1 and scale == 1000
            parts.append(thousand if one else f"{number_in_words(count, thousand=thousand)} {name}")
    if number:
        parts.append(_below_thousand(number))
    return " و ".join(parts)


def _below_thousand(number: int) -> str:
    parts = []
    if number >= 100:
        parts.append(_HUNDREDS[number // 100])
        number %= 100
    if 10 <= number < 20:
        return " و ".join([*parts, _TEENS[number - 10]])
    if number >= 20:
        parts.append(_TENS[number // 10])
        number %= 10
    if number:
        parts.append(_ONES[number])
    return " و ".join(parts)
