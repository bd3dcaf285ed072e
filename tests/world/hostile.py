# ruff: noqa: E501 (a file a line)
"""Hostile, broken and odd files, made here: what offices send by mistake, and what an attacker sends on purpose.

`CORPUS` names each with what must become of it: a set of refusals, `DRAWN` for a file that is shown as it is, or
`EITHER`. Nothing in it was ever anybody's document.
"""

import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from zipfile import ZipFile

import pikepdf
from PIL import Image

PDF, JPEG, PNG, TIFF = "application/pdf", "image/jpeg", "image/png", "image/tiff"
DRAWN = frozenset({"drawn"})
BROKEN = frozenset({"broken"})
CUT = frozenset({"cut_off"})
HEAVY = frozenset({"too_heavy", "broken", "absurd_dimensions"})
EITHER = DRAWN | HEAVY


@dataclass(frozen=True)
class Hostile:
    """A file of the corpus. `becomes`: refusals, or `drawn`; one of them must come about."""

    name: str
    make: Callable[[], bytes]
    media_type: str
    becomes: frozenset[str]


def pdf(
    pages: int = 1,
    *,
    content: bytes = b"0 0 99 99 re f",
    box: str = "0 0 595 842",
    catalog: bytes = b"",
    page: bytes = b"",
    more: Mapping[int, bytes] | None = None,
    trailer: bytes = b"",
    filtered: bytes = b"",
) -> bytes:
    """A plain PDF by hand, whole, with a cross-reference table. `more` adds objects from number 50 on."""
    kids = " ".join(f"{4 + each} 0 R" for each in range(pages))
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        3: stream(content, filtered),
    }
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 3 0 R %s >>" % (box.encode(), page)
    objects |= {4 + each: leaf for each in range(pages)}
    return raw_pdf(objects | dict(more or {}), trailer)


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), about, data)


def raw_pdf(objects: Mapping[int, bytes], trailer: bytes = b"", head: bytes = b"%PDF-1.7\n") -> bytes:
    """Objects by number, their table and the trailer."""
    out, offsets = bytearray(head), {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, at in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, at)
    size = max(objects) + 1
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def with_image(image: bytes, about: bytes, more: Mapping[int, bytes] | None = None) -> bytes:
    """A page that shows one image XObject."""
    objects = {50: stream(image, b"/Type /XObject /Subtype /Image " + about)} | dict(more or {})
    return pdf(content=b"q 595 0 0 842 0 0 cm /I Do Q", page=b"/Resources << /XObject << /I 50 0 R >> >>", more=objects)


def image(form: str, size: tuple[int, int] = (60, 90), mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    noise = random.Random(7).randbytes(size[0] * size[1])
    Image.frombytes("L", size, noise).convert(mode).save(out, form, **options)
    return out.getvalue()


def scans(count: int, size: tuple[int, int] = (400, 600)) -> bytes:
    pages = [Image.new("1", size, each % 2) for each in range(count)]
    out = BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return out.getvalue()


def png_of(width: int, height: int, data: bytes = b"0", more: bytes = b"") -> bytes:
    """A PNG that claims to be so large; `data` is what it holds, `more` are chunks before it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + more + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def tiff_directories(count: int, loop: bool = False) -> bytes:
    """A TIFF of so many directories that share one strip; a loop leads back to the first."""
    strip = b"\x80" * 64
    out, at = bytearray(b"II*\x00" + struct.pack("<I", 8 + len(strip)) + strip), 8 + len(strip)
    entries = [(256, 3, 8), (257, 3, 8), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 3, 8), (279, 4, 64)]
    for each in range(count):
        at += 2 + 12 * len(entries) + 4
        body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
        following = (8 + len(strip) if loop else 0) if each == count - 1 else at
        out += struct.pack("<H", len(entries)) + body + struct.pack("<I", following)
    return bytes(out)


def huge_strip() -> bytes:
    """A TIFF whose only strip says that it lies beyond the file."""
    return tiff_directories(1).replace(struct.pack("<HHII", 273, 4, 1, 8), struct.pack("<HHII", 273, 4, 1, 99_999_999))


def jbig2(width: int, height: int) -> bytes:
    """An embedded JBIG2 stream of one page of this size and one generic region without data (ITU-T T.88, 7.2)."""
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x00" + b"\x03\xff\xfd\xff\x02\xfe\xfe\xfe"
    head = struct.pack(">IBBBI", 0, 48, 0, 1, len(page))
    return head + page + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region


def zipped() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("run.bat", "echo")
    return out.getvalue()


def locked(user: str, revision: Literal[2, 3, 4, 5, 6] = 6) -> bytes:
    """A PDF under a password to change it, and one to open it unless `user` is empty."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="owner", user=user, R=revision))
    return out.getvalue()


def in_object_streams(body: bytes) -> bytes:
    """The same PDF with its objects packed into compressed streams: nothing is to be found by searching its bytes."""
    out = BytesIO()
    with pikepdf.open(BytesIO(body)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    return out.getvalue()


def jpeg_with(comment: bytes) -> bytes:
    """A JPEG with a comment segment at its head."""
    whole = image("JPEG")
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + whole[2:]


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return image("JPEG", (900, 300), exif=exif)


def font_program(data: bytes, kind: bytes = b"/FontFile2") -> bytes:
    """A page whose text is set in an embedded font with this program."""
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /A /FirstChar 65 /LastChar 66 /Widths [500 500] "
    font += b"/FontDescriptor 51 0 R >>"
    descriptor = b"<< /Type /FontDescriptor /FontName /A /Flags 4 /FontBBox [0 0 9 9] /ItalicAngle 0 /Ascent 9 "
    descriptor += b"/Descent 0 /CapHeight 9 /StemV 1 " + kind + b" 52 0 R >>"
    return pdf(
        content=b"BT /F 99 Tf 99 99 Td (AB) Tj ET",
        page=b"/Resources << /Font << /F 50 0 R >> >>",
        more={50: font, 51: descriptor, 52: stream(data, b"/Length1 %d" % len(data))},
    )


def deep(count: int) -> bytes:
    return b"[" * count + b"]" * count


def forms(depth: int) -> dict[int, bytes]:
    """Form XObjects that each draw the next one ten times: ten to the `depth` drawings."""
    found = {}
    for each in range(depth):
        following = b"/Resources << /XObject << /X %d 0 R >> >>" % (51 + each) if each < depth - 1 else b""
        drawn = b"/X Do " * 10 if each < depth - 1 else b"0 0 m 1 1 l S"
        found[50 + each] = stream(drawn, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + following)
    return found


def spinning(count: int) -> bytes:
    """Pages of a hundred million strokes each, the first and the last one plain."""
    plain = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    use = b"/Resources << /XObject << /X 50 0 R >> >>"
    return pdf(count, content=b"/X Do", page=use, more={**forms(8), 4: plain, 3 + count: plain})


GOTO_JS = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
LAUNCH = b"<< /S /Launch /F (cmd.exe) >>"
RANDOM = random.Random(3).randbytes(4096)


def flate_bomb(size: int) -> bytes:
    """Zeros that deflate to a thousandth, made piece by piece."""
    packer, out = zlib.compressobj(9), bytearray()
    for _ in range(size // 1_000_000):
        out += packer.compress(bytes(1_000_000))
    return bytes(out + packer.flush())


def case(name: str, make: Callable[[], bytes], becomes: frozenset[str] | str, media_type: str = PDF) -> Hostile:
    return Hostile(name, make, media_type, frozenset({becomes}) if isinstance(becomes, str) else becomes)


WIDGET = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [0 0 9 9] /AA << /K %s >> >>"

CORPUS = (
    # cut off, hollow, mangled
    case("empty", lambda: b"", BROKEN),
    case("half of it", lambda: pdf(40)[:2000], CUT),
    case("its last byte but sixty", lambda: pdf(40)[:-60], CUT),
    case("no startxref", lambda: pdf().replace(b"startxref", b"stortxref"), DRAWN),
    case("no end", lambda: pdf().replace(b"%%EOF", b"     "), DRAWN),
    case("startxref beyond the end", lambda: pdf()[:-20] + b"startxref\n99999999\n%%EOF\n", DRAWN),
    case("startxref of itself", lambda: pdf()[:60] + b"startxref\n0\n%%EOF\n", BROKEN),
    case("noise between head and tail", lambda: b"%PDF-1.4\n" + RANDOM + b"\nstartxref\n9\n%%EOF\n", BROKEN),
    case("a table of the wrong offsets", lambda: pdf().replace(b"%PDF-1.7\n", b"%PDF-1.7\n% moved\n"), EITHER),
    case("no pages", lambda: pdf(0), "no_pages"),
    case("no catalog", lambda: raw_pdf({1: b"<< >>"}), frozenset({"broken", "no_pages"})),
    case("a catalog that is a number", lambda: raw_pdf({1: b"42"}), frozenset({"broken", "no_pages"})),
    case("more pages than are taken", lambda: pdf(2001), "too_many_pages"),
    case("a count that lies", lambda: pdf(3).replace(b"/Count 3", b"/Count 9"), EITHER | CUT),
    case("contents that are no stream", lambda: pdf(page=b"/Contents 2 0 R"), DRAWN | BROKEN),
    # loops
    case("a page tree that holds itself", lambda: pdf().replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"), BROKEN | CUT | {"no_pages"}),
    case("a parent that is its own", lambda: pdf(page=b"/Parent 4 0 R"), DRAWN | BROKEN),
    case("a stream as long as itself", lambda: pdf().replace(b"/Length 14", b"/Length 3 0 R"), DRAWN | BROKEN),
    case("an earlier table that is this one", lambda: pdf(trailer=b"/Prev 9"), DRAWN | BROKEN),
    case("a form that draws itself", lambda: pdf(content=b"/X Do", page=b"/Resources << /XObject << /X 50 0 R >> >>", more={50: stream(b"/X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 50 0 R >> >>")}), DRAWN),
    case("arrays in arrays without end", lambda: pdf(catalog=b"/X " + deep(200_000)), BROKEN | {"too_heavy"} | DRAWN),
    case("outlines that lead back", lambda: pdf(catalog=b"/Outlines 50 0 R", more={50: b"<< /First 51 0 R /Last 51 0 R >>", 51: b"<< /Title (a) /Parent 50 0 R /Next 51 0 R >>"}), DRAWN),
    # sizes
    case("a page a kilometre wide", lambda: pdf(box="0 0 2834645 842"), "absurd_dimensions"),
    case("a page of no size", lambda: pdf(box="0 0 0 0"), DRAWN | {"absurd_dimensions", "broken"}),
    case("an image of 3,600 megapixels", lambda: with_image(b"0", b"/Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"), "absurd_dimensions"),
    case("a JBIG2 page of 3,600 megapixels", lambda: with_image(jbig2(60_000, 60_000), b"/Width 100 /Height 100 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode"), EITHER),
    case("a JBIG2 page of 4 billion lines", lambda: with_image(jbig2(100, 0xFFFFFFFF), b"/Width 100 /Height 100 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode"), EITHER),
    case("a page's content of two gigabytes", lambda: pdf(content=flate_bomb(2_000_000_000), filtered=b"/Filter /FlateDecode"), EITHER),
    case("a bomb within a bomb", lambda: pdf(content=zlib.compress(flate_bomb(900_000_000), 9), filtered=b"/Filter [/FlateDecode /FlateDecode]"), EITHER),
    case("an image that inflates beyond its size", lambda: with_image(flate_bomb(800_000_000), b"/Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode"), EITHER),
    case("ten thousand million drawings", lambda: pdf(content=b"/X Do", page=b"/Resources << /XObject << /X 50 0 R >> >>", more=forms(10)), EITHER),
    case("a pattern of ten million tiles", lambda: pdf(content=b"/Pattern cs /P scn 0 0 595 842 re f", page=b"/Resources << /Pattern << /P 50 0 R >> >>", more={50: stream(b"0 0 1 1 re f", b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 .1 .1] /XStep .1 /YStep .1 /Resources << >>")}), EITHER),
    # what would do something by itself
    case("a script on opening", lambda: pdf(catalog=GOTO_JS), "scripts"),
    case("a script in the names", lambda: pdf(catalog=b"/Names << /JavaScript << /Names [(a) 50 0 R] >> >>", more={50: b"<< /S /JavaScript /JS (1) >>"}), "scripts"),
    case("a script with an escaped name", lambda: pdf(catalog=b"/OpenAction << /S /J#61vaScript /J#53 (1) >>"), "scripts"),
    case("a script that nothing refers to", lambda: pdf(more={50: b"<< /S /JavaScript /JS (1) >>"}), "scripts"),
    case("a script under a number that one parser drops", lambda: pdf(more={1000: b"<< /S /JavaScript /JS (1) >>"}), "scripts"),
    case("a script under a number beyond the size", lambda: pdf(more={1000: b"<< /S /JavaScript /JS (1) >>"}).replace(b"/Size 1001", b"/Size 9"), "scripts"),
    case("a script within compressed objects", lambda: in_object_streams(pdf(catalog=GOTO_JS)), "scripts"),
    case("a script on a page's closing", lambda: pdf(page=b"/AA << /C << /S /JavaScript /JS (1) >> >>"), "scripts"),
    case("a script on a key", lambda: pdf(page=b"/Annots [50 0 R]", more={50: WIDGET % b"<< /S /JavaScript /JS (1) >>"}), "scripts"),
    case("a script behind another action", lambda: pdf(catalog=b"/OpenAction << /S /GoTo /D [4 0 R /Fit] /Next [<< /S /JavaScript /JS (1) >>] >>"), "scripts"),
    case("an XFA form", lambda: pdf(catalog=b"/AcroForm << /Fields [] /XFA 50 0 R >>", more={50: stream(b"<xdp/>")}), "dynamic_form"),
    case("a launch on opening", lambda: pdf(catalog=b"/OpenAction " + LAUNCH), "launch_actions"),
    case("a launch behind a link", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A " + LAUNCH + b" >>]"), "launch_actions"),
    case("a link into another file", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F (\\\\\\\\host\\\\a.pdf) /D [0 /Fit] >> >>]"), DRAWN),
    case("a form that is sent away", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /SubmitForm /F (http://a/) >> >>]"), DRAWN),
    case("an attachment", lambda: pdf(catalog=b"/Names << /EmbeddedFiles << /Names [(a) 50 0 R] >> >>", more={50: b"<< /Type /Filespec /F (a.exe) /EF << /F 51 0 R >> >>", 51: stream(b"MZ", b"/Type /EmbeddedFile")}), "embedded_files"),
    case("an attachment on a page", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /F (a) >> >>]"), "embedded_files"),
    case("a film", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>]"), "media"),
    case("a sound", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Sound >> >>]"), "media"),
    case("a link into the web", lambda: pdf(page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://example.org) >> >>]"), DRAWN),
    # passwords
    case("a password to open", lambda: locked("secret"), "encrypted"),
    case("a password to open, AES-128", lambda: locked("secret", 4), "encrypted"),
    case("a password to change alone", lambda: locked(""), DRAWN),
    case("a password to change alone, AES-128", lambda: locked("", 4), DRAWN),
    case("an unknown handler", lambda: pdf(trailer=b"/Encrypt << /Filter /Mine /V 1 >> /ID [<00><00>]"), "encrypted"),
    # two kinds at once
    case("PDF and ZIP", lambda: pdf() + zipped() + b"\nstartxref\n9\n%%EOF\n", frozenset({"two_kinds", "broken"})),
    case("PDF and ZIP whose comment ends as a PDF", lambda: pdf()[:-40] + zipped()[:-2] + struct.pack("<H", 60) + pdf()[-60:], frozenset({"two_kinds", "broken"})),
    case("PDF behind HTML", lambda: b"<html><script>alert(1)</script>\n" + pdf(), "two_kinds"),
    case("PDF behind a program", lambda: b"MZ\x90\n" + pdf(), "two_kinds"),
    case("PDF with markup in a comment", lambda: raw_pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", 3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"}, head=b"%PDF-1.7\n%<html><script>alert(1)</script>\n"), DRAWN),
    case("JPEG and PDF", lambda: jpeg_with(pdf()), "two_kinds", JPEG),
    case("JPEG and then PDF", lambda: image("JPEG") + pdf(), "two_kinds", JPEG),
    case("PNG and ZIP", lambda: image("PNG") + zipped(), "two_kinds", PNG),
    # fonts
    case("a font of noise", lambda: font_program(RANDOM), DRAWN),
    case("a font of nothing", lambda: font_program(b""), DRAWN),
    case("a font with a head alone", lambda: font_program(b"\x00\x01\x00\x00" + b"\xff" * 300), DRAWN),
    case("a CFF font of noise", lambda: font_program(b"\x01\x00\x04\x04" + RANDOM, b"/FontFile3"), DRAWN),
    case("a Type 1 font of noise", lambda: font_program(b"%!PS-AdobeFont-1.0\n" + RANDOM, b"/FontFile"), DRAWN),
    # images
    case("a JPEG of its head alone", lambda: image("JPEG")[:200], BROKEN | CUT, JPEG),
    case("a JPEG without its tail", lambda: image("JPEG", (600, 900))[:-900], BROKEN | CUT, JPEG),
    case("a PNG without its tail", lambda: image("PNG")[:-900], BROKEN | CUT, PNG),
    case("a PNG of 3,600 megapixels", lambda: png_of(60_000, 60_000), "absurd_dimensions", PNG),
    case("a PNG that holds nothing of what it says", lambda: png_of(6000, 6000), BROKEN | CUT, PNG),
    case("a PNG with a text that inflates without end", lambda: png_of(8, 8, bytes(200), chunk(b"zTXt", b"a\0\0" + flate_bomb(400_000_000))), EITHER, PNG),
    case("a PNG under the name of a JPEG", lambda: image("PNG"), BROKEN, JPEG),
    case("a TIFF of thousands of directories", lambda: tiff_directories(5000), "too_many_pages", TIFF),
    case("a TIFF that leads back", lambda: tiff_directories(3, loop=True), EITHER, TIFF),
    case("a TIFF with a strip beyond the end", huge_strip, BROKEN | CUT, TIFF),
    case("a TIFF of noise", lambda: b"II*\x00" + b"\xff" * 40, BROKEN, TIFF),
    case("a fax that was cut off", lambda: scans(5)[:-300], BROKEN | CUT, TIFF),
    case("a camera held upright", lambda: turned(6), DRAWN, JPEG),
    case("a camera upside down", lambda: turned(3), DRAWN, JPEG),
    case("a printer's CMYK", lambda: image("JPEG", mode="CMYK"), DRAWN, JPEG),
    case("a fax of one bit", lambda: scans(2), DRAWN, TIFF),
    case("a PNG of one bit", lambda: image("PNG", mode="1"), DRAWN, PNG),
    case("a PNG with a palette", lambda: image("PNG", mode="P"), DRAWN, PNG),
    case("a PNG with half-clear parts", lambda: image("PNG", mode="LA"), DRAWN, PNG),
)  # fmt: skip
