"""Pages of a PDF inside the cage: drawn, read, and what has to be said of how they were drawn."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from portal.sandbox.child import annotations, pdfs, typefaces
from portal.sandbox.child.structure import Structure
from portal.sandbox.child.window import Mapped
from portal.sandbox.errors import MOST_LETTERS, TALL, Unreadable


@dataclass(frozen=True, slots=True)
class Notes:
    """What a page's picture does not show as the file has it.

    `undrawn`: annotations without a picture. `is_replaced`: letters of a font that is not in the file, in another one.
    `is_lacking`: letters that no face has, or whose meaning the file does not say.
    """

    undrawn: int
    is_replaced: bool
    is_lacking: bool


class Pages:
    """The pages of one document, from 1. Each method raises Unreadable for a page that cannot be opened."""

    def __init__(self, data: Mapped) -> None:
        self._data = data
        self._pdf = pdfs.opened(data)
        self._structure = Structure(data)
        self._prepared: set[int] = set()

    def draw(self, page: int, width: int) -> Image.Image:
        """The page, `width` pixels wide. PDFium averages an image by its area (tests/sandbox holds it to that)."""
        with self._page(page) as (sheet, _):
            across, down = sheet.get_size()
            pdfs.require_size(across, down)
            scale = min(width / across, TALL * width / down)
            image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
        return image.crop((0, 0, min(image.width, width), min(image.height, TALL * width)))  # PDFium rounds up

    def read(self, page: int) -> str:
        """The text layer, as it lies there; empty for a scan."""
        with closing(self._plain(page)) as sheet, closing(sheet.get_textpage()) as text:
            return str(text.get_text_range(0, min(text.count_chars(), MOST_LETTERS))) if text.count_chars() else ""

    def notes(self, page: int) -> Notes:
        """What has to be said beside the picture."""
        with self._page(page) as (sheet, undrawn):
            found = typefaces.of_page(sheet)
        return Notes(undrawn, found.is_replaced, found.is_lacking)

    @contextmanager
    def _page(self, page: int) -> Iterator[tuple[pdfium.PdfPage, int]]:
        """The page with its annotations ready, and how many of them cannot be drawn.

        That changes them in memory: a page that comes again comes from the file again.
        """
        if page in self._prepared:
            self._pdf.close()
            self._pdf = pdfs.opened(self._data)
            self._prepared.clear()
        with closing(self._plain(page)) as sheet:
            undrawn = 0
            if pdfium_c.FPDFPage_GetAnnotCount(sheet) > 0:
                self._prepared.add(page)
                undrawn = annotations.prepare(self._pdf, sheet, page, self._structure)
            try:
                yield sheet, undrawn
            finally:
                if sheet.formenv:
                    pdfium_c.FORM_OnBeforeClosePage(sheet, sheet.formenv)

    def _plain(self, page: int) -> pdfium.PdfPage:
        """The page without fields; the form environment does not know of it."""
        raw = pdfium_c.FPDF_LoadPage(self._pdf, page - 1) if 0 < page <= len(self._pdf) else None
        if not raw:
            raise Unreadable("broken")
        sheet = pdfium.PdfPage(raw, self._pdf, None)
        self._pdf._add_kid(sheet)
        return sheet
