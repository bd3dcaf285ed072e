"""Active content in a PDF, found by walking every object with a second parser (qpdf): PDFium does not list it all.

Names and types after ISO 32000-2, 12.6 (actions), 7.11 (file specifications), 13 (multimedia), and XFA.
"""

import mmap
import re
from collections.abc import Iterable
from typing import BinaryIO, cast

import pikepdf

from portal.cage.faults import MOST_PIXELS, Unreadable

KEYS = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/XFA": "scripts",
    "/EmbeddedFiles": "embedded_files",
    "/EF": "embedded_files",
    "/RichMediaContent": "embedded_files",
}
TYPES = {  # by the value of /S, /Type or /Subtype
    "/JavaScript": "scripts",
    "/Launch": "launch_actions",
    "/GoToR": "launch_actions",
    "/GoToE": "launch_actions",
    "/SubmitForm": "launch_actions",
    "/ImportData": "launch_actions",
    "/EmbeddedFile": "embedded_files",
    "/FileAttachment": "embedded_files",
    "/RichMedia": "embedded_files",
    "/Rendition": "embedded_files",
    "/Screen": "embedded_files",
    "/Movie": "embedded_files",
    "/Sound": "embedded_files",
    "/3D": "embedded_files",
}
TYPED = ("/S", "/Type", "/Subtype")
NUMBER = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+$")
BEFORE = 32  # bytes before the word «obj» in which its number stands
SMALLEST = 3  # bytes of a file for each number, at least: what qpdf grants
MOST_NESTED = 2_000_000  # direct objects of one file


def require_passive(file: mmap.mmap, pages: int) -> None:
    """Walks every object of the PDF in `file`, in which PDFium counted `pages`.

    qpdf drops objects whose number is greater than so small a file can hold, and says nothing; another reader might
    not. Such a number makes a file broken, wherever it stands.

    Raises:
        Unreadable: scripts, launch_actions, embedded_files; absurd_dimensions; broken where the parsers disagree.
    """
    try:
        with pikepdf.open(cast(BinaryIO, file), suppress_warnings=True) as pdf:
            if len(pdf.pages) != pages:
                raise Unreadable("broken")
            highest, budget = 0, MOST_NESTED
            for top in _each(pdf):
                highest = max(highest, top.objgen[0])
                budget = _walk(top, budget)
                _require_numbers(top, len(file) // SMALLEST)
        _require_heads(file, highest)
    except pikepdf.PasswordError as error:
        raise Unreadable("encrypted") from error
    except pikepdf.PdfError as error:
        raise Unreadable("broken") from error


def _each(pdf: pikepdf.Pdf) -> Iterable[pikepdf.Object]:
    yield pdf.trailer
    yield from pdf.objects


def _require_numbers(top: pikepdf.Object, most: int) -> None:
    """Refuses a trailer or a stream of cross-references that speaks of numbers beyond `most`."""
    if not isinstance(top, (pikepdf.Dictionary, pikepdf.Stream)) or "/Size" not in top or "/Root" not in top:
        return
    spans = [int(each) for each in top.get("/Index", [])]
    ends = [first + count for first, count in zip(spans[::2], spans[1::2], strict=False)]
    if max([int(top.Size), *ends]) > most:
        raise Unreadable("broken")


def _require_heads(file: mmap.mmap, highest: int) -> None:
    """Refuses an object that stands in the file under a number that qpdf does not know."""
    at = file.find(b"obj")
    while at >= 0:
        if (found := NUMBER.search(file[max(0, at - BEFORE) : at])) and int(found[1]) > highest:
            raise Unreadable("broken")
        at = file.find(b"obj", at + 3)


def _walk(top: pikepdf.Object, budget: int) -> int:
    """Looks at `top` and whatever it holds directly; what it points at has its own turn."""
    waiting = [top]
    while waiting:
        if (budget := budget - 1) < 0:
            raise Unreadable("too_heavy")
        now = waiting.pop()
        if isinstance(now, (pikepdf.Dictionary, pikepdf.Stream)):
            held = dict(now.items())
            _require_harmless(held)
            waiting += [each for each in held.values() if _is_direct(each)]
        elif isinstance(now, pikepdf.Array):
            waiting += [each for each in now if _is_direct(each)]
    return budget


def _is_direct(value: object) -> bool:
    return isinstance(value, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)) and not value.is_indirect


def _require_harmless(held: dict[str, pikepdf.Object]) -> None:
    for key in held.keys() & KEYS.keys():
        raise Unreadable(KEYS[key])
    for key in TYPED:
        if isinstance(named := held.get(key), pikepdf.Name) and str(named) in TYPES:
            raise Unreadable(TYPES[str(named)])
    if held.get("/Subtype") == pikepdf.Name("/Image"):
        _require_size(held.get("/Width"), held.get("/Height"))


def _require_size(across: object, down: object) -> None:
    if isinstance(across, int) and isinstance(down, int) and across * down > MOST_PIXELS:
        raise Unreadable("absurd_dimensions")
