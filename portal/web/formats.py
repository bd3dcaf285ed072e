"""Numbers, days, instants and sizes as officials read them, in the current locale's digits and calendar."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import reduce

from portal import texts
from portal.domain import persian
from portal.domain.approvals import spoken_code
from portal.domain.lists import COUNT_TO
from portal.texts import N_, gettext, ngettext

NOTHING = "—"
COMMA, SEMICOLON = N_("%(these)s, %(that)s"), N_("%(these)s; %(that)s")
UNITS = (N_("%(n)s kB"), N_("%(n)s MB"), N_("%(n)s GB"), N_("%(n)s TB"))


def digits(value: object) -> str:
    """Text or number with Persian digits under fa, untouched under en."""
    return persian.persian_digits(str(value)) if texts.locale.get() == "fa" else str(value)


def grouped(number: int) -> str:
    """A whole number with thousands separated: «۵۵٬۷۰۳» under fa, `55,703` under en."""
    return persian.grouped(number) if texts.locale.get() == "fa" else f"{number:,}"


def decimal(number: Decimal | float | int | str) -> str:
    """A number with a decimal part, exactly as it is, with «٫» under fa; trailing zeros are dropped."""
    plain = f"{number:f}" if isinstance(number, Decimal) else str(number)
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return digits(plain).replace(".", "٫") if texts.locale.get() == "fa" else plain


def listed(parts: Iterable[str | None]) -> str:
    """Those of `parts` that say something, one after another, with the comma of the current locale."""
    return _joined(COMMA, parts)


def clauses(parts: Iterable[str | None]) -> str:
    """The same with semicolons, for parts that may hold commas."""
    return _joined(SEMICOLON, parts)


def _joined(msgid: str, parts: Iterable[str | None]) -> str:
    said = [each for each in parts if each]
    return reduce(lambda these, that: gettext(msgid, these=these, that=that), said) if said else ""


def rials(amount: int) -> str:
    """An amount of money (whole rials) with its unit."""
    return gettext("%(amount)s rials", amount=grouped(amount))


def rials_in_words(amount: int) -> str:
    """Money in words, as cheques have it: «یک هزار و دویست میلیارد ریال»; `1 trillion, 200 billion rials`."""
    if texts.locale.get() == "fa":
        return gettext("%(amount)s rials", amount=persian.number_in_words(amount, thousand="یک هزار"))
    parts: list[str] = []
    for scale, name in _SHORT_SCALE:
        count, amount = divmod(amount, scale)
        if count or (not parts and scale == 1):
            parts.append(f"{count} {name}".strip())
    return gettext("%(amount)s rials", amount=", ".join(parts))


_SHORT_SCALE = (
    *((10**15, "quadrillion"), (10**12, "trillion"), (10**9, "billion")),
    *((10**6, "million"), (1000, "thousand"), (1, "")),
)


def day(value: date | None) -> str:
    """A calendar day in Solar Hijri; a dash for none."""
    return persian.format_date(value, texts.locale.get()) if value else NOTHING


def iso_instant(text: str) -> str:
    """An instant as statements carry it, as a reader says it."""
    return instant(datetime.fromisoformat(text))


def iso_day(text: str) -> str:
    """As `day`, for a date that a statement carries as ISO 8601 text."""
    return day(date.fromisoformat(text))


def instant(value: datetime | None) -> str:
    """An aware instant in Tehran time and Solar Hijri; a dash for none."""
    return persian.format_instant(value, texts.locale.get()) if value else NOTHING


def filesize(size: int) -> str:
    """Bytes in the largest unit with a number above one; one decimal place below ten.

    Units are of 1024, as limits are set and as Windows shows a file's size: a scan of «200 MB» there is taken here.
    """
    if size < 1024:
        return ngettext("%(n)s byte", "%(n)s bytes", size, n=decimal(size))
    amount, step = size / 1024, 0
    while amount >= 1024 and step < len(UNITS) - 1:
        amount, step = amount / 1024, step + 1
    return gettext(UNITS[step], n=decimal(round(amount, 1) if amount < 10 else round(amount)))


def persons(number: int) -> str:
    """So many people."""
    return ngettext("%(n)s person", "%(n)s persons", number, n=grouped(number))


def pages(number: int) -> str:
    """So many pages of a document."""
    return ngettext("%(n)s page", "%(n)s pages", number, n=digits(number))


def entries(number: int) -> str:
    """So many entries of the journal."""
    return ngettext("%(n)s entry", "%(n)s entries", number, n=digits(number))


def results(count: int) -> str:
    """So many hits of a search, counted as far as anybody would read."""
    if count > COUNT_TO:
        return gettext("more than %(n)s results", n=grouped(COUNT_TO))
    return ngettext("%(n)s result", "%(n)s results", count, n=digits(count)) if count else gettext("no results")


def points(number: Decimal | str) -> str:
    """So many points, with a decimal part or without."""
    return ngettext("%(n)s point", "%(n)s points", number, n=decimal(number))


def fingerprint(digest: str) -> str:
    """The first 16 digits of a hexadecimal SHA-256, in groups of four; put it in `<bdi class="code">`."""
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def authenticator_code(shown: str) -> str:
    """The code of an authenticator (hex SHA-256) in the reader's digits; put it in `<bdi class="code">`."""
    return digits(spoken_code(shown))


def direction() -> str:
    """`rtl` or `ltr`, by the current locale."""
    return "rtl" if texts.locale.get() == "fa" else "ltr"
