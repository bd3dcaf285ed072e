"""PDFs inside the cage: counted by PDFium, walked by qpdf."""

import mmap
import re
from contextlib import closing

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from portal.sandbox.child import active
from portal.sandbox.child.window import Mapped, Window, window
from portal.sandbox.errors import MOST_POINTS, Checked, Unreadable

OTHERS = (b"MZ", b"PK\x03\x04", b"\x7fELF", b"#!", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")
PAGE_OF_THE_WEB = re.compile(rb"<(?:!doctype\s+html|html|script|svg|iframe|body)[\s>]", re.IGNORECASE)
ZIP_END, ZIP_TAIL = b"PK\x05\x06", 22 + 65_535  # its last record, and how far from the end that may lie
PDFIUM = {  # why it did not open a file
    pdfium_c.FPDF_ERR_FILE: "no_pages",  # see opened
    pdfium_c.FPDF_ERR_PASSWORD: "encrypted",
    pdfium_c.FPDF_ERR_SECURITY: "encrypted",  # a handler that it does not know
}


def check(data: Mapped, most_pages: int) -> Checked:
    """What is found of a PDF that is whole and does nothing by itself.

    Raises:
        Unreadable.
    """
    seen = window(data)
    if seen.is_cut:
        raise Unreadable("cut_off")
    _require_one_kind(seen)
    with closing(_opened(seen)) as pdf:
        pages = len(pdf)
        if pages == 0:
            raise Unreadable("no_pages")
        if pages > most_pages:
            raise Unreadable("too_many_pages")
        for page in range(pages):
            require_size(*pdf.get_page_size(page))
        for page in {0, pages - 1}:
            pdf[page].close()  # opening parses what is on it
    is_mended = active.require_passive(seen, pages)
    return Checked(pages, (*seen.mended, "cross_references") if is_mended else seen.mended)


def opened(data: Mapped) -> pdfium.PdfDocument:
    """The document, without a password; raises Unreadable."""
    return _opened(window(data))


def _opened(seen: Window) -> pdfium.PdfDocument:
    """The document; where its tables lead to pages that are not there, as PDFium finds it without them."""
    for part in (seen, seen.without_table()):
        pdf = _loaded(part)
        if all(pdfium_c.FPDF_GetPageSizeByIndexF(pdf, page, pdfium_c.FS_SIZEF()) for page in range(len(pdf))):
            return pdf
        pdf.close()
    raise Unreadable("broken")


def _loaded(seen: Window) -> pdfium.PdfDocument:
    pdfium_c.FPDF_LoadDocument(b"", None)  # a file without pages leaves the last error as it was: let that be known
    try:
        return pdfium.PdfDocument(seen.buffer())
    except pdfium.PdfiumError as error:
        raise Unreadable(PDFIUM.get(error.err_code, "broken" if seen.is_ended else "cut_off")) from error


def _require_one_kind(seen: Window) -> None:
    """Refuse a file that another program would open as something else: by what stands before its header, or at its end.

    A comment behind the header may say what it likes.
    """
    before = seen.data[: seen.start]
    if PAGE_OF_THE_WEB.search(before) or before.startswith(OTHERS) or is_zip(seen.data):
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
