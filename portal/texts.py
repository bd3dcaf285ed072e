"""Every sentence on screen: gettext catalogues of `portal/locales`, one file per noun, merged per locale."""

from collections.abc import Mapping
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

LOCALES = ("fa", "en")
FOLDER = Path(__file__).parent / "locales"

TAGS = ("zero", "one", "two", "few", "many", "other")  # of CLDR, in the order of a catalogue's plural forms

locale: ContextVar[str] = ContextVar("locale", default="fa")


class CatalogueError(Exception):
    """Two files of one locale translate the same msgid differently."""


@cache
def catalogue(name: str) -> Mapping[str, tuple[str, ...]]:
    """Read all `.po` files of the locale `name` into one mapping from msgid to the forms of its msgstr.

    Most have one form. What is counted stands under its singular, and has as many as the locale counts in: in Persian
    one, for a noun after a number is singular there. Empty and fuzzy entries are left out, so that a reader sees the
    msgid instead of a guess.
    Raises `CatalogueError` where two files disagree: which one would win must not depend on file names.
    """
    merged: dict[str, tuple[str, ...]] = {}
    for path in sorted((FOLDER / name).glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=name)
        for message in messages:
            msgid, said = forms(message.id)[0], forms(message.string)
            if not msgid or message.fuzzy or not all(said):
                continue
            if merged.setdefault(msgid, said) != said:
                raise CatalogueError(f"{path}: {msgid!r} is translated differently in another file")
    return merged


def forms(found: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """What a catalogue has for a sentence: one text, or one for each form in which things are counted."""
    return (found,) if isinstance(found, str) else tuple(found or ("",))


def translate(msgid: str) -> str:
    """Look up `msgid` in the current locale, placeholders untouched; a missing msgid is returned as it is."""
    return catalogue(locale.get()).get(msgid, (msgid,))[0]


def translate_plural(one: str, many: str, number: Decimal | float | str) -> str:
    """Look up what is said of so many of a thing, placeholders untouched; of an unknown one, `one` or `many` itself."""
    exact = Decimal(str(number))
    count = int(exact) if exact == int(exact) else exact
    counts = Locale.parse(locale.get()).plural_form
    tags = [tag for tag in TAGS if tag in counts.tags or tag == "other"]
    found = catalogue(locale.get()).get(one, (one, many))
    return found[min(tags.index(counts(count)), len(found) - 1)]


def gettext(msgid: str, **params: object) -> str:
    """Translate `msgid` into the current locale and fill its `%(name)s` placeholders.

    A literal per cent sign is written `%%`, here as in templates. Raises KeyError for a missing parameter.
    """
    return translate(msgid) % params


def ngettext(one: str, many: str, number: Decimal | float | str, **params: object) -> str:
    """As `gettext`, of `number` things: `one` and `many` are its msgid and msgid_plural.

    The number that is shown is a parameter of its own, in the reader's digits.
    """
    return translate_plural(one, many, number) % params


def N_(msgid: str) -> str:  # noqa: N802 (the name that gettext tools know)
    """Mark `msgid` for the catalogues without translating it: for tables of sentences."""
    return msgid


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802
    """As `N_`, for a sentence that `ngettext` will say."""
    return one, many


_ = gettext
