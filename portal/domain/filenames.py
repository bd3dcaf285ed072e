"""Names of files: read as the program meant that sent them, and short and plain enough to keep.

Programs of offices send UTF-8 (HTML), Windows-1256 (whatever speaks the system's own code page), percent-encoded bytes
(RFC 5987) or encoded words (RFC 2047). A name is never a reason to refuse a file.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

from portal.domain import persian

LONGEST = 200  # letters that are kept
GLANCE = 2000  # letters that are looked at: normalising is worse than linear
BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
PERCENT = re.compile(rb"%[89A-Fa-f][0-9A-Fa-f]")  # a byte that is not ASCII
ENCODED = re.compile(rb"=\?[\w-]{1,40}\?[bqBQ]\?[^?]*\?=")
ARABIC = re.compile("[\u0600-\u06ff]")


def decoded(raw: bytes) -> str:
    """The name that `raw` stands for; what cannot be read becomes U+FFFD."""
    if raw.isascii() and ENCODED.search(raw):
        return _of_words(raw)
    if raw.isascii() and PERCENT.search(raw):
        return _of_bytes(unquote_to_bytes(raw))
    return _of_bytes(raw)


def _of_words(raw: bytes) -> str:
    try:
        found = decode_header(raw.decode("ascii"))
        return "".join(each if isinstance(each, str) else each.decode(charset or "ascii") for each, charset in found)
    except (HeaderParseError, LookupError, ValueError):  # no such charset, or not its bytes
        return raw.decode("ascii")


def _of_bytes(raw: bytes) -> str:
    """UTF-8 where most of it is; else Windows-1256 where that gives Persian letters."""
    if raw.startswith(BYTE_ORDER):
        return raw.decode("utf-16", "replace")
    text = raw.decode("utf-8", "replace")
    unread = text.count("\ufffd")
    if unread == 0 or sum(not each.isascii() for each in text) > 2 * unread:
        return text
    old = raw.decode("cp1256", "replace")
    return old if ARABIC.search(old) else text


def clean(name: str) -> str:
    """`name` without folders, marks of direction and control characters, short enough to keep; never empty."""
    last = re.split(r"[/\\]", name)[-1]
    if len(last) > GLANCE:
        last = last[: GLANCE - LONGEST] + last[-LONGEST:]
    plain = "".join(each for each in persian.fold_letters(last) if each.isprintable() or each == "\u200c").strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST:
        plain = f"{stem[: LONGEST - 10]}{dot}{ending[:8]}" if dot else plain[:LONGEST]
    return plain or "document"
