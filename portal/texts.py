"""Every sentence on screen: gettext catalogues of `portal/locales`, one file per noun, merged per locale."""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = ("fa", "en")
FOLDER = Path(__file__).parent / "locales"

locale: ContextVar[str] = ContextVar("locale", default="fa")


class CatalogueError(Exception):
    """Two files of one locale translate the same msgid differently."""


@cache
def catalogue(name: str) -> Mapping[str, str]:
    """Read all `.po` files of the locale `name` into one mapping from msgid to msgstr.

    Empty and fuzzy entries are left out, so that a reader sees the msgid instead of a guess.
    Raises `CatalogueError` where two files disagree: which one would win must not depend on file names.
    """
    merged: dict[str, str] = {}
    for path in sorted((FOLDER / name).glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=name)
        for message in messages:
            if not message.id or message.fuzzy or not isinstance(message.string, str) or not message.string:
                continue
            if merged.setdefault(str(message.id), message.string) != message.string:
                raise CatalogueError(f"{path}: {message.id!r} is translated differently in another file")
    return merged


def translate(msgid: str) -> str:
    """Look up `msgid` in the current locale, placeholders untouched; a missing msgid is returned as it is."""
    return catalogue(locale.get()).get(msgid, msgid)


def gettext(msgid: str, **params: object) -> str:
    """Translate `msgid` into the current locale and fill its `%(name)s` placeholders.

    A literal per cent sign is written `%%`, here as in templates. Raises KeyError for a missing parameter.
    """
    return translate(msgid) % params


def N_(msgid: str) -> str:  # noqa: N802 (the name that gettext tools know)
    """Mark `msgid` for the catalogues without translating it: for tables of sentences."""
    return msgid


_ = gettext
