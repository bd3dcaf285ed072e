# ruff: noqa: E501 (a file a line)
"""Files about which readers disagree: what each of them would run, hide or send away must be found all the same.

Every one of them was taken once, or stands beside one that was. Made by hand; pdf.js, MuPDF, PDFium or poppler was seen
to find in it what the check must refuse.
"""

import zlib
from collections.abc import Callable, Mapping

import pytest

from portal.sandbox.child import pdfs
from portal.sandbox.child.window import Mapped
from portal.sandbox.errors import Unreadable
from tests.world.hostile import stream

SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
TEXT = b"51 0 obj (app.alert\\(1\\)) endobj\n"
AWAY = b"<< /S /URI /URI (http://example.org/) >>"
OPENING = b"/OpenAction 50 0 R"
PACKED = b"/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode"


def written(objects: Mapping[int, bytes], catalog: bytes = OPENING) -> bytes:
    """A plain PDF of one page. `objects` come with heads of their own; the table leads to each."""
    parts = {
        1: b"1 0 obj << /Type /Catalog /Pages 2 0 R %s >> endobj\n" % catalog,
        2: b"2 0 obj << /Type /Pages /Count 1 /Kids [4 0 R] >> endobj\n",
        3: b"3 0 obj " + stream(b"0 0 99 99 re f") + b" endobj\n",
        4: b"4 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >> endobj\n",
    } | dict(objects)
    out, table = bytearray(b"%PDF-1.7\n"), bytearray(b"xref\n0 1\n0000000000 65535 f \n")
    for number, part in sorted(parts.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += part
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(parts) + 1, len(out))
    return bytes(out + table + end)


def headed(head: bytes, body: bytes = SCRIPT) -> bytes:
    """The action on opening, behind this head."""
    return written({50: b"%s %s endobj\n" % (head, body)})


def bodied(body: bytes, more: Mapping[int, bytes] | None = None) -> bytes:
    """This action on opening."""
    return written({50: b"50 0 obj %s\nendobj\n" % body} | dict(more or {}))


def opening(catalog: bytes, body: bytes = AWAY) -> bytes:
    return written({50: b"50 0 obj %s endobj\n" % body}, catalog)


FORM = b"50 0 obj << /Subtype /Form /BBox [0 0 9 9] /Length 0 /Ref %s >> stream\n\nendstream endobj\n"


def paged(more: bytes) -> bytes:
    """A page that holds `more`."""
    page = b"4 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R %s >> endobj\n"
    return written({4: page % more}, b"")


def packed(about: bytes, content: bytes, catalog: bytes = b"/OpenAction 60 0 R", **more: bytes) -> bytes:
    """The first object of an object stream is 60; the cross-reference stream leads there."""
    parts = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        3: stream(b"0 0 99 99 re f"),
        4: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>",
        10: stream(content, about),
    } | {int(name[1:]): body for name, body in more.items()}
    out, rows = bytearray(b"%PDF-1.7\n"), {60: b"\2" + bytes((0, 0, 0, 10, 0))}
    for number, body in sorted(parts.items()):
        rows[number] = b"\1" + len(out).to_bytes(4, "big") + b"\0"
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(rows.get(number, bytes(6)) for number in range(61))
    at = len(out)
    out += b"11 0 obj\n%s\nendobj\n" % stream(table, b"/Type /XRef /Size 61 /W [1 4 1] /Root 1 0 R")
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % at)


def behind_the_end(head: bytes) -> bytes:
    """Another catalog, and a table of its own, behind the last %%EOF: pdf.js and MuPDF take the last `startxref`."""
    whole = written({}, b"")
    catalog = head + b" << /Type /Catalog /Pages 2 0 R /OpenAction %s >> endobj\n" % SCRIPT
    table = b"xref\n1 1\n%010d 00000 n \ntrailer << /Size 5 /Root 1 0 R /Prev %d >>\n"
    at = len(whole) + len(catalog)
    return whole + catalog + table % (len(whole), whole.rfind(b"xref\n0 1")) + b"startxref\n%d\n" % at


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    # where the file begins and ends
    "before the header": (lambda: b"50 0 obj %s endobj\n" % SCRIPT + written({}, b""), "scripts"),
    "behind the end, its number before a comment": (lambda: behind_the_end(b"1 0 %c\nobj"), "scripts"),
    "behind the end, in the trailer itself": (lambda: written({}, b"") + b"\ntrailer << /Root << /Type /Catalog /Pages 2 0 R /OpenAction %s >> >>" % SCRIPT, "scripts"),
    # heads
    "a comment before the word obj": (lambda: bodied(b"<< /S /JavaScript /JS 51 0 R >>", {51: b"51 0 %c\nobj (app.alert\\(1\\)) endobj\n"}), "scripts"),
    "a number in the comment": (lambda: bodied(b"<< /S /JavaScript /JS 51 0 R >>", {51: b"51 %9\n0 obj (app.alert\\(1\\)) endobj\n"}), "scripts"),
    "a long comment before the word obj": (lambda: headed(b"50 0 %" + b"x" * 6000 + b"\n obj", AWAY), "acts_by_itself"),
    "many blanks before the word obj": (lambda: headed(b"50 0" + b" " * 200 + b"obj", AWAY), "acts_by_itself"),
    "many blanks within the head": (lambda: headed(b"50" + b" " * 200 + b"0 obj", AWAY), "acts_by_itself"),
    "a generation that is a real number": (lambda: headed(b"50 0.0 obj"), "scripts"),
    "a generation with a sign": (lambda: headed(b"50 +0 obj", AWAY), "acts_by_itself"),
    "a generation of forty digits": (lambda: headed(b"50 " + b"0" * 40 + b" obj", AWAY), "acts_by_itself"),
    "a number that is real": (lambda: headed(b"50.0 0 obj", AWAY), "acts_by_itself"),
    # references
    "a reference glued": (lambda: bodied(b"<< /S /JavaScript /JS 51 0R >>", {51: TEXT}), "scripts"),
    "a reference to a real number": (lambda: bodied(b"<< /S /JavaScript /JS 51.0 0 R >>", {51: TEXT}), "broken"),
    "a reference with a sign": (lambda: bodied(b"<< /S /JavaScript /JS +51 0 R >>", {51: TEXT}), "broken"),
    "an action behind a reference glued": (lambda: opening(b"/OpenAction 50 0R"), "acts_by_itself"),
    "an action behind a real number": (lambda: opening(b"/OpenAction 50.0 0 R"), "broken"),
    "a reference to a reference": (lambda: bodied(b"<< /S /JavaScript /JS 51 0 R >>", {51: b"51 0 obj 52 0 R endobj\n", 52: TEXT.replace(b"51", b"52")}), "scripts"),
    "actions in an array in an array": (lambda: bodied(b"<< /S /GoTo /D [4 0 R /Fit] /Next [[51 0 R]] >>", {51: b"51 0 obj %s endobj\n" % AWAY}), "acts_by_itself"),
    # names
    "a name alone": (lambda: bodied(b"<< /Subtype 51 0 R >>", {51: b"51 0 obj /FileAttachment endobj\n"}), "embedded_files"),
    "a part of a text that starts a program": (lambda: bodied(b"<< /Type /StructElem /S /Launch /F (cmd.exe) >>"), "launch_actions"),
    "a blank of PDFium's": (lambda: bodied(b"<< /S /JavaScript /JS\xff(app.alert\\(1\\)) >>"), "scripts"),
    "another blank of PDFium's": (lambda: opening(b"/OpenAction\x8050 0 R"), "acts_by_itself"),
    "a name that ends in a NUL": (lambda: bodied(b"<< /S /JavaScript /JS#00 (app.alert\\(1\\)) >>"), "scripts"),
    # ends
    "a script that says it is empty": (lambda: bodied(b"<< /S /JavaScript /JS 51 0 R >>", {51: b"51 0 obj << /Length 0 >> stream\napp.alert(1)\nendstream endobj\n"}), "scripts"),
    "a form that says it is empty": (lambda: written({50: b"50 0 obj << /Length 0 >> stream\n<xdp/>\nendstream endobj\n"}, b"/AcroForm << /XFA 50 0 R >>"), "dynamic_form"),
    "the word endobj within": (lambda: bodied(b"<< /X endobj /S /JavaScript /JS (app.alert\\(1\\)) >>"), "broken"),
    "the word stream within": (lambda: bodied(b"<< /X stream\n /S /JavaScript /JS (app.alert\\(1\\)) >>"), "broken"),
    "the word endobj, and a head in a comment": (lambda: bodied(b"<< /X endobj %60 0 obj (\n /S /JavaScript /JS (app.alert\\(1\\)) %)\n >>"), "broken"),
    "the word startxref in a trailer": (lambda: written({}, b"").replace(b"/Root 1 0 R", b"/X stream\n /Root << /OpenAction %s >>" % SCRIPT), "broken"),
    "two values": (lambda: bodied(b"5 /S /JavaScript /JS (app.alert\\(1\\))"), "broken"),
    # object streams
    "an object stream with a real number": (lambda: packed(b"/Type /ObjStm /N 1.0 /First 5.0 /Filter /FlateDecode", zlib.compress(b"60 0 " + SCRIPT)), "broken"),
    "an object stream with the filter of another file": (lambda: packed(b"/Type /ObjStm /N 1 /First 5 /F /FlateDecode", zlib.compress(b"60 0 " + SCRIPT)), "broken"),
    "an object stream without type, its numbers elsewhere": (lambda: packed(b"/N 20 0 R /First 21 0 R /Filter /FlateDecode", zlib.compress(b"60 0 " + SCRIPT), _20=b"1", _21=b"5"), "broken"),
    "an object stream without type or first": (lambda: packed(b"/N 1 /Filter /FlateDecode", zlib.compress(b"60 5 " + SCRIPT)), "broken"),
    "an object stream with two filters": (lambda: packed(b"/Type /ObjStm /N 1 /First 5 /Filter /ASCIIHexDecode /Filter /FlateDecode", zlib.compress(b"60 0 " + SCRIPT)), "broken"),
    "an object stream with a number of twenty digits": (lambda: packed(b"/Type /ObjStm /N 1 /First 26 /Filter /FlateDecode", zlib.compress(b"60 0000000000000000000012 (aaaaaaaaa) " + SCRIPT)), "broken"),
    "an object stream with the word endobj within": (lambda: packed(PACKED, zlib.compress(b"60 0 << /X endobj /S /JavaScript /JS (1) >>")), "broken"),
    "an action's kind in an object stream": (lambda: packed(PACKED, zlib.compress(b"60 0 /URI"), b"/OpenAction << /S 60 0 R /URI (http://example.org/) >>"), "acts_by_itself"),
    # what lies in other files
    "a stream in another file": (lambda: written({3: b"3 0 obj << /Length 0 /F (\\\\\\\\host\\\\a) >> stream\n\nendstream endobj\n"}, b""), "acts_by_itself"),
    "a stream on another machine": (lambda: written({3: b"3 0 obj << /Length 0 /F << /FS /URL /F (http://example.org/) >> >> stream\n\nendstream endobj\n"}, b""), "acts_by_itself"),
    "a stream on another machine, named with an escape": (lambda: written({50: b"50 0 obj << /Length 0 /#46 (//host/a) >> stream\n\nendstream endobj\n"}, b""), "acts_by_itself"),
    "a picture on another machine, elsewhere": (lambda: written({50: b"50 0 obj << /Subtype /Image /Length 0 /F 51 0 R >> stream\n\nendstream endobj\n", 51: b"51 0 obj << /FS /URL /F (http://h) >> endobj\n"}, b""), "acts_by_itself"),
    "a page of another file": (lambda: written({50: FORM % b"<< /F (//host/a.pdf) /Page 0 >>"}, b""), "acts_by_itself"),
    "a page of another file, elsewhere": (lambda: written({50: FORM % b"51 0 R", 51: b"51 0 obj << /F << /F (a.pdf) >> /Page 0 >> endobj\n"}, b""), "acts_by_itself"),
    # what opening, pointing and turning pages set off
    "an address on opening a page": (lambda: paged(b"/AA << /O %s >>" % AWAY), "acts_by_itself"),
    "another file on leaving a page": (lambda: paged(b"/AA << /C << /S /GoToR /F (a.pdf) >> >>"), "acts_by_itself"),
    "an address on pointing": (lambda: paged(b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /AA << /E %s >> >>]" % AWAY), "acts_by_itself"),
    "an address on a page's coming into sight": (lambda: paged(b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /AA << /PV %s >> >>]" % AWAY), "acts_by_itself"),
    "an address in a presentation's way back": (lambda: paged(b"/PresSteps << /PA %s >>" % AWAY), "acts_by_itself"),
    "an address in a presentation's second step": (lambda: written({4: b"4 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R /PresSteps 50 0 R >> endobj\n", 50: b"50 0 obj << /Next 51 0 R >> endobj\n", 51: b"51 0 obj << /Prev 50 0 R /Subtype /Link /PA %s >> endobj\n" % AWAY}, b""), "acts_by_itself"),
    "an address in a presentation": (lambda: paged(b"/PresSteps << /Type /NavNode /NA << /S /Trans >> /PA %s >>" % AWAY), "acts_by_itself"),
    "another file on opening": (lambda: opening(b"/OpenAction << /S /GoToE /F (//host/a.pdf) >>"), "acts_by_itself"),
    "data that are fetched on opening": (lambda: opening(b"/OpenAction << /S /ImportData /F (http://example.org/) >>"), "acts_by_itself"),
    "an article of another file on opening": (lambda: opening(b"/OpenAction << /S /Thread /F (a.pdf) >>"), "acts_by_itself"),
}  # fmt: skip


def became(content: bytes) -> str:
    data = Mapped(-1, len(content))
    data[:] = content
    try:
        return f"{pdfs.check(data, 9).pages} pages"
    except Unreadable as refusal:
        return refusal.code


@pytest.mark.parametrize("name", FILES)
def test_what_some_reader_finds_is_found(name: str) -> None:
    make, code = FILES[name]
    assert became(make()) == code


HARMLESS = {
    "plain": lambda: written({}, b""),
    "a text that refers to another": lambda: written({50: b"50 0 obj << /Type /StructElem /S /Reference /Ref [51 0 R] >> endobj\n", 51: b"51 0 obj << /Type /StructElem /S /Note /F (a) >> endobj\n"}, b""),
    "an outline whose click leads away": lambda: written({50: b"50 0 obj << /Title (a) /A %s >> endobj\n" % AWAY}, b""),
    "a link whose address stands in it twice": lambda: paged(b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A %s /PA %s >>]" % (AWAY, AWAY)),
    "a link that a click follows": lambda: written({}, b"/X << /A %s >>" % AWAY),
    "an object stream": lambda: packed(PACKED, zlib.compress(b"60 0 << /S /GoTo /D [4 0 R /Fit] >>")),
    "an object stream with comments": lambda: packed(PACKED.replace(b"5", b"8"), zlib.compress(b"60 0\n%a\n<< /S /GoTo >>")),
    "an object stream as it is": lambda: packed(b"/Type /ObjStm /N 1 /First 5", b"60 0 << /S /GoTo >>"),
    "a colour profile": lambda: written({50: b"50 0 obj %s endobj\n" % stream(b"\0\0\f\0appl 1 2", b"/N 3")}, b""),
    "a dictionary without its end": lambda: written({50: b"50 0 obj << /X 1 endobj\n"}, b""),
    "a part of a text that is called a sound": lambda: written({50: b"50 0 obj << /Type /StructElem /S /Sound /P 1 0 R >> endobj\n"}, b""),
    "an empty script": lambda: bodied(b"<< /S /JavaScript /JS 51 0 R >>", {51: b"51 0 obj << /Length 0 >> stream\n\nendstream endobj\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_odd_is_taken(name: str) -> None:
    assert became(HARMLESS[name]()) == "1 pages"


@pytest.mark.parametrize("gone", [512, 4096])
def test_a_page_from_whose_middle_bytes_are_gone_is_cut_off(gone: int) -> None:
    """Every reader mends its tables and shows the page half empty, without a word."""
    content = zlib.compress(b"".join(b"%d %d 9 9 re f " % (each % 595, each * each % 842) for each in range(4000)))
    whole = written({3: b"3 0 obj " + stream(content, b"/Filter /FlateDecode") + b" endobj\n"}, b"")
    assert len(content) > 2 * gone
    assert became(whole) == "1 pages"
    at = whole.index(content) + len(content) // 4
    assert became(whole[:at] + whole[at + gone :]) == "cut_off"


def test_a_length_that_is_wrong_is_mended() -> None:
    """Whoever edits a file by hand changes it: what stands there unpacks all the same."""
    content = zlib.compress(b"0 0 99 99 re f")
    whole = written({3: b"3 0 obj " + stream(content, b"/Filter /FlateDecode") + b" endobj\n"}, b"")
    wrong = whole.replace(b"/Length %d" % len(content), b"/Length %d" % (len(content) + 900))
    assert became(wrong.replace(b"startxref", b"stortxref")) == "1 pages"
