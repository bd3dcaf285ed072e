"""PDFs inside the cage: counted, drawn and read by PDFium, walked by qpdf."""

import mmap
import re
from contextlib import closing

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from portal.cage import active
from portal.cage.faults import MOST_LETTERS, MOST_POINTS, TALL, Checked, Unreadable
from portal.cage.window import Mapped, Window, window

GLANCE = 200  # pixels: as wide as the check draws a first page, to see that it can be drawn
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
            _require_size(*pdf.get_page_size(page))
        for page in {0, pages - 1}:
            pdf[page].close()  # opening parses what is on it
        draw(pdf, 1, GLANCE).close()
    is_mended = active.require_passive(seen, pages)
    return Checked(pages, (*seen.mended, "cross_references") if is_mended else seen.mended)


def opened(data: Mapped) -> pdfium.PdfDocument:
    """The document, without a password; raises Unreadable."""
    return _opened(window(data))


def _opened(seen: Window) -> pdfium.PdfDocument:
    pdfium_c.FPDF_LoadDocument(b"", None)  # a file without pages leaves the last error as it was: let that be known
    try:
        return pdfium.PdfDocument(seen.buffer())
    except pdfium.PdfiumError as error:
        raise Unreadable(PDFIUM.get(error.err_code, "broken" if seen.is_ended else "cut_off")) from error


def draw(pdf: pdfium.PdfDocument, page: int, width: int) -> Image.Image:
    """Page `page` (from 1), `width` pixels wide. PDFium averages an image by its area (tests/cage holds it to that)."""
    sheet = _page(pdf, page)
    across, down = sheet.get_size()
    _require_size(across, down)
    scale = min(width / across, TALL * width / down)
    image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
    return image.crop((0, 0, min(image.width, width), min(image.height, TALL * width)))  # PDFium rounds up


def read(pdf: pdfium.PdfDocument, page: int) -> str:
    """The text layer of page `page` (from 1), as it lies there; empty for a scan."""
    with closing(_page(pdf, page)) as sheet, closing(sheet.get_textpage()) as text:
        return str(text.get_text_range(0, min(text.count_chars(), MOST_LETTERS))) if text.count_chars() else ""


def _page(pdf: pdfium.PdfDocument, page: int) -> pdfium.PdfPage:
    try:
        return pdf[page - 1] if page > 0 else pdf[len(pdf)]
    except (pdfium.PdfiumError, IndexError) as error:
        raise Unreadable("broken") from error


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


def _require_size(across: float, down: float) -> None:
    if not (0 < across <= MOST_POINTS and 0 < down <= MOST_POINTS):
        raise Unreadable("absurd_dimensions")
