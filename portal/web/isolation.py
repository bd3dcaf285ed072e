"""The last step of every page: what runs the other way is isolated in its HTML, so that no template can forget it.

In text that is `<bdi>`; in a title, an option, a drawing and an attribute, where no element can stand, the marks.
Templates escape what they are given: a `<` begins a tag, and a `>` ends it.
"""

import re
from html import unescape

from markupsafe import escape

from portal import texts
from portal.domain import bidi

_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
"""Control codes, which no page may hold (HTML §13.2.3.5), whoever typed them."""
_PART = re.compile(
    r"<(?P<whole>script|style|textarea|pre)\b.*?</(?P=whole)>"
    r"|(?P<open><(?P<marked>title|option|svg)\b[^>]*>)(?P<inner>.*?)(?P<close></(?P=marked)>)"
    r"|(?P<bdi><bdi\b[^>]*>)(?P<own>[^<]*)(?=</bdi>)"
    r"|(?P<tag><[a-z][^>]*>)|(?P<text>[^<>]*[^\s<>][^<>]*)(?=<)",
    re.DOTALL,
)
_SHOWN = re.compile(
    r'(?<= )((?:title|placeholder|(?:data-)?alt|(?:aria-|data-)?label|data-(?:text|over|failed|where))=")([^"]*)(?=")'
)
_TEXT = re.compile(r"(?:^|(?<=>))[^<]+")
_ISOLATE = re.compile("\u2068([^\u2068\u2069]*)\u2069")
_PERSIAN = "\u0620-\u06d5\u06fa-\u06ff"
_IS_PERSIAN = re.compile(f"[{_PERSIAN}]")
_STARTS_PERSIAN = re.compile(f"[^A-Za-z{_PERSIAN}]*[{_PERSIAN}]")


def isolated(html: str) -> str:
    """The page or fragment `html` of the current locale, with what it says isolated; values of fields stay."""
    return _PART.sub(_isolated, _NO_CHARACTER.sub("", html))


def _isolated(part: re.Match[str]) -> str:
    if text := part["text"]:
        return _with_elements(text, texts.locale.get())
    if tag := part["tag"]:
        return _with_attributes(tag)
    if bdi := part["bdi"]:
        own = part["own"]
        base = "fa" if _STARTS_PERSIAN.match(own) else "en"  # its direction is that of its first letter
        return bdi + (_with_elements(own, base) if _IS_PERSIAN.search(own) else own)
    if part["marked"]:
        inner = _TEXT.sub(lambda text: _with_marks(text[0], texts.locale.get()), part["inner"])
        return _with_attributes(part["open"]) + inner + part["close"]
    return part[0]


def _with_attributes(tag: str) -> str:
    return _SHOWN.sub(lambda shown: shown[1] + _with_marks(shown[2], texts.locale.get()), tag) if '="' in tag else tag


def _with_elements(text: str, locale: str) -> str:
    marked = _with_marks(text, locale)
    while _ISOLATE.search(marked):  # one within another: the inner one first
        marked = _ISOLATE.sub(r"<bdi>\1</bdi>", marked)
    return marked


def _with_marks(text: str, locale: str) -> str:
    """`text` of an HTML document, escaped as it was, with the marks."""
    if "&" not in text:
        return bidi.isolated_runs(text, locale)
    return str(escape(bidi.isolated_runs(unescape(text), locale)))
