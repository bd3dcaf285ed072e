"""What the letters' typeface can draw. PDF/A refuses a text with a character that its font lacks (ISO 19005-2, 6.2.11).

What officials typed must not keep a letter from being set, nor turn the order of what stands around it.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from portal.domain import persian

FONT = Path(__file__).parent / "fonts" / "Vazirmatn-Regular.ttf"  # Bold draws the same characters
HALF_SPACE = "\u200c"
UNKNOWN = "\ufffd"


def drawable(text: str) -> str:
    """`text` on one line in characters of the typeface; «�» for what it lacks, nothing for what is never seen."""
    folded = persian.fold_letters(" ".join(text.split()))
    return "".join(each if each == HALF_SPACE or ord(each) in _characters() else _instead(each) for each in folded)


def _instead(character: str) -> str:
    """Controls and direction marks go; spaces of all widths become one; the rest is shown to be missing."""
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Mn", "Me"}:
        return ""
    return " " if category == "Zs" else UNKNOWN


@cache
def _characters() -> frozenset[int]:
    """The code points of the typeface that show something."""
    codes = _segments(FONT.read_bytes())
    return frozenset(code for code in codes if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Co"})


def _segments(font: bytes) -> Iterator[int]:
    """Code points of the Windows Unicode map (OpenType, `cmap`, platform 3, encoding 1, format 4)."""
    cmap = next(offset for tag, offset in _tables(font) if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    maps = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * each) for each in range(count)]
    start = cmap + next(offset for platform, encoding, offset in maps if (platform, encoding) == (3, 1))
    (twice,) = struct.unpack_from(">H", font, start + 6)
    lasts = struct.unpack_from(f">{twice // 2}H", font, start + 14)
    firsts = struct.unpack_from(f">{twice // 2}H", font, start + 16 + twice)
    for first, last in zip(firsts, lasts, strict=True):
        yield from range(first, last + 1) if last != 0xFFFF else ()


def _tables(font: bytes) -> Iterator[tuple[bytes, int]]:
    (count,) = struct.unpack_from(">H", font, 4)
    for each in range(count):
        tag, _checksum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * each)
        yield tag, offset
