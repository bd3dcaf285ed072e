"""Where the objects of a PDF begin and end in its bytes, to whatever reader (ISO 32000-2, 7.3.10)."""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import stringzilla

from portal.sandbox.child.tokens import BLANK, COMMENT, DELIMITERS, HEX, NAME, TEXT, WORD, Bytes
from portal.sandbox.errors import Unreadable

OBJECT, TRAILER = b"obj", b"trailer"
NUMBER = re.compile(rb"(?<![0-9.+-])(?<![0-9][eE])([0-9]{1,20})[%s]+[0-9]{1,20}[%s]*$" % (BLANK, BLANK))
BLANKS, DIGITS = b"\0\t\n\f\r \x80\xff", b"0123456789+-."
AHEAD = frozenset(BLANKS + DIGITS)
BEFORE, LINE = 64, 4096  # bytes before the word «obj» in which its number stands, and a comment before it begins
PART = rb"[%s{}]++|%s|%s|%s|%s|(?!(?:endobj|stream)(?:[%s]|$))%s" % (
    BLANK, NAME, HEX, TEXT, COMMENT, DELIMITERS, WORD
)  # fmt: skip
DEEP = 5  # brackets within brackets that one expression follows
CLOSED = re.compile(
    rb"(?>(?:%s)*)"
    % reduce(lambda inner, _: rb"%s|<<(?>(?:%s)*)>>|\[(?>(?:%s)*)\]" % (PART, inner, inner), range(DEEP), PART),
    re.DOTALL,
)
"""An object up to «endobj» or «stream», its brackets closed."""
BODY = re.compile(rb"(?>(?:%s|<<|>>|[\[\]])*)" % PART, re.DOTALL)
"""The same, its brackets not counted."""
BRACKET = re.compile(rb"(?>(?:%s)*)(<<|>>|\[|\])" % PART, re.DOTALL)
_BETWEEN = rb"(?:[%s]++|%s[\r\n])" % (BLANK, COMMENT)
NUMBERS = re.compile(rb"[0-9.+-]++(?>%s+)[0-9.+-]++(?>%s*)$" % (_BETWEEN, _BETWEEN))
"""What a reader may take for the two numbers of an object, comments between them."""
MOST_WORDS = 8_000_000  # of one file
LONGEST = 8 * 1024 * 1024  # bytes of one object without its stream; a longer one is odd


@dataclass(frozen=True, slots=True)
class Words:
    """Where in `data` the words «obj» begin and «trailer» end behind which an object may begin."""

    data: Bytes
    objects: "array[int]"
    trailers: "array[int]"


def words_in(data: Bytes) -> Words:
    """The words of the whole file; raises Unreadable: too_heavy.

    Most of a scan is its pictures: a search by the vector instructions of the processor passes them over five times as
    fast as a regular expression does.
    """
    with memoryview(data) as seen:
        objects = array("q", (at for at in _places(seen, OBJECT) if at and seen[at - 1] in AHEAD))
        trailers = array("q", (at + len(TRAILER) for at in _places(seen, TRAILER)))
    if len(objects) + len(trailers) > MOST_WORDS:
        raise Unreadable("too_heavy")
    return Words(data, objects, trailers)


def _places(data: memoryview, word: bytes) -> Iterator[int]:
    at = stringzilla.find(data, word)
    while at >= 0:
        yield at
        at = stringzilla.find(data, word, at + len(word))


def heads(words: Words) -> Iterator[tuple[int, int, int | None]]:
    """Where an object begins and where its value does, and its number; None where that cannot be told."""
    data = words.data
    for at in words.objects:
        first = max(0, at - BEFORE)
        before = data[first:at]
        number = NUMBER.search(before)
        if number is not None and (number.start() > 1 or not first):
            yield first + number.start(), at + len("obj"), int(number[1])
        elif _may_follow_a_number(data, at, before):
            yield at, at + len("obj"), None


def _may_follow_a_number(data: Bytes, at: int, before: bytes) -> bool:
    """Whether a reader may see a number before the word at `at`: `before` it only blanks, or a comment ends there."""
    written = before.rstrip(BLANKS)
    ends_so = not written or written[-1] in DIGITS or _may_end_a_comment(data, at - len(before) + len(written), at)
    return ends_so and _may_hold_two_numbers(data[max(0, at - LINE) : at])


def _may_hold_two_numbers(before: bytes) -> bool:
    """Whether `before` ends in what may be an object's numbers, or in a comment that is longer than is looked at."""
    return NUMBERS.search(before) is not None or not set(b"\r\n").intersection(before.rstrip(BLANKS))


def may_be_another(data: Bytes, begins: int, at: int) -> bool:
    """Whether what looks like an object's number may be the end of a comment behind it."""
    return _may_end_a_comment(data, begins, at)


def _may_end_a_comment(data: Bytes, at: int, end: int) -> bool:
    """Whether a line ends in `data[at:end]` in which a comment may have begun."""
    ends = [each for each in (data.find(b"\n", at, end), data.find(b"\r", at, end)) if each >= 0]
    if not ends:
        return False
    line = data[max(0, min(ends) - LINE) : min(ends)]
    begun = max(line.rfind(b"\n"), line.rfind(b"\r"))
    return b"%" in line[begun + 1 :] or (begun < 0 and len(line) == LINE)


def ended(data: Bytes, at: int) -> tuple[int, bool]:
    """Where the object at `at` ends, and whether readers may find another end."""
    limit = min(at + LONGEST, len(data))
    for each in (CLOSED, BODY):
        body = each.match(data, at, limit)
        assert body is not None
        end = body.end()
        if end == len(data) or data[end : end + 6] in (b"endobj", b"stream"):
            return end, each is BODY and not _is_closed(data, at, end)
    following = data.find(b"endobj", end)
    return (following if following >= 0 else len(data)), True


def _is_closed(data: Bytes, at: int, end: int) -> bool:
    """Whether every bracket there is closed by one of its own."""
    open_: list[bytes] = []
    for each in BRACKET.finditer(data, at, end):
        if each[1] in (b"<<", b"["):
            open_.append(each[1])
        elif not open_ or open_.pop() != (b"<<" if each[1] == b">>" else b"["):
            return False
    return not open_
