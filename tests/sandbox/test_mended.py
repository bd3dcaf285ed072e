"""What viewers mend is mended here, and said; what is really cut off is refused; nothing hides in what is mended."""

import random
import re
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from portal.sandbox import inspection
from portal.sandbox.errors import Checked, Unreadable
from tests.world.files import PAPERS
from tests.world.hostile import pdf, stream

PDF = "application/pdf"
PROGRAMS = PAPERS / "programs"
WHOLE = pdf(2)
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
SCRIPT_ALONE = b"9 0 obj\n" + SCRIPT + b"\nendobj\n"
START = re.compile(rb"startxref\n([0-9]+)\n")


async def found(path: Path, content: bytes) -> Checked | str:
    """What the check says of `content`; the code of a refusal."""
    path.write_bytes(content)
    media_type = inspection.kind_of(content[:65_536])
    assert media_type == PDF
    try:
        return await inspection.inspect(path, media_type)
    except Unreadable as refusal:
        return refusal.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper"


FRONTS = {
    "a byte order mark": b"\xef\xbb\xbf",
    "line ends": b"\r\n\r\n",
    "a printer job": b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n",
    "an echoed form": b'------WebKitForm\r\nContent-Disposition: form-data; name="f"\r\n\r\n',
    "as much as there may be": b"x" * 1024,
}
BACKS = {
    "a block of zeros": bytes(4096),
    "the end of a printer job": b"\x1b%-12345X@PJL EOJ\r\n",
    "a log": b"copied 1405/02/03 12:00 page 1 of 2\n" * 200,
    "the end of an echoed form": b"\r\n------WebKitForm--\r\n",
}


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
async def test_what_stands_before_the_header_is_left_aside(path: Path, front: bytes) -> None:
    assert await found(path, front + WHOLE) == Checked(2, ("leading_bytes",))


@pytest.mark.parametrize("back", BACKS.values(), ids=BACKS)
async def test_what_stands_behind_the_end_is_left_aside(path: Path, back: bytes) -> None:
    assert await found(path, WHOLE + back) == Checked(2, ("trailing_bytes",))
    assert await found(path, b"\r\n" + WHOLE + back) == Checked(2, ("leading_bytes", "trailing_bytes"))


def test_a_header_too_far_from_the_front_is_none() -> None:
    assert inspection.kind_of(b"x" * 1025 + WHOLE) is None


@pytest.mark.parametrize(
    "spoilt", [b"startxref\n0\n", b"startxref\n99999999\n", b"startxref\n", b"\n", b"startxref -7\n"]
)
async def test_a_table_that_nothing_leads_to_is_made_again(path: Path, spoilt: bytes) -> None:
    assert await found(path, START.sub(spoilt, WHOLE)) == Checked(2, ("cross_references",))


async def test_a_file_without_its_last_line_is_whole(path: Path) -> None:
    assert await found(path, WHOLE.removesuffix(b"%%EOF\n")) == Checked(2, ("cross_references",))


async def test_a_file_that_was_sent_as_text_is_whole(path: Path) -> None:
    assert await found(path, WHOLE.replace(b"\n", b"\r\n")) == Checked(2, ("cross_references",))


REAL = [
    *("cairo-two", "ghostscript-pdfwrite-1.4", "libreoffice-writer", "qpdf-linearized-objstm", "qpdf-aes256"),
    *("chromium-print", "img2pdf-jpeg", "pypdf-merged", "tiff2pdf-two", "typst-plain", "pikepdf-linear"),
]


@pytest.mark.parametrize("name", REAL)
async def test_a_real_file_that_was_cut_off_is_refused(path: Path, name: str) -> None:
    """Wherever it is cut, unless every object had come."""
    whole = (PROGRAMS / f"{name}.pdf").read_bytes()
    chance = random.Random(name)
    table = max(whole.rfind(b"/XRef"), 0)
    last = whole.rfind(b"endobj", 0, table) if whole.find(b"endobj", table) > 0 and table else whole.rfind(b"trailer")
    for at in [chance.randrange(64, last) for _ in range(8)] + [last - 12, last - 40]:
        assert await found(path, whole[:at]) in ("cut_off", "broken"), at


async def test_a_later_revision_that_was_cut_off_is_refused(path: Path) -> None:
    more = WHOLE + b"9 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\n"
    assert await found(path, more) == "cut_off"


async def test_a_file_that_lost_a_page_in_its_middle_is_refused(path: Path) -> None:
    whole = pdf(5)
    begins = whole.index(b"6 0 obj")
    assert await found(path, whole[:begins] + whole[whole.index(b"7 0 obj") :]) == "broken"
    assert await found(path, START.sub(b"", whole[:begins] + whole[whole.index(b"7 0 obj") :])) in ("broken", "cut_off")


async def test_a_table_of_wrong_places_is_made_again(path: Path) -> None:
    """The table is found where it should be, and leads beside the objects."""
    moved = re.sub(rb"\n([0-9]{10}) 00000 n", lambda each: b"\n%010d 00000 n" % (int(each[1]) + 7), WHOLE)
    assert await found(path, moved) == Checked(2, ("cross_references",))


# later revisions


def revised(objects: Mapping[int, bytes | None], body: bytes = WHOLE) -> bytes:
    """`body` with a second revision: objects by number, None for one that it frees."""
    out = bytearray(body)
    places = {}
    for number, each in objects.items():
        if each is not None:
            places[number] = len(out)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    begins = len(out)
    out += b"xref\n"
    for number in objects:
        line = b"%010d 00000 n " % places[number] if number in places else b"0000000000 00001 f "
        out += b"%d 1\n%s\n" % (number, line)
    before = int(START.findall(body)[-1])
    out += b"trailer\n<< /Size 99 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (before, begins)
    return bytes(out)


SCRIPTED = pdf(2, more={50: SCRIPT})


async def test_later_revisions_are_taken(path: Path) -> None:
    changed = revised({5: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"})
    assert await found(path, changed) == Checked(2)
    assert await found(path, revised({50: None}, pdf(2, more={50: b"(x)"}))) == Checked(2)
    assert await found(path, revised({50: None}, pdf(2, more={50: b"(x)", 51: b"(y)"}))) == Checked(2)
    assert await found(path, WHOLE.replace(b"xref\n0 1", b"77 0 obj\n(nobody's)\nendobj\nxref\n0 1")) != "broken"


@pytest.mark.parametrize("later", [{50: None}, {50: b"<< /S /GoTo >>"}], ids=["freed", "replaced"])
async def test_a_script_of_an_earlier_revision_is_found(path: Path, later: Mapping[int, bytes | None]) -> None:
    assert await found(path, revised(later, SCRIPTED)) == "scripts"


async def test_a_script_that_no_table_names_is_found(path: Path) -> None:
    for word in (b"77 0 obj\n", b"77 0 % here\nobj\n", b"77\x000\x00obj", b"8 0 obj (endobj) endobj 77 0 obj"):
        loose = word + SCRIPT + b"\nendobj\n"
        assert await found(path, revised({90: b"(x)"}, WHOLE + loose)) == "scripts", word


async def test_a_script_in_a_forgotten_object_stream_is_found(path: Path) -> None:
    for packed, about in ((zlib.compress(b"77 0 " + SCRIPT), b"/Filter /FlateDecode"), (b"77 0 " + SCRIPT, b"")):
        loose = b"78 0 obj\n" + stream(packed, b"/Type /ObjStm /N 1 /First 5 " + about) + b"\nendobj\n"
        assert await found(path, revised({90: b"(x)"}, WHOLE + loose)) == "scripts"
    strange = b"78 0 obj\n" + stream(b"x", b"/Type /ObjStm /N 1 /First 5 /Filter /LZWDecode") + b"\nendobj\n"
    assert await found(path, revised({90: b"(x)"}, WHOLE + strange)) == "broken"


def with_catalog(catalog: bytes, more: Mapping[int, bytes] | None = None) -> bytes:
    return pdf(2, catalog=catalog, more=more)


INACTIVE = {
    "an empty tree of scripts": with_catalog(b"/Names << /JavaScript << /Names [] >> >>"),
    "an empty tree of files": with_catalog(b"/Names << /EmbeddedFiles << /Names [] >> >>"),
    "an empty tree elsewhere": with_catalog(b"/Names << /JavaScript 50 0 R >>", {50: b"<< /Names [] >>"}),
    "a dynamic form of nothing": with_catalog(b"/AcroForm << /Fields [] /XFA [] >>"),
    "a dynamic form that is null": with_catalog(b"/AcroForm << /Fields [] /XFA 50 0 R >>", {50: b"null"}),
    "a script of no letters": with_catalog(b"/OpenAction << /S /JavaScript /JS () >>"),
    "a font by the name of JS": pdf(2, page=b"/Resources << /Font << /JS << /Type /Font >> >> >>"),
    "a jump on opening": with_catalog(b"/OpenAction 50 0 R", {50: b"<< /S /GoTo /D [4 0 R /Fit] >>"}),
    "a part of a text that is called a sound": pdf(2, more={50: b"<< /Type /StructElem /S /Sound /P 1 0 R >>"}),
    "a mode of blending": pdf(2, more={50: b"<< /Type /ExtGState /BM /Screen >>"}),
    "a title that names a script": pdf(2, more={50: b"<< /Title (on /JS (and) /Launch) >>"}),
    "names in Windows-1256": pdf(2, page=b"/B#E4#C7\xe4\xc7 /X /Type2 /\xe4\xc7", more={50: b"<< /S /\xe4\xc7 >>"}),
}


@pytest.mark.parametrize("content", INACTIVE.values(), ids=INACTIVE)
async def test_what_does_nothing_is_taken(path: Path, content: bytes) -> None:
    assert await found(path, content) == Checked(2)


URI = b"<< /S /URI /URI (https://example.org) >>"
ACTIVE = {
    "an address on opening": (with_catalog(b"/OpenAction " + URI), "acts_by_itself"),
    "an address on opening, elsewhere": (with_catalog(b"/OpenAction 50 0 R", {50: URI}), "acts_by_itself"),
    "an address behind a jump": (
        with_catalog(b"/OpenAction << /S /GoTo /Next [50 0 R] >>", {50: b"<< /S /GoTo /Next 51 0 R >>", 51: URI}),
        "acts_by_itself",
    ),
    "a form that is sent on closing": (
        with_catalog(b"/AA << /WC << /S /SubmitForm /F (http://a/) >> >>"),
        "acts_by_itself",
    ),
    "a kind of action that stands elsewhere": (
        with_catalog(b"/OpenAction << /S 50 0 R >>", {50: b"/URI"}),
        "acts_by_itself",
    ),
    "a launch that stands elsewhere": (with_catalog(b"/X << /S 50 0 R >>", {50: b"/Launch"}), "launch_actions"),
    "a key that stands twice": (with_catalog(b"/OpenAction << /S /JavaScript /JS (1) /JS () >>"), "scripts"),
    "a key without a value": (with_catalog(b"/OpenAction << /S /JavaScript /X /JS (1) >>"), "scripts"),
    "a script in a stream": (with_catalog(b"/X << /JS 50 0 R >>", {50: stream(b"app.alert(1)")}), "scripts"),
    "a script behind a name that ends a stream": (pdf(2, more={50: b"<< /Xstream 1 /Xendobj 2 /JS (1) >>"}), "scripts"),
    "a script behind brackets": (pdf(2, more={50: b"<< /A (\\)\\() /B (((a)(b))) /JS (1) >>"}), "scripts"),
    "a script behind odd digits": (pdf(2, more={50: b"<< /A <41(> /JS (1) /B <29)> >>"}), "scripts"),
    "a dynamic form in a list": (
        with_catalog(b"/AcroForm << /XFA [(a) 50 0 R] >>", {50: stream(b"<a/>")}),
        "dynamic_form",
    ),
    "a file that is attached to an object": (
        with_catalog(b"/AF [<< /Type /Filespec /F (a) /EF << /F 50 0 R >> >>]", {50: stream(b"MZ")}),
        "embedded_files",
    ),
}


@pytest.mark.parametrize(("content", "code"), ACTIVE.values(), ids=ACTIVE)
async def test_what_acts_is_refused_where_it_is(path: Path, content: bytes, code: str) -> None:
    assert await found(path, content) == code


@pytest.mark.parametrize("packed", [True, False], ids=["in object streams", "encrypted"])
async def test_the_same_holds_where_bytes_cannot_be_searched(path: Path, packed: bool) -> None:
    one = ("a key that stands twice", "a key without a value", "a script behind odd digits")  # qpdf mends these itself
    generate, locked = pikepdf.ObjectStreamMode.generate, pikepdf.Encryption(owner="owner", user="")
    tried = {name: each for name, each in ACTIVE.items() if b" 50 0 R" in each[0] and name not in one}
    assert len(tried) >= 5
    for name, (content, code) in tried.items():
        out = BytesIO()
        with pikepdf.open(BytesIO(content)) as document:
            document.save(out, object_stream_mode=generate, encryption=None if packed else locked)
        assert await found(path, out.getvalue()) == code, name


async def test_a_page_that_was_cut_out_of_a_large_file_is_taken(path: Path) -> None:
    """Its numbers are those of the large file: qpdf takes them for a small file's mistake."""
    renumbered = {number: f"{8000 + number} 0".encode() for number in range(1, 6)}
    body = re.sub(rb"\b([1-5]) 0 (obj|R)", lambda each: renumbered[int(each[1])] + b" " + each[2], WHOLE)
    places = {number: body.index(each + b" obj") for number, each in renumbered.items()}
    head = body[: body.index(b"xref\n")]
    table = b"".join(b"%d 1\n%010d 00000 n \n" % (8000 + number, at) for number, at in places.items())
    tail = b"trailer\n<< /Size 9000 /Root 8001 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(head)
    assert await found(path, head + b"xref\n0 1\n0000000000 65535 f \n" + table + tail) == Checked(2)
    assert await found(path, head + SCRIPT_ALONE + b"xref\n0 1\n0000000000 65535 f \n" + table + tail) == "scripts"
