"""PDFs inside the cage: counted by PDFium, walked by qpdf."""

import ctypes
import mmap
import re
from contextlib import closing

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from portal.cage import active
from portal.cage.faults import MOST_POINTS, Checked, Unreadable

TRAILER = 2048  # bytes at the end in which a whole PDF says %%EOF
HEAD = 1024  # bytes in which some readers look for another kind's beginning
ENDING = re.compile(rb"startxref\s+([0-9]{1,12})\s+%%EOF")
PAGE_OF_THE_WEB = re.compile(rb"<(?:!doctype\s+html|html|script|svg|iframe|body)[\s>]", re.IGNORECASE)
ZIP_END, ZIP_TAIL = b"PK\x05\x06", 22 + 65_535  # its last record, and how far from the end that may lie
PDFIUM = {  # why it did not open a file
    pdfium_c.FPDF_ERR_FILE: "no_pages",  # see opened
    pdfium_c.FPDF_ERR_PASSWORD: "encrypted",
    pdfium_c.FPDF_ERR_SECURITY: "encrypted",  # a handler that it does not know
}


def check(data: mmap.mmap, most_pages: int) -> Checked:
    """What is found of a PDF that is whole and does nothing by itself.

    Raises:
        Unreadable.
    """
    _require_ending(data)
    _require_one_kind(data)
    with closing(opened(data)) as pdf:
        pages = len(pdf)
        if pages == 0:
            raise Unreadable("no_pages")
        if pages > most_pages:
            raise Unreadable("too_many_pages")
        for page in range(pages):
            require_size(*pdf.get_page_size(page))
        for page in {0, pages - 1}:
            pdf[page].close()  # opening parses what is on it
    active.require_passive(data, pages)
    return Checked(pages)


def opened(data: mmap.mmap) -> pdfium.PdfDocument:
    """The document, without a password; raises Unreadable."""
    pdfium_c.FPDF_LoadDocument(b"", None)  # a file without pages leaves the last error as it was: let that be known
    try:
        return pdfium.PdfDocument((ctypes.c_ubyte * len(data)).from_buffer(data))
    except pdfium.PdfiumError as error:
        raise Unreadable(PDFIUM.get(error.err_code, "broken")) from error


def _require_ending(data: mmap.mmap) -> None:
    """Refuse a PDF that was cut off: PDFium would mend it and show fewer pages than were scanned."""
    endings = ENDING.findall(data[-TRAILER:])
    if not endings or not 0 < int(endings[-1]) < len(data):  # a linearized file's first part says 0 (ISO 32000-1, F)
        raise Unreadable("broken")


def _require_one_kind(data: mmap.mmap) -> None:
    """Refuse a file that another program would open as something else."""
    if PAGE_OF_THE_WEB.search(data[:HEAD]) or is_zip(data):
        raise Unreadable("two_kinds")


def is_zip(data: mmap.mmap) -> bool:
    """Whether a ZIP ends where `data` ends: its last record says how long the comment behind it is."""
    tail = data[-ZIP_TAIL:]
    at = tail.rfind(ZIP_END)
    return 0 <= at <= len(tail) - 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail)


def require_size(across: float, down: float) -> None:
    """Refuses a page that is larger than any paper, in points; raises Unreadable."""
    if not (0 < across <= MOST_POINTS and 0 < down <= MOST_POINTS):
        raise Unreadable("absurd_dimensions")
