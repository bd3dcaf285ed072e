"""Pictures that lack their last bytes alone: viewers show them whole, and so do we once it is proved that they are.

JPEG after ITU-T T.81 (annex B: markers; annex G: progressive), PNG after ISO/IEC 15948 (5: chunks).
"""

import hashlib
import mmap
import random
import re
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from portal.sandbox.errors import Unreadable

END = b"\xff\xd9"
SCAN, QUANTA, FRAMES = 0xDA, 0xDB, (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive; all with Huffman's codes
ALONE = (0x01, *range(0xD0, 0xD9))  # markers without a length
BEHIND = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # the marker that ends a scan's data
SHORTEST = 6  # bytes of a scan's header behind its length: one component
COEFFICIENTS = 64
FIRST = ((0x2D, 0), (0xB4, 3))  # of each noise: its first byte, and the number of its first restart marker
FILLING = 4  # bytes at the end that cannot all be without meaning
DC, AC = 4, 8  # weights by which a step of a coefficient is a step of the picture, and pure white is far from its edge
PNG_BEGIN, PNG_END = 8, b"IEND"
ROWS = 256  # that are hashed at a time


Data = mmap.mmap | bytearray


@dataclass
class _Walk:
    """What the markers of a JPEG say.

    `quanta`: where tables of weights begin and end. `fine`: for each component, how many low bits each of its
    coefficients still lacks. `is_open`: the file ends within the data of a scan.
    """

    quanta: list[tuple[int, int]] = field(default_factory=list)
    fine: dict[int, list[int | None]] = field(default_factory=dict)
    is_open: bool = False


def mended(data: mmap.mmap, media_type: str) -> tuple[str, ...]:
    """What `completed` adds, in words of `MENDS`, once it is proved that nothing else is missing.

    Raises:
        Unreadable: cut_off; or what a decoder raises.
    """
    if media_type == "image/png":
        return ("png_end",) if _lacks_last_chunk(data) else ()  # Pillow itself asks for every row
    if media_type != "image/jpeg" or not (walk := _unended(data)):
        return ()
    is_fine = walk.fine and not any(None in each or any(each) for each in walk.fine.values())
    if not is_fine or not _is_whole(_weighed(data, walk)):
        raise Unreadable("cut_off")
    return ("jpeg_end",)


def completed(data: mmap.mmap, media_type: str) -> bytes:
    """The bytes to decode: a JPEG that ends within a scan gets its last marker."""
    if media_type == "image/jpeg" and _unended(data):
        return _with(data, END)
    return data[:]


def _with(data: Data, tail: bytes, without: int = 0) -> bytes:
    """The data of the last scan, less its last `without` bytes, and then `tail`. A half marker at the end goes."""
    end = len(data) - data[-1:].count(b"\xff") - without
    with memoryview(data) as whole, whole[:end] as kept:
        return b"".join((kept, tail))


def _unended(data: mmap.mmap) -> _Walk | None:
    """The walk through a JPEG that ends within the data of a scan; None for every other."""
    if data[-2:] == END:
        return None
    walk = _walk(data)
    return walk if walk.is_open else None


def _walk(data: mmap.mmap) -> _Walk:
    walk, at = _Walk(), 2
    while found := BEHIND.search(data, at):
        marker, at = found[0][-1], found.end()
        if marker == END[1]:
            break
        if marker in ALONE:
            continue
        body = data[at + 2 : (at := at + int.from_bytes(data[at : at + 2]))]
        if marker == QUANTA:
            walk.quanta.append((at - len(body), at))
        elif marker in FRAMES:
            walk.fine = {each: [None] * COEFFICIENTS for each in body[6::3]}
        elif marker == SCAN and len(body) >= SHORTEST:
            _note_scan(walk, body)
            walk.is_open = at < len(data) and BEHIND.search(data, at) is None
    return walk


def _note_scan(walk: _Walk, body: bytes) -> None:
    """After T.81, B.2.3: components, the first and last coefficient, and the low bits that are left for later."""
    first, last, bits = body[-3:]
    for component in body[1:-3:2]:
        if component in walk.fine:
            walk.fine[component][first : last + 1] = [bits & 15] * (last + 1 - first)


def _weighed(data: mmap.mmap, walk: _Walk) -> bytearray:
    """The same coefficients, with weights by which no change of one is lost in rounding, or in pure black or white."""
    weighed = bytearray(data)
    for begin, end in walk.quanta:
        while begin < end:
            width = 2 if weighed[begin] >> 4 else 1
            table = range(begin + width, begin + 1 + width * COEFFICIENTS, width)  # the low bytes, DC first
            for at in table:
                weighed[at] = AC if at > table[0] else min(weighed[at], DC) if width == 1 else DC
            begin += 1 + width * COEFFICIENTS
    return weighed


def _is_whole(data: bytearray) -> bool:
    """Whether no bit behind the end could change the picture, while those before it do.

    A decoder that still waits for data takes noise for it, at the end of the data or behind any restart marker. And a
    file that was filled up, with zeros for example, would not change by the loss of its last bytes.
    """
    one, other = (_noise(*each) for each in FIRST)
    whole = _digest(_with(data, one))
    if not whole or _digest(_with(data, other)) != whole:
        return False
    return any(_digest(_with(data, each, without=FILLING)) != whole for each in (one, other))


def _noise(begin: int, restart: int) -> bytes:
    """Data that goes on behind each of the eight restart markers.

    A decoder passes over all of it where the first marker it meets is one or two ahead of the one that it expects
    (jdmarker.c, `jpeg_resync_to_restart`); so the two begin with markers for which this is never so at once.
    """
    chance = random.Random(begin)  # noqa: S311
    bits = bytes([begin, *(chance.randrange(0xFF) for _ in range(60))])
    return bits + b"".join(bytes([0xFF, 0xD0 + (restart + each) % 8]) + bits for each in range(8)) + END


def _digest(content: bytes) -> bytes:
    """A fingerprint of the picture at its full size; empty for what cannot be decoded."""
    try:
        image = Image.open(BytesIO(content), formats=["JPEG"])
        image.load()
    except OSError:
        return b""
    digest = hashlib.blake2b()
    for top in range(0, image.height, ROWS):
        digest.update(image.crop((0, top, image.width, min(top + ROWS, image.height))).tobytes())
    return digest.digest()


def _lacks_last_chunk(data: mmap.mmap) -> bool:
    at = PNG_BEGIN
    while at + 8 <= len(data):
        if data[at + 4 : at + 8] == PNG_END:
            return False
        at += 12 + int.from_bytes(data[at : at + 4])
    return True
