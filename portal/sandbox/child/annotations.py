"""What lies on a page besides its contents: fields, stamps, notes. Shown as a viewer shows them, or counted.

PDFium makes pictures of some annotations that bring none as soon as its form environment knows the page. `appearances`
makes the others, and the letters that have to be joined. PDFium leaves out fields that no form leads to and ticks
without pictures: in memory they become stamps, which it draws.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pikepdf import Dictionary

from portal.sandbox.child import appearances, fields, lettering, operators
from portal.sandbox.child.structure import Structure, inherited

MOST = 1000  # annotations of one page that are looked at
MOST_MADE = 4_000_000  # letters of the pictures that are made for one page, and coordinates they are made of
INVISIBLE, HIDDEN, NO_VIEW = 1, 2, 32  # flags (ISO 32000-1, 12.5.3)
OUTSIDE = -1  # the type of a field that no form leads to
NORMAL = pdfium_c.FPDF_ANNOT_APPEARANCEMODE_NORMAL
WIDGET = pdfium_c.FPDF_ANNOT_WIDGET
OURS = {  # what PDFium makes no picture of
    pdfium_c.FPDF_ANNOT_FREETEXT,  # but in Latin letters, and with a border that nobody asked for
    pdfium_c.FPDF_ANNOT_LINE,
    pdfium_c.FPDF_ANNOT_POLYGON,
    pdfium_c.FPDF_ANNOT_POLYLINE,
    pdfium_c.FPDF_ANNOT_CARET,
    pdfium_c.FPDF_ANNOT_STAMP,
    pdfium_c.FPDF_ANNOT_REDACT,
    pdfium_c.FPDF_ANNOT_LINK,
}
STROKED = {
    pdfium_c.FPDF_ANNOT_INK,
    pdfium_c.FPDF_ANNOT_LINE,
    pdfium_c.FPDF_ANNOT_POLYGON,
    pdfium_c.FPDF_ANNOT_POLYLINE,
}
SILENT = {
    pdfium_c.FPDF_ANNOT_UNKNOWN,
    pdfium_c.FPDF_ANNOT_LINK,
    pdfium_c.FPDF_ANNOT_POPUP,
    pdfium_c.FPDF_ANNOT_PRINTERMARK,
    pdfium_c.FPDF_ANNOT_TRAPNET,
}
"""What shows nothing where it brings no picture."""
TICKS = {pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON}


def prepare(pdf: pdfium.PdfDocument, page: pdfium.PdfPage, number: int, structure: Structure) -> int:
    """Gives every visible annotation of page `number` (from 1) a picture, and says how many have none at the end.

    The page's form environment, which draws fields, is ready afterwards; `page` must not have had one before.
    """
    environment, count = _environment(pdf), int(pdfium_c.FPDFPage_GetAnnotCount(page))
    made: dict[int, str | None] = {}
    room = MOST_MADE
    for at in range(min(count, MOST)):
        with _mark(page, number, at, structure) as mark:
            if mark.is_shown():
                made[at] = mark.made(environment) if (room := room - mark.weight()) > 0 else None
                room -= len(made[at] or "")
    pdfium_c.FORM_OnAfterLoadPage(page, environment)
    page.formenv = environment
    undrawn = max(0, count - MOST)
    for at, picture in made.items():
        with _mark(page, number, at, structure) as mark:
            if picture:
                mark.set_picture(picture)
            elif picture is not None or (mark.lacks_picture() and mark.speaks()):
                undrawn += 1
    return undrawn


def _environment(pdf: pdfium.PdfDocument) -> pdfium.PdfFormEnv:
    """Made once a document. This PDFium has no engine for scripts, and nothing here would start one."""
    if pdf.formenv is None:
        config = pdfium_c.FPDF_FORMFILLINFO(version=2)
        pdf.formenv = pdfium.PdfFormEnv(pdfium_c.FPDFDOC_InitFormFillEnvironment(pdf, config), config)
        pdfium_c.FPDF_SetFormFieldHighlightAlpha(pdf.formenv, 0)
    return pdf.formenv


@dataclass(frozen=True, slots=True)
class _Mark:
    """An annotation: PDFium's handle, and what qpdf knows of it, looked up when it is needed."""

    handle: object
    page: int
    at: int
    structure: Structure

    @property
    def about(self) -> Dictionary | None:
        """Its dictionary, which has an area; None where it has not."""
        found = self.structure.annotation(self.page, self.at)
        return found if found is not None and operators.box_of(found) else None

    @property
    def kind(self) -> int:
        return int(pdfium_c.FPDFAnnot_GetSubtype(self.handle))

    def weight(self) -> int:
        """How many coordinates it holds that are not drawn yet."""
        about = self.about if self.kind in STROKED and not self.has(b"AP") else None
        return appearances.weight(about) if about is not None else 0

    def has(self, key: bytes) -> bool:
        return bool(pdfium_c.FPDFAnnot_HasKey(self.handle, key))

    def is_shown(self) -> bool:
        """Whether a screen shows it. Hides one on a layer that is off: PDFium does not look at those."""
        flags = pdfium_c.FPDFAnnot_GetFlags(self.handle)
        if flags & (HIDDEN | NO_VIEW):
            return False
        if self.has(b"OC") and (about := self.about) is not None and self.structure.is_off(about):
            pdfium_c.FPDFAnnot_SetFlags(self.handle, flags | HIDDEN)
            return False
        if flags & INVISIBLE:  # it speaks of kinds that a viewer does not know
            pdfium_c.FPDFAnnot_SetFlags(self.handle, flags & ~INVISIBLE)
        return True

    def made(self, environment: pdfium.PdfFormEnv) -> str | None:
        """The picture that it needs from us: None if it needs none, empty if we cannot make it."""
        if self.kind == WIDGET:
            return self._made_field(pdfium_c.FPDFAnnot_GetFormFieldType(environment, self.handle))
        if self.kind in STROKED and not self.has(b"AP"):
            self._make_room()
        about = None if self.has(b"AP") or self.kind not in OURS else self.about
        if about is None:
            return None
        return appearances.of_annotation(about) or (None if self.kind in SILENT else "")

    def _made_field(self, field: int) -> str | None:
        if field == OUTSIDE:
            self._become_stamp()
        form = self.structure.form()
        if self.has(b"AP") and (field == OUTSIDE or field in TICKS or not form.get("/NeedAppearances", False)):
            return None
        if (about := self.about) is None:
            return None
        if field in TICKS or (field == OUTSIDE and inherited(about, "/FT") == "/Btn"):
            if not _is_on(about):
                return None
            self._become_stamp()
            return fields.of_field(about, form) or ""
        text = fields.shown_text(about)
        if not text or (field != OUTSIDE and lettering.is_latin(text)):
            return None
        return fields.of_field(about, form) or ""

    def _make_room(self) -> None:
        if (about := self.about) is not None and (box := appearances.extent(about)):
            left, low, right, high = box
            pdfium_c.FPDFAnnot_SetRect(self.handle, pdfium_c.FS_RECTF(left=left, bottom=low, right=right, top=high))

    def lacks_picture(self) -> bool:
        return bool(pdfium_c.FPDFAnnot_GetAP(self.handle, NORMAL, None, 0) <= len(b"\0\0"))

    def speaks(self) -> bool:
        """Whether it would show something if it had a picture."""
        about = self.about
        if about is None:
            return False
        if about.get("/Subtype") != "/Widget":  # qpdf's word: in PDFium a field may be a stamp by now
            return self.kind not in SILENT
        if inherited(about, "/FT") == "/Sig":
            return inherited(about, "/V") is not None
        return bool(fields.shown_text(about)) or (inherited(about, "/FT") == "/Btn" and _is_on(about))

    def set_picture(self, picture: str) -> None:
        pdfium_c.FPDFAnnot_SetAP(self.handle, NORMAL, _wide(picture))

    def _become_stamp(self) -> None:
        pdfium_c.FPDFAnnot_SetStringValue(self.handle, b"Subtype", _wide("Stamp"))


@contextmanager
def _mark(page: pdfium.PdfPage, number: int, at: int, structure: Structure) -> Iterator[_Mark]:
    handle = pdfium_c.FPDFPage_GetAnnot(page, at)
    try:
        yield _Mark(handle, number, at, structure)
    finally:
        pdfium_c.FPDFPage_CloseAnnot(handle)


def _is_on(about: Dictionary) -> bool:
    state = about.get("/AS", inherited(about, "/V"))
    return state is not None and str(state) != "/Off"


def _wide(text: str) -> object:
    """The text as PDFium takes it: UTF-16, ended by a zero."""
    data = text.encode("utf-16-le") + b"\0\0"
    return ctypes.cast(ctypes.create_string_buffer(data, len(data)), ctypes.POINTER(ctypes.c_ushort))
