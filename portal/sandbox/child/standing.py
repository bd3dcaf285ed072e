"""Every object that stands in a PDF's bytes, whoever refers to it: also those that a later revision freed or replaced.

Parsers disagree about which objects a file has: they follow different tables, and each rebuilds a damaged one in its
own way. So the bytes are searched for whatever any of them could take for an object: behind each word «obj» and
«trailer», and within each object stream (ISO 32000-2, 7.3.10 and 7.5.7). Only what holds a suspicious name is parsed;
the rest is passed over at the speed of a regular expression.
"""

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.sandbox.child import packed as object_streams
from portal.sandbox.child.bodies import BEFORE, BLANKS, LONGEST, Words, ended, heads, may_be_another
from portal.sandbox.child.tokens import (
    BLANK,
    COMMENT,
    DELIMITERS,
    ESCAPED,
    TEXT,
    Bytes,
    Dictionary,
    Ref,
    Value,
    escaped,
    parsed,
    spelled,
)
from portal.sandbox.errors import Unreadable

ACTIVE = frozenset(
    {"JS", "XFA", "EF", "Launch", "EmbeddedFile", "FileAttachment", "RichMedia", "Screen", "Movie", "Sound", "3D"}
    | {"Rendition", "RichMediaExecute", "GoTo3DView"}
)
"""Names of what runs or hides."""
WATCHED = ACTIVE | {"AA", "OpenAction", "PresSteps", "Ref", "Encrypt"}
"""Names without which an object need not be parsed."""


def _names(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"/(?:%s)(?=[%s]|$)" % (b"|".join(name.encode() for name in sorted(names)), DELIMITERS))


OF_ACTIVE, OF_WATCHED = _names(ACTIVE), _names(WATCHED)
ASIDE = re.compile(rb"%s|%s" % (TEXT, COMMENT), re.DOTALL)
REST = re.compile(rb"(?>(?:[%s]++|%s)*)" % (BLANK, COMMENT))
MOST_BODIES = 4  # times the file's size that all bodies together may have: words within words
MOST_CANDIDATES = 64  # objects of one number

Decode = Callable[[int, int], bytes | None]


@dataclass(slots=True)
class Standing:
    """What the bytes hold. `suspects` are the objects to be judged."""

    data: Bytes
    is_encrypted: bool
    suspects: list[Value] = field(default_factory=list)
    packed: list[tuple[bytes, int, list[int]]] = field(default_factory=list)
    containers: list[tuple[Dictionary, bytes | None]] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)
    odd: int | None = None
    """Where the first object begins of which readers do not agree where it ends."""
    _numbers: "array[int]" = field(default_factory=lambda: array("q"))
    _places: "array[int]" = field(default_factory=lambda: array("q"))
    _strays: list[int] = field(default_factory=list)
    _index: dict[int, list[tuple[Bytes, int]]] | None = None
    _left: int = 0
    _to_look_up: int = 0

    def of(self, number: int) -> list[Value]:
        """Whatever stands under this number, in the order of the bytes, that of object streams last.

        Raises:
            Unreadable: too_heavy.
        """
        if self._index is None:
            self._index = {}
            for each, place in zip(self._numbers, self._places, strict=True):
                self._index.setdefault(each, []).append((self.data, place))
            for content, first, pairs in self.packed:
                for each, place in zip(pairs[::2], pairs[1::2], strict=False):
                    self._index.setdefault(each, []).append((content, first + place))
            self._to_look_up = MOST_BODIES * (len(self.data) + sum(len(each) for each, _, _ in self.packed)) + LONGEST
        found = self._index.get(number, [])
        if len(found) > MOST_CANDIDATES:
            raise Unreadable("too_heavy")
        return [self._looked_up(data, at) for data, at in found]

    def _looked_up(self, data: Bytes, at: int) -> Value:
        each = parsed(data, at, len(data))
        self._to_look_up -= each.end - at
        if self._to_look_up < 0:
            raise Unreadable("too_heavy")
        return each.value

    def meant(self, value: Value) -> list[Value]:
        """What `value` may stand for: itself, or whatever stands under the number that it names, or that names.

        Raises:
            Unreadable: too_heavy.
        """
        found: list[Value] = []
        waiting, looked_up = [value], set[int]()
        while waiting:
            now = waiting.pop()
            if not isinstance(now, Ref):
                found.append(now)
            elif now.number not in looked_up:
                looked_up.add(now.number)
                waiting += [*self.of(now.number), *self._of_no_number()]
                if len(looked_up) > MOST_CANDIDATES:
                    raise Unreadable("too_heavy")
        return found

    def _of_no_number(self) -> list[Value]:
        if len(self._strays) > MOST_CANDIDATES:
            raise Unreadable("too_heavy")
        return [self._looked_up(self.data, at) for at in self._strays]

    def is_empty(self, stream: Dictionary) -> bool:
        """Whether a stream holds nothing, as it says and as it is."""
        at = stream.content
        behind = b"" if at is None else self.data[at : at + BEFORE].lstrip(BLANKS)
        return stream.get("Length") == [0] and behind.startswith(b"endstream")


def standing(words: Words, decode: Decode, *, is_encrypted: bool) -> Standing:
    """Searches the whole file, also what stands before its header and behind its end, by its `words`.

    `decode` gives the content of the stream whose object has this number and begins at this offset, where the other
    parser knows it so; None where it does not. `is_encrypted` says whether that parser holds the file to be so.

    Raises:
        Unreadable: broken for an object stream that nobody can open, or a suspect whose syntax is odd; too_heavy.
    """
    data = words.data
    found = Standing(data, is_encrypted, _left=MOST_BODIES * len(data) + LONGEST)
    for begins, at, number in heads(words):
        end, is_odd = ended(data, at)
        _spend(found, end - at)
        if number is not None:
            found._numbers.append(number)
            found._places.append(at)
        if number is None or may_be_another(data, begins, at):
            found._strays.append(at)
        if is_odd and (found.odd is None or at < found.odd):
            found.odd = at
        _take(found, decode, begins, at, end, number)
    for at in words.trailers:
        end, is_odd = ended(data, at)
        _spend(found, end - at)
        if is_odd and (found.odd is None or at < found.odd):
            found.odd = at
        if is_suspicious(data, at, end):
            _suspect(found, at)
    for about, known in found.containers:
        _take_stream(found, about, known)
    found._index = None
    if found.odd is not None:
        _require_clear(found, found.odd)
    return found


def _spend(found: Standing, count: int) -> None:
    found._left -= count
    if found._left < 0:
        raise Unreadable("too_heavy")


def _require_clear(found: Standing, odd: int) -> None:
    """Refuses a file where readers find another end of the object at `odd`, and may meet a name of `ACTIVE` behind it.

    Raises:
        Unreadable: broken, for a name that is in none of the objects that are judged.
    """
    _require_judged(_places(OF_ACTIVE, ACTIVE, found.data, odd), found.taken)
    for begins, end in found.taken:
        for aside in ASIDE.finditer(found.data, begins, end):
            if _places(OF_ACTIVE, ACTIVE, found.data, aside.start(), aside.end()):
                raise Unreadable("broken")


def _require_judged(places: list[int], taken: list[tuple[int, int]]) -> None:
    """Refuses what has a name at one of `places`, in order, that no object in `taken` holds."""
    judged = 0  # up to here
    waiting = sorted(taken, reverse=True)
    for at in places:
        while waiting and waiting[-1][0] <= at:
            judged = max(judged, waiting.pop()[1])
        if at >= judged:
            raise Unreadable("broken")


def _places(
    written: re.Pattern[bytes], names: frozenset[str], data: Bytes, at: int, end: int | None = None
) -> list[int]:
    """Where one of `names` stands, `written` plainly or with escapes."""
    end = len(data) if end is None else end
    hidden = (each.start() for each in ESCAPED.finditer(data, at, end) if spelled(each[1]) in names)
    return sorted([*(each.start() for each in written.finditer(data, at, end)), *hidden])


def is_suspicious(data: Bytes, at: int, end: int) -> bool:
    """Whether a name of `WATCHED` stands there, spelled in whatever way."""
    return OF_WATCHED.search(data, at, end) is not None or any(name in WATCHED for name in escaped(data, at, end))


def _take(found: Standing, decode: Decode, begins: int, at: int, end: int, number: int | None) -> None:
    data = found.data
    if is_suspicious(data, at, end):
        behind = _suspect(found, at)
        if behind < end and REST.fullmatch(data, behind, end) is None:
            raise Unreadable("broken")  # more than one value: who knows which counts
    if data[end : end + 6] == b"stream" and object_streams.has_a_key(data, at, end):
        about = parsed(data, at, len(data)).value
        if isinstance(about, Dictionary) and about.content is not None:
            if "F" in about:
                found.suspects.append(about)
            if "N" in about or "First" in about:
                _put_aside(found, about, decode(number, begins) if number is not None else None)


def _put_aside(found: Standing, about: Dictionary, known: bytes | None) -> None:
    """Takes an object stream, or keeps it until all lengths are known; raises Unreadable: broken for half a one."""
    if object_streams.is_one(about) and (object_streams.filters(about) or about.numbers("Length")):
        _take_stream(found, about, known)
    elif object_streams.is_one(about):
        found.containers.append((about, known))
    elif known is not None and object_streams.is_begun(known):
        raise Unreadable("broken")  # some readers need no more than that to look for objects in it


def _suspect(found: Standing, at: int) -> int:
    """Puts the object at `at` among those to be judged; where it ends."""
    each = parsed(found.data, at, len(found.data))
    found.suspects.append(each.value)
    found.taken.append((at, each.end))
    return each.end


def _take_stream(found: Standing, about: Dictionary, known: bytes | None) -> None:
    """The objects of an object stream, as the other parser unpacks it and as its bytes lie there."""
    object_streams.require_plain(about)
    if known is None and found.is_encrypted:
        raise Unreadable("broken")  # nobody here has its key
    for content in {known, _raw(found, about, known)} - {None}:
        assert content is not None
        if sum(len(each) for each, _, _ in found.packed) + len(content) > object_streams.MOST_INFLATED:
            raise Unreadable("too_heavy")
        _take_packed(found, content, about)


def _raw(found: Standing, about: Dictionary, known: bytes | None) -> bytes | None:
    """What a stream holds, its bytes taken as they lie; None where they are encrypted.

    Raises:
        Unreadable: broken, too_heavy.
    """
    assert about.content is not None
    if not object_streams.filters(about):
        return _unpacked(found, about, about.content)
    try:
        return object_streams.inflated(found.data, about.content, len(found.data))
    except Unreadable as error:
        if error.code == "broken" and found.is_encrypted and known is not None:
            return None
        raise


def _unpacked(found: Standing, about: Dictionary, at: int) -> bytes:
    """As long as it says that it is; raises Unreadable: broken where it does not end there."""
    lengths = [each for value in about.get("Length", ()) for each in found.meant(value) if type(each) is int]
    behind = at + max(lengths, default=0)
    if not found.data[behind : behind + BEFORE].lstrip(BLANKS).startswith(b"endstream"):
        raise Unreadable("broken")
    return found.data[at:behind]


def _take_packed(found: Standing, content: bytes, about: Dictionary) -> None:
    """The objects of an object stream, whose head names number and place of each."""
    pairs, first = object_streams.pairs(content, about), about.numbers("First")[0]
    found.packed.append((content, first, pairs))
    if not is_suspicious(content, 0, len(content)):
        return
    taken: list[tuple[int, int]] = []
    for place in sorted({first + each for each in pairs[1::2]} | {first}):
        if place < len(content):
            each = parsed(content, place, len(content))
            _spend(found, each.end - place)
            found.suspects.append(each.value)
            taken.append((place, each.end))
    _require_judged(_places(OF_WATCHED, WATCHED, content, 0), taken)
