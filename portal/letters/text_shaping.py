"""What the letters' typeface can draw. PDF/A refuses a text with a character that its font lacks (ISO 19005-2, 6.2.11).

What officials typed must not keep a letter from being set, nor turn the order of what stands around it.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from portal.domain import persian

FONT = Path(__file__).parent / "fonts" / "DarajeText-Regular.ttf"  # Bold draws the same characters
HALF_SPACE = "\u200c"
HAMZA = "\u0654"
UNKNOWN = "\ufffd"
HALF_SPACE_STAND_IN, _HAMZA_STAND_IN, _MARK_STAND_IN = "\u0674", "\u08ad", "\u0608"
STAND_INS = {HALF_SPACE_STAND_IN: HALF_SPACE, _HAMZA_STAND_IN: "\u0654", _MARK_STAND_IN: "\u200f"}
"""Letters that do not join and that Persian does not use, blank in the typeface, for what a shaper hides or moves."""
_SPOKEN = str.maketrans(STAND_INS)
_LETTER = r"[\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u0750-\u077f]"
_HALF_SPACE = re.compile(rf"(?<={_LETTER})([\u064b-\u0655\u0670]*)\u200c(?={_LETTER})")
_HAMZA = re.compile(rf"(?<=ه)\u0654(?!{_LETTER})")
# Poppler counts what follows a number, a Latin word, a comma, stop or colon to it, up to the next Persian letter.
_RUN_ENDS = re.compile(
    rf"(?<=[0-9A-Za-z۰-۹٠-٩)\u2069])(?=[ \u00a0.،؛:؟!()«»–-]{{1,4}}{_LETTER})"
    rf"|(?<=[.:،])(?= {_LETTER})|(?<={_LETTER}[.:،])(?=[ \"])|(?<=[۰-۹][.:،])(?= )"
    r"|(?<=[۰-۹\u2069])(?=[.،](?:[\"\\]|$))"
)


def with_stand_ins(text: str) -> str:
    """`text` as it is given to the shaper."""
    return _RUN_ENDS.sub(_MARK_STAND_IN, in_source(text))


def in_source(text: str) -> str:
    """A source of Typst with the stand-ins that can stand in its code: those within words."""
    return _HALF_SPACE.sub(rf"\1{HALF_SPACE_STAND_IN}", _HAMZA.sub(_HAMZA_STAND_IN, text))


def spoken(text: str) -> str:
    """What a text with stand-ins says."""
    return text.translate(_SPOKEN)


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
    return frozenset(code for code in codes if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Co"}) - {
        ord(each) for each in STAND_INS
    }


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
