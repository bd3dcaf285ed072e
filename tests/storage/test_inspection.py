"""What files say of themselves, and the broken, hostile and enormous ones that offices send."""

import os
import random
import signal
import struct
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import anyio
import pypdfium2 as pdfium
import pytest
from PIL import Image

from portal.storage import inspection
from portal.storage.inspection import Unreadable, inspect, kind_of, render

PDF, JPEG, PNG, TIFF = "application/pdf", "image/jpeg", "image/png", "image/tiff"
ENCRYPTION = (
    b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >> "
    b"/ID [<" + b"43" * 16 + b"><" + b"43" * 16 + b">]"
)


def _pdf(pages: int = 2, box: str = "0 0 595 842", trailer: bytes = b"", content: bytes = b"0 0 9 9 re f") -> bytes:
    """A plain PDF by hand, whole, with a cross-reference table."""
    kids = " ".join(f"{4 + each} 0 R" for each in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        *[f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 3 0 R >>".encode()] * pages,
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % each for each in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def _image(form: str, size: tuple[int, int] = (60, 90), mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    noise = random.Random(7).randbytes(size[0] * size[1])
    Image.frombytes("L", size, noise).convert(mode).save(out, form, **options)
    return out.getvalue()


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims to be so large, and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def _scans(count: int) -> bytes:
    pages = [Image.new("1", (400, 600), each % 2) for each in range(count)]
    out = BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return out.getvalue()


@pytest.fixture(scope="module", autouse=True)
async def _one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """The module's tests share an event loop, and with it the worker processes that it keeps."""
    yield  # noqa: PT022 the loop lives as long as this waits


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document"


async def _refusal(file: Path, content: bytes, media_type: str) -> str:
    file.write_bytes(content)
    with pytest.raises(Unreadable) as refused:
        await inspect(file, media_type)
    return refused.value.code


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (_pdf(), PDF),
        (_image("JPEG"), JPEG),
        (_image("PNG"), PNG),
        (_image("TIFF"), TIFF),
        (b"MM\x00*....", TIFF),
        (b"<!doctype html><title>scan.pdf</title>", None),
        (b"\n%PDF-1.4", None),
        (b"GIF89a", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_bytes_say_the_kind(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("content", "media_type", "pages"),
    [
        (_pdf(3), PDF, 3),
        (_image("JPEG"), JPEG, 1),
        (_image("PNG", mode="P"), PNG, 1),
        (_image("TIFF"), TIFF, 1),
        (_scans(5), TIFF, 5),
    ],
)
async def test_pages_are_counted(file: Path, content: bytes, media_type: str, pages: int) -> None:
    file.write_bytes(content)
    assert await inspect(file, media_type) == pages


async def test_a_pdf_that_pdfium_wrote_is_taken(file: Path) -> None:
    document = pdfium.PdfDocument.new()
    document.new_page(595, 842)
    document.save(file)
    assert await inspect(file, PDF) == 1


async def test_a_phones_second_picture_is_no_page(file: Path) -> None:
    one, two = Image.new("RGB", (40, 40)), Image.new("RGB", (20, 20))
    one.save(file, "MPO", save_all=True, append_images=[two])
    assert kind_of(file.read_bytes()) == JPEG
    assert await inspect(file, JPEG) == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
async def test_a_pdf_that_was_cut_off_is_refused(file: Path, share: float) -> None:
    whole = _pdf(40)
    assert await _refusal(file, whole[: int(len(whole) * share)], PDF) == "broken"


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (_pdf().replace(b"startxref", b"stortxref"), PDF, "broken"),
        (_pdf().replace(b"%%EOF", b"     "), PDF, "broken"),
        (_pdf()[:60] + b"startxref\n0\n%%EOF\n", PDF, "broken"),
        (b"<html>startxref 9 %%EOF</html>", PDF, "broken"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 16 + b"\nstartxref\n9\n%%EOF\n", PDF, "broken"),
        (b"", PDF, "broken"),
        (b"", TIFF, "broken"),
        (_pdf(trailer=ENCRYPTION), PDF, "encrypted"),
        (_pdf(0), PDF, "no_pages"),
        (_pdf(2001), PDF, "too_many_pages"),
        (_pdf(box="0 0 20000 842"), PDF, "absurd_dimensions"),
        (_image("JPEG")[:-900], JPEG, "broken"),
        (_image("PNG")[:-900], PNG, "broken"),
        (_scans(5)[:-300], TIFF, "broken"),
        (_image("PNG"), JPEG, "broken"),
        (_png_of(60_000, 60_000), PNG, "absurd_dimensions"),
        (_png_of(6000, 6000), PNG, "broken"),
        (b"II*\x00" + b"\xff" * 40, TIFF, "broken"),
    ],
)
async def test_bad_files_are_refused_by_their_fault(file: Path, content: bytes, media_type: str, code: str) -> None:
    assert await _refusal(file, content, media_type) == code


def test_a_pdf_that_opens_with_an_empty_password_is_encrypted_still(file: Path) -> None:
    from hashlib import md5

    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner, number = b"A" * 32, b"C" * 16  # ISO 32000-1, algorithms 2 and 4, revision 2
    key = md5(pad + owner + struct.pack("<i", -4) + number, usedforsecurity=False).digest()[:5]
    user = _rc4(key, pad)
    trailer = ENCRYPTION.replace(b"42" * 32, user.hex().encode())
    file.write_bytes(_pdf(trailer=trailer, content=b" "))
    with pdfium.PdfDocument(file) as opened:
        assert len(opened) == 2
    with pytest.raises(Unreadable, match="encrypted"):
        inspection.count_pages(file, PDF)


def _rc4(key: bytes, data: bytes) -> bytes:
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


async def test_a_file_that_is_not_there_is_our_fault(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await inspect(file, PDF)


async def _picture(file: Path, content: bytes, media_type: str, page: int = 1, width: int = 1400) -> Image.Image:
    file.write_bytes(content)
    picture = Image.open(BytesIO(await render(file, media_type, page, width)))
    assert picture.format == "JPEG"
    return picture


async def test_pages_are_drawn(file: Path) -> None:
    assert (await _picture(file, _pdf(), PDF, 2)).width == 1400
    assert (await _picture(file, _pdf(box="0 0 100 14000"), PDF)).height <= 5600 + 1
    assert (await _picture(file, _image("JPEG", (3000, 1000)), JPEG, width=300)).size == (300, 100)
    assert (await _picture(file, _scans(4), TIFF, 4, 200)).getpixel((9, 9)) == (255, 255, 255)
    assert (await _picture(file, _scans(4), TIFF, 3, 200)).getpixel((9, 9)) == (0, 0, 0)


async def test_pictures_are_upright_on_white_and_keep_their_light(file: Path) -> None:
    exif = Image.Exif()
    exif[inspection.ORIENTATION] = 6
    assert (await _picture(file, _image("JPEG", (900, 300), exif=exif), JPEG, width=100)).size == (100, 300)
    clear, deep = BytesIO(), BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(clear, "PNG")
    assert (await _picture(file, clear.getvalue(), PNG)).getpixel((9, 9)) == (255, 255, 255)
    Image.new("I;16", (50, 50), 0x8000).save(deep, "PNG")
    assert (await _picture(file, deep.getvalue(), PNG)).getpixel((9, 9)) == (128, 128, 128)


@pytest.mark.parametrize(("content", "media_type"), [(_pdf(), PDF), (_scans(2), TIFF)])
async def test_a_page_that_is_not_there_is_refused(file: Path, content: bytes, media_type: str) -> None:
    file.write_bytes(content)
    with pytest.raises(Unreadable, match="broken"):
        await render(file, media_type, 3)


def _hang() -> int:
    time.sleep(60)
    return 0


async def test_a_child_that_dies_is_the_files_fault() -> None:
    with pytest.raises(Unreadable, match="broken"):
        await inspection._apart(os.abort)


async def test_a_worker_that_died_while_idle_is_not(file: Path) -> None:
    file.write_bytes(_pdf())
    os.kill(int(await inspection._apart(os.getpid)), signal.SIGKILL)
    assert await inspect(file, PDF) == 2


async def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "PATIENCE", 2.0)
    started = time.monotonic()
    with pytest.raises(Unreadable, match="broken"):
        await inspection._apart(_hang)
    assert time.monotonic() - started < 10


async def test_waiting_for_a_turn_costs_no_patience(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(_pdf())
    assert await inspect(file, PDF) == 2  # one worker is warm
    monkeypatch.setattr(inspection, "PATIENCE", 6.0)
    counted: list[int] = []

    async def count() -> None:
        counted.append(await inspect(file, PDF))

    async with inspection._turn(), anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(count)
        await anyio.sleep(0.2)
    assert counted == [2] * 6
