"""The syntax of PDF objects (ISO 32000-2, 7.2 and 7.3), read by ourselves: a third opinion beside PDFium and qpdf.

Nothing is resolved and nothing decoded but names. A key that stands twice keeps both values: one reader takes the
first, another the last.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TypeAlias

from portal.sandbox.errors import Unreadable

# A possessive repetition of a group matches wrongly before Python 3.11.5 (CPython issue 106052): such are atomic groups
# here, and only single characters are repeated possessively.
BLANK = rb"\0\t\n\f\r \x80\xff"  # the last two as PDFium takes them
DELIMITERS = BLANK + rb"()<>\[\]{}/%"
NAME = rb"/[^%s]*+" % DELIMITERS
NESTED = 6  # brackets within brackets of a string; what lies deeper is odd
HEX = rb"<[^<>]*+>"
TEXT = reduce(lambda inner, _: rb"\((?>(?:[^()\\]++|\\.%s)*)\)" % (b"|" + inner if inner else b""), range(NESTED), b"")
COMMENT = rb"%[^\r\n]*+"
WORD = rb"[^%s]++" % DELIMITERS
TOKEN = re.compile(
    rb"(?>(?:[%s]++|%s)*)(?:(<<)|(>>)|(\[)|(\])|(%s)|(%s)|(%s)|([0-9]++(?=[%s]|$))|(%s)|(.))"
    % (BLANK, COMMENT, NAME, TEXT, HEX, DELIMITERS, WORD),
    re.DOTALL,
)
STREAM = re.compile(rb"(?>(?:[%s]++|%s)*)stream(?:\r\n|\n|\r)?" % (BLANK, COMMENT))
ESCAPE = re.compile(r"#([0-9A-Fa-f]{2})")
ESCAPED = re.compile(rb"/([^%s#]{0,64}#[^%s]{0,64})" % (DELIMITERS, DELIMITERS))
DEEPEST = 500
MOST_TOKENS = 2_000_000  # of one object
GLUED = re.compile(rb"[0-9+.-]+R")
ENDS = (b"endobj", b"stream", b"endstream", b"obj", b"xref", b"startxref", b"trailer")

Bytes: TypeAlias = "bytes | mmap.mmap"
Value: TypeAlias = "bool | int | bytes | Name | Ref | list[Value] | Dictionary | None"


class Name(str):
    """A name without its slash, its escapes undone, each byte a letter of Latin-1."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to the object of this number."""

    number: int


class Dictionary(dict[str, "list[Value]"]):
    """Each key with every value that it was given; `content` is where its stream begins, None where it has none."""

    content: int | None = None

    def names(self, key: str) -> list[str]:
        """The names among the values of `key`."""
        return [str(each) for each in self.get(key, ()) if isinstance(each, Name)]

    def numbers(self, key: str) -> list[int]:
        """The whole numbers among the values of `key`."""
        return [each for each in self.get(key, ()) if type(each) is int]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value, and where behind it the next token begins."""

    value: Value
    end: int


def spelled(name: bytes) -> str:
    """A name as it is meant: `name` without its slash. To some readers it ends where a NUL is written out."""
    text = name.decode("latin-1")
    return ESCAPE.sub(lambda each: chr(int(each[1], 16)), text).partition("\0")[0] if "#" in text else text


def escaped(data: Bytes, at: int, end: int) -> Iterator[str]:
    """The names there that are written with escapes, as they are meant."""
    return (spelled(each[1]) for each in ESCAPED.finditer(data, at, end))


def parsed(data: Bytes, at: int, end: int) -> Parsed:
    """The object that begins at `at`; what is not closed by `end`, or by the word that ends objects, is closed there.

    Raises:
        Unreadable: broken where the syntax is left, too_heavy.
    """
    top: list[Value] = []
    open_: list[list[Value]] = [top]
    kinds: list[bool] = []  # whether the open one is a dictionary
    for _ in range(MOST_TOKENS):
        token = TOKEN.match(data, at, end)
        if token is None:
            break
        begins, at = at, token.end()
        match token.lastindex:
            case 1 | 3:
                if len(open_) > DEEPEST:
                    raise Unreadable("too_heavy")
                open_.append([])
                kinds.append(token.lastindex == 1)
            case 2 | 4:
                if not kinds or kinds.pop() != (token.lastindex == 2):
                    raise Unreadable("broken")
                closed: list[Value] = open_.pop()
                open_[-1].append(_dictionary(closed) if token.lastindex == 2 else closed)
            case 5:
                open_[-1].append(Name(spelled(token[5][1:])))
            case 6:
                open_[-1].append(token[6][1:-1])
            case 7:
                open_[-1].append(token[7][1:-1].strip())
            case 8:
                open_[-1].append(int(token[8][:18]))
            case 9 if token[9] in ENDS:
                at = begins
                break
            case 9:
                _word(open_[-1], token[9])
            case _:
                raise Unreadable("broken")
        if not kinds and top and not _may_go_on(top):
            break
    else:
        raise Unreadable("too_heavy")
    while kinds:
        closed = open_.pop()
        open_[-1].append(_dictionary(closed) if kinds.pop() else closed)
    return _with_stream(data, top[-1] if top else None, at, end)


def _may_go_on(top: list[Value]) -> bool:
    """Whether a number may still become a reference."""
    return type(top[-1]) is int and len(top) < 3


def _word(held: list[Value], word: bytes) -> None:
    """Raises Unreadable: broken for a reference that some readers follow and others do not (`7.0 0 R`)."""
    if word == b"R" and len(held) > 1 and type(held[-1]) is int and type(held[-2]) is int:
        held[-2:] = [Ref(held[-2])]
    elif GLUED.fullmatch(word) and held and type(held[-1]) is int:  # `7 0R`: LuaTeX writes it, pdf.js follows it
        held[-1:] = [Ref(held[-1])]
    elif word == b"R" or GLUED.fullmatch(word):
        raise Unreadable("broken")
    else:
        held.append({b"true": True, b"false": False}.get(word))


def _dictionary(held: list[Value]) -> Dictionary:
    """Every name with what follows it: where a value is missing, readers do not agree which name is a key."""
    found = Dictionary()
    for each, following in pairwise(held):
        if isinstance(each, Name):
            found.setdefault(str(each), []).append(following)
    return found


def _with_stream(data: Bytes, value: Value, at: int, end: int) -> Parsed:
    if isinstance(value, Dictionary) and (begun := STREAM.match(data, at, end)):
        value.content = begun.end()
        return Parsed(value, begun.end())
    return Parsed(value, at)
