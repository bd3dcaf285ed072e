"""Faces for fonts that are not in a file, handed to PDFium from memory: a caged child opens no files.

PDFium asks by name, weight and kind (fpdf_sysfontinfo.h), and for a letter that a font lacks it asks for Helvetica.
It looks for a letter in the one face that it was given, so that each face here holds Latin and Persian letters.
"""

import ctypes
from functools import cache
from pathlib import Path

import pypdfium2.raw as pdfium_c
import uharfbuzz

FONTS = Path(__file__).parent / "fonts"
FACES = ("Sans-Regular", "Sans-Bold", "Serif-Regular", "Serif-Bold")
ROMAN = 16  # FXFONT_FF_ROMAN among the bits of a pitch
BOLD = range(600, 901)  # weights; PDFium makes others of the width of stems, which some programs write wrongly
OWN = ("courier", "symbol", "zapfdingbats")  # names that PDFium serves from faces of its own
PICTORIAL = "dings"  # Wingdings, Webdings: what stands at their codes is no letter
STANDARD = frozenset(
    {
        *(f"Courier{each}" for each in ("", "-Bold", "-Oblique", "-BoldOblique")),
        *(f"Helvetica{each}" for each in ("", "-Bold", "-Oblique", "-BoldOblique")),
        *(f"Times-{each}" for each in ("Roman", "Bold", "Italic", "BoldItalic")),
        "Symbol",
        "ZapfDingbats",
    }
)
"""Fonts that every viewer brings along, all with the same widths (ISO 32000-1, 9.6.2.2)."""


@cache
def face(name: str) -> bytes:
    """A TrueType file of `FACES`."""
    return (FONTS / f"{name}.ttf").read_bytes()


@cache
def letters() -> frozenset[int]:
    """The code points that every face has."""
    return frozenset.intersection(*(frozenset(uharfbuzz.Face(face(each)).unicodes) for each in FACES))


def _chosen(name: str, weight: int, pitch: int) -> int | None:
    """The number of the face in `FACES`, from 1, that stands in for a font; None where PDFium has its own."""
    plain = name.lower()
    if plain.startswith(OWN):
        return None
    is_serif = bool(pitch & ROMAN) or "times" in plain
    return 1 + 2 * is_serif + (weight in BOLD or "bold" in plain)


def _map_font(_info: object, weight: int, _i: int, _c: int, pitch: int, name: object, _e: object) -> int | None:
    raw = name if isinstance(name, bytes) else ctypes.string_at(name) if name else b""  # type: ignore[arg-type]
    return _chosen(raw.decode("latin-1"), weight, pitch)


def _font_data(_info: object, number: int, table: int, buffer: int, size: int) -> int:
    """Copies a whole face into `buffer`, if it is large enough; the size in bytes. Single tables are not served."""
    if table or not number:
        return 0
    data = face(FACES[number - 1])
    if buffer and size >= len(data):
        ctypes.memmove(buffer, data, len(data))
    return len(data)


def _nothing(*_: object) -> None:
    return None


def _zero(*_: object) -> int:
    return 0


@cache
def install() -> object:
    """Gives PDFium the faces, once for this process; what is returned must live as long as PDFium does."""
    info = pdfium_c.FPDF_SYSFONTINFO(version=2)  # version 2: EnumFonts is not called
    calls = {
        "Release": _nothing,
        "MapFont": _map_font,
        "GetFont": _nothing,
        "GetFontData": _font_data,
        "GetFaceName": _zero,
        "GetFontCharset": _zero,
        "DeleteFont": _nothing,
    }
    types = dict(pdfium_c.FPDF_SYSFONTINFO._fields_)
    for name, call in calls.items():
        setattr(info, name, types[name](call))
    for each in FACES:
        face(each)
    letters()
    pdfium_c.FPDF_SetSystemFontInfo(ctypes.byref(info))
    return info
