"""Numbers, days, instants and sizes as officials read them, in the current locale's digits and calendar."""

from datetime import date, datetime
from decimal import Decimal

from portal import texts
from portal.domain import persian
from portal.texts import N_, gettext, ngettext

NOTHING = "—"
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


def rials(amount: int) -> str:
    """An amount of money (whole rials) with its unit."""
    return gettext("%(amount)s rials", amount=grouped(amount))


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
    """Bytes in the largest unit (of 1000, as limits are set) with a number above one; one decimal place below ten."""
    if size < 1000:
        return ngettext("%(n)s byte", "%(n)s bytes", size, n=decimal(size))
    amount, step = size / 1000, 0
    while amount >= 1000 and step < len(UNITS) - 1:
        amount, step = amount / 1000, step + 1
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


def points(number: Decimal | str) -> str:
    """So many points, with a decimal part or without."""
    return ngettext("%(n)s point", "%(n)s points", number, n=decimal(number))


def fingerprint(digest: str) -> str:
    """The first 16 digits of a hexadecimal SHA-256, in groups of four; put it in `<bdi class="code">`."""
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def direction() -> str:
    """`rtl` or `ltr`, by the current locale."""
    return "rtl" if texts.locale.get() == "fa" else "ltr"
