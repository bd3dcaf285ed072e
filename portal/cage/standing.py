"""Every object that stands in a PDF's bytes, whoever refers to it: also those that a later revision freed or replaced.

Parsers disagree about which objects a file has: they follow different tables, and each rebuilds a damaged one in its
own way. So the bytes are searched for whatever any of them could take for an object: behind each word «obj» and
«trailer», and within each object stream (ISO 32000-2, 7.3.10 and 7.5.7). Only what holds a suspicious name is parsed;
the rest is passed over at the speed of a regular expression.
"""

import re
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portal.cage.faults import Unreadable
from portal.cage.tokens import (
    BLANK,
    COMMENT,
    DELIMITERS,
    HEX,
    NAME,
    TEXT,
    WORD,
    Bytes,
    Dictionary,
    Value,
    parsed,
    spelled,
)
from portal.cage.window import Window

WATCHED = frozenset(
    {"JS", "XFA", "EF", "AA", "OpenAction", "Launch", "EmbeddedFile", "FileAttachment", "ObjStm"}
    | {"RichMedia", "Screen", "Movie", "Sound", "3D", "Rendition", "RichMediaExecute", "GoTo3DView"}
)
"""Names without which an object need not be parsed."""
SUSPICIOUS = re.compile(
    rb"/(?:%s)(?=[%s]|$)|/First[%s]*+[0-9]++(?![%s]++[0-9]++[%s]++R)"
    % (b"|".join(name.encode() for name in sorted(WATCHED)), DELIMITERS, BLANK, BLANK, BLANK)
)
ESCAPED = re.compile(rb"/([^%s#]{0,64}#[^%s]{0,64})" % (DELIMITERS, DELIMITERS))
OBJECT, TRAILER = re.compile(rb"obj"), re.compile(rb"trailer")
NUMBER = re.compile(rb"([0-9]{1,20})[%s]+[0-9]{1,20}[%s]*$" % (BLANK, BLANK))
BEFORE, LINE = 64, 4096  # bytes before the word «obj» in which its number stands, and a comment before it begins
BODY = re.compile(
    rb"(?:[%s\[\]{}]++|%s|<<|>>|%s|%s|%s|(?!(?:endobj|stream)(?:[%s]|$))%s)*+"
    % (BLANK, NAME, HEX, TEXT, COMMENT, DELIMITERS, WORD),
    re.DOTALL,
)
"""An object up to «endobj» or «stream»."""
LONGEST = 8 * 1024 * 1024  # bytes of one object without its stream; a longer one is odd
MOST_BODIES = 4  # times the file's size that all bodies together may have: words within words
MOST_CANDIDATES = 64  # objects of one number
MOST_INFLATED = 256 * 1024 * 1024  # bytes of all object streams together

Decode = Callable[[int, int], bytes | None]


@dataclass(slots=True)
class Standing:
    """What the bytes hold. `suspects` are the objects to be judged."""

    seen: Window
    suspects: list[Value] = field(default_factory=list)
    packed: list[tuple[bytes, int, list[int]]] = field(default_factory=list)
    _numbers: "array[int]" = field(default_factory=lambda: array("q"))
    _places: "array[int]" = field(default_factory=lambda: array("q"))
    _index: dict[int, list[tuple[Bytes, int]]] | None = None
    _left: int = 0

    def of(self, number: int) -> list[Value]:
        """Whatever stands under this number, in the order of the bytes, that of object streams last.

        Raises:
            Unreadable: too_heavy.
        """
        if self._index is None:
            self._index = {}
            for each, place in zip(self._numbers, self._places, strict=True):
                self._index.setdefault(each, []).append((self.seen.data, place))
            for content, first, pairs in self.packed:
                for each, place in zip(pairs[::2], pairs[1::2], strict=False):
                    self._index.setdefault(each, []).append((content, first + place))
        found = self._index.get(number, [])
        if len(found) > MOST_CANDIDATES:
            raise Unreadable("too_heavy")
        return [parsed(data, at, self.seen.end if data is self.seen.data else len(data)).value for data, at in found]


def standing(seen: Window, decode: Decode) -> Standing:
    """Searches the window. `decode` gives the content of the stream whose object has this number and begins at this

    offset of the file, where the other parser knows it so; None where it does not.

    Raises:
        Unreadable: broken for an object stream that nobody can open, or a suspect whose syntax is odd; too_heavy.
    """
    found = Standing(seen, _left=MOST_BODIES * len(seen) + LONGEST)
    for begins, at, number in _heads(seen):
        end, is_odd = _end(seen, at)
        _spend(found, end - at)
        if number is not None:
            found._numbers.append(number)
            found._places.append(at)
        if is_suspicious(seen.data, at, end):
            if is_odd:
                raise Unreadable("broken")
            _take(found, decode, begins, at, number)
    return found


def _spend(found: Standing, count: int) -> None:
    found._left -= count
    if found._left < 0:
        raise Unreadable("too_heavy")


def _heads(seen: Window) -> Iterator[tuple[int, int, int | None]]:
    """Where an object begins and where its value does, and its number; None where that cannot be told."""
    data = seen.data
    for word in OBJECT.finditer(data, seen.start, seen.end):
        at = word.start()
        if data[at - 1] not in b"0123456789\0\t\n\f\r ":
            continue
        first = max(seen.start, at - BEFORE)
        if number := NUMBER.search(data[first:at]):
            yield first + number.start(), word.end(), int(number[1])
        elif data[at - 1] in b"\r\n" and b"%" in data[max(seen.start, at - LINE) : at]:
            yield at, word.end(), None  # a comment between the number and the word
    for word in TRAILER.finditer(data, seen.start, seen.end):
        yield word.start(), word.end(), None


def _end(seen: Window, at: int) -> tuple[int, bool]:
    """Where the object at `at` ends, and whether its syntax is odd."""
    body = BODY.match(seen.data, at, min(at + LONGEST, seen.end))
    end = body.end() if body else at
    if end == seen.end or seen.data[end : end + 6] in (b"endobj", b"stream"):
        return end, False
    following = seen.data.find(b"endobj", end, seen.end)
    return (following if following >= 0 else seen.end), True


def is_suspicious(data: Bytes, at: int, end: int) -> bool:
    """Whether a name of `WATCHED` stands there, spelled in whatever way."""
    return SUSPICIOUS.search(data, at, end) is not None or any(
        spelled(each[1]) in WATCHED for each in ESCAPED.finditer(data, at, end)
    )


def _take(found: Standing, decode: Decode, begins: int, at: int, number: int | None) -> None:
    value = parsed(found.seen.data, at, found.seen.end).value
    found.suspects.append(value)
    if isinstance(value, Dictionary) and value.content is not None and _is_object_stream(value):
        content = decode(number, begins) if number is not None else None
        _take_stream(found, value, _inflated(found, value) if content is None else content)


def _is_object_stream(about: Dictionary) -> bool:
    return "ObjStm" in about.names("Type") or bool(about.numbers("First") and "N" in about)


def _inflated(found: Standing, about: Dictionary) -> bytes:
    """The content of an object stream that the other parser does not know: packed plainly, or it is refused."""
    assert about.content is not None
    data, at = found.seen.data, about.content
    filters = [each for value in about.get("Filter", []) for each in (value if isinstance(value, list) else [value])]
    if not filters:
        end = data.find(b"endstream", at, found.seen.end)
        return data[at : end if end >= 0 else found.seen.end]
    if filters != ["FlateDecode"] or about.get("DecodeParms"):
        raise Unreadable("broken")
    unpacked = zlib.decompressobj()
    content = bytearray()
    try:
        while at < found.seen.end and not unpacked.eof and len(content) <= MOST_INFLATED:
            content += unpacked.decompress(data[at : min(at + 65_536, found.seen.end)])
            at += 65_536
    except zlib.error as error:
        raise Unreadable("broken") from error
    return bytes(content)


def _take_stream(found: Standing, about: Dictionary, content: bytes) -> None:
    """The objects of an object stream, whose head names number and place of each."""
    if sum(len(each) for each, _, _ in found.packed) + len(content) > MOST_INFLATED:
        raise Unreadable("too_heavy")
    for first in about.numbers("First"):
        pairs = [int(each) for each in re.findall(rb"[0-9]{1,10}", content[: max(0, first)])]
        found.packed.append((content, first, pairs))
        if not is_suspicious(content, 0, len(content)):
            continue
        for place in sorted({first + each for each in pairs[1::2]} | {first}):
            if place < len(content):
                each = parsed(content, place, len(content))
                _spend(found, each.end - place)
                found.suspects.append(each.value)
