"""Which letters of a page are in the file's own fonts, and which are shown in another one, or not at all.

The fourteen standard fonts with Latin letters are no matter: every viewer has them, with the same widths. Letters that
are not painted (the text behind a scan) are no matter either.
"""

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from portal.sandbox.child import substitutes
from portal.sandbox.errors import MOST_LETTERS

MOST_OBJECTS = 20_000  # of one page
DEEPEST = 8  # forms within forms
MOST_ANNOTATIONS = 1000
LONGEST_NAME = 256  # bytes, with the zero
UNPAINTED = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
LATIN = {*range(0x250), *range(0x2000, 0x2300), *range(0xFB00, 0xFB05)}  # with punctuation, money and ligatures
BLANK = {*range(0x21), 0xA0, 0xAD, *range(0x2000, 0x2010), 0x202F, 0xFEFF, 0xFFFE}
SYMBOLS = ("Symbol", "ZapfDingbats")


@dataclass(slots=True)
class Found:
    """See `pages.Notes`."""

    is_replaced: bool = False
    is_lacking: bool = False


def of_page(page: pdfium.PdfPage) -> Found:
    """What is found on the page, its forms and its annotations; bounded by `MOST_OBJECTS` and `MOST_LETTERS`."""
    found, names, foreign = Found(), dict[int, str | None](), dict[int, str]()
    for item in islice(_texts(page), MOST_OBJECTS):
        name = _missing(pdfium_c.FPDFTextObj_GetFont(item), names)
        if name is None or pdfium_c.FPDFTextObj_GetTextRenderMode(item) in UNPAINTED:
            continue
        foreign[_address(item)] = name
        found.is_replaced |= name not in substitutes.STANDARD
        found.is_lacking |= substitutes.PICTORIAL in name.lower() and name not in SYMBOLS
    if foreign:
        _look_at_letters(page, foreign, found)
    return found


def _look_at_letters(page: pdfium.PdfPage, foreign: dict[int, str], found: Found) -> None:
    """Completes `found` by the letters of the text objects `foreign`, by their addresses."""
    has = substitutes.letters()
    with closing(page.get_textpage()) as text:
        for at in range(min(text.count_chars(), MOST_LETTERS)):
            name = foreign.get(_address(pdfium_c.FPDFText_GetTextObject(text, at)))
            letter = pdfium_c.FPDFText_GetUnicode(text, at)
            if name is None or name in SYMBOLS:
                continue
            is_standard = name in substitutes.STANDARD
            if not is_standard and pdfium_c.FPDFText_HasUnicodeMapError(text, at) == 1:
                found.is_lacking = True
            elif letter not in BLANK:
                found.is_replaced |= letter not in LATIN
                found.is_lacking |= letter not in has


def _missing(font: object, names: dict[int, str | None]) -> str | None:
    """The name of a font that is not in the file; None for one that is, Type 3 included."""
    if not font:
        return None
    if (at := _address(font)) not in names:
        name = _name(font)
        names[at] = None if pdfium_c.FPDFFont_GetIsEmbedded(font) == 1 or not name else name
    return names[at]


def _name(font: object) -> str:
    buffer = ctypes.create_string_buffer(LONGEST_NAME)
    length = pdfium_c.FPDFFont_GetBaseFontName(font, buffer, LONGEST_NAME)
    return buffer.value.decode("latin-1") if 0 < length <= LONGEST_NAME else ""


def _texts(page: pdfium.PdfPage) -> Iterator[object]:
    """The text objects of the page, of forms on it and of the pictures of its annotations."""
    for at in range(pdfium_c.FPDFPage_CountObjects(page)):
        yield from _within(pdfium_c.FPDFPage_GetObject(page, at), DEEPEST)
    for at in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)):
        mark = pdfium_c.FPDFPage_GetAnnot(page, at)
        for item in range(pdfium_c.FPDFAnnot_GetObjectCount(mark)):
            yield from _within(pdfium_c.FPDFAnnot_GetObject(mark, item), DEEPEST)
        pdfium_c.FPDFPage_CloseAnnot(mark)


def _within(item: object, deep: int) -> Iterator[object]:
    kind = pdfium_c.FPDFPageObj_GetType(item)
    if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
        yield item
    elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and deep:
        for at in range(pdfium_c.FPDFFormObj_CountObjects(item)):
            yield from _within(pdfium_c.FPDFFormObj_GetObject(item, at), deep - 1)


def _address(handle: object) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0  # type: ignore[arg-type]
