"""Object streams (ISO 32000-2, 7.5.7): what they hold, as whatever reader may unpack them.

Readers disagree about a stream that is written in an unusual way: which of two filters counts, whether `5.0` is a whole
number, where a number of twelve digits ends. So one that no program would write is refused.
"""

import re
import zlib
from itertools import islice

from portal.sandbox.child.tokens import BLANK, DELIMITERS, Bytes, Dictionary, Value, escaped
from portal.sandbox.errors import Unreadable

KEYS = re.compile(rb"/(?:F|N|First)(?=[%s]|$)" % DELIMITERS)
HEAD = re.compile(rb"(?>(?:[%s]*+[0-9]{1,10}(?=[%s]|$))*)" % (BLANK, DELIMITERS))
BEGUN = re.compile(rb"[%s]*+[0-9]++[%s]++[0-9]" % (BLANK, BLANK))
NUMBERS = re.compile(rb"[0-9]++")
OTHER_KEYS = ("F", "FFilter", "FDecodeParms", "DP")  # of a file outside, and as abbreviated by some
MOST_INFLATED = 256 * 1024 * 1024  # bytes of all object streams together
PIECE = 65_536


def has_a_key(data: Bytes, at: int, end: int) -> bool:
    """Whether the dictionary of a stream has a key that object streams have, or streams whose data lie elsewhere."""
    return KEYS.search(data, at, end) is not None or any(name in ("F", "N", "First") for name in escaped(data, at, end))


def is_one(about: Dictionary) -> bool:
    """Whether a reader would look for objects in it: some do not ask for /Type, and some not for /First."""
    return "ObjStm" in about.names("Type") or "First" in about


def require_plain(about: Dictionary) -> None:
    """Refuses an object stream that readers may unpack in different ways; raises Unreadable: broken."""
    keys = ("Type", "First", "N", "Length", "Filter", "DecodeParms")
    if any(len(about.get(key, ())) > 1 for key in keys) or any(key in about for key in OTHER_KEYS):
        raise Unreadable("broken")
    if not (about.numbers("First") and about.numbers("N")) or filters(about) not in ([], ["FlateDecode"], ["Fl"]):
        raise Unreadable("broken")
    if any(each is not None for each in about.get("DecodeParms", ())):
        raise Unreadable("broken")


def filters(about: Dictionary) -> list[Value]:
    """The filters of a stream, the outermost first."""
    return [each for value in about.get("Filter", []) for each in (value if isinstance(value, list) else [value])]


def pairs(content: bytes, about: Dictionary) -> list[int]:
    """Number and place of each object, in turns; raises Unreadable: broken where readers may count otherwise."""
    head = HEAD.match(content)
    assert head is not None
    count, first = 2 * about.numbers("N")[0], about.numbers("First")[0]
    found = list(islice(NUMBERS.finditer(content, 0, head.end()), count))
    if len(found) < count or (found and found[-1].end() > first):
        raise Unreadable("broken")
    return [int(each[0]) for each in found]


def is_begun(content: bytes) -> bool:
    """Whether it begins as an object stream does."""
    return BEGUN.match(content) is not None


def inflated(data: Bytes, at: int, end: int) -> bytes:
    """What is packed from `at` on, however long it says that it is; raises Unreadable: broken, too_heavy."""
    unpacked, content = zlib.decompressobj(), bytearray()
    try:
        while at < end and not unpacked.eof:
            content += unpacked.decompress(data[at : min(at + PIECE, end)])
            at += PIECE
            if len(content) >= MOST_INFLATED:
                raise Unreadable("too_heavy")
    except zlib.error as error:
        raise Unreadable("broken") from error
    return bytes(content)


def is_whole(data: Bytes, at: int, end: int) -> bool:
    """Whether what is packed in `data[at:end]` comes to its end there, or is more than is looked at."""
    left, unpacked = MOST_INFLATED, zlib.decompressobj()
    try:
        while at < end and not unpacked.eof and left > 0:
            left -= len(unpacked.decompress(data[at : min(at + PIECE, end)]))
            at += PIECE
    except zlib.error:
        return False
    return unpacked.eof or left <= 0
