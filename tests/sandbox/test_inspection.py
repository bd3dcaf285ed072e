"""What files say of themselves, and the broken, hostile and enormous ones that offices send."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import anyio
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageStat

from portal.sandbox import inspection, supervisor
from portal.sandbox.errors import Unreadable
from portal.sandbox.inspection import inspect, kind_of, render
from portal.sandbox.turns import turns_at
from tests.world.hostile import CORPUS, JPEG, PDF, PNG, TIFF, Hostile, forms, image, locked, pdf, scans, turned


@pytest.fixture(scope="module", autouse=True)
async def _one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """The module's tests share an event loop."""
    yield  # noqa: PT022 the loop lives as long as this waits


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (pdf(), PDF),
        (image("JPEG"), JPEG),
        (image("PNG"), PNG),
        (image("TIFF"), TIFF),
        (b"MM\x00*....", TIFF),
        (b"<!doctype html><title>scan.pdf</title>", None),
        (b"\n%PDF-1.4", PDF),
        (bytes(1025) + b"%PDF-1.4", None),
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
        (pdf(3), PDF, 3),
        (locked(""), PDF, 1),
        (image("JPEG"), JPEG, 1),
        (image("PNG", mode="P"), PNG, 1),
        (image("TIFF"), TIFF, 1),
        (scans(5), TIFF, 5),
    ],
)
async def test_pages_are_counted(file: Path, content: bytes, media_type: str, pages: int) -> None:
    file.write_bytes(content)
    assert (await inspect(file, media_type)).pages == pages


async def test_a_pdf_that_pdfium_wrote_is_taken(file: Path) -> None:
    document = pdfium.PdfDocument.new()
    document.new_page(595, 842)
    document.save(file)
    assert (await inspect(file, PDF)).pages == 1


async def test_a_phones_second_picture_is_no_page(file: Path) -> None:
    one, two = Image.new("RGB", (40, 40)), Image.new("RGB", (20, 20))
    one.save(file, "MPO", save_all=True, append_images=[two])
    assert kind_of(file.read_bytes()) == JPEG
    assert (await inspect(file, JPEG)).pages == 1


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len({each.name for each in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda each: each.name)
async def test_the_corpus(file: Path, hostile: Hostile) -> None:
    """A refusal with its reason, or a picture; and the next file is served as if nothing had been."""
    file.write_bytes(hostile.make())
    try:
        await inspect(file, hostile.media_type)
        picture = await render(file, hostile.media_type, 1, 400)
        became = "drawn" if Image.open(BytesIO(picture.data)).size == (picture.across, picture.down) else "wrong"
    except Unreadable as refusal:
        became = refusal.code
    assert became in hostile.becomes
    file.write_bytes(image("PNG"))
    assert (await inspect(file, PNG)).pages == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
async def test_a_pdf_that_was_cut_off_is_refused(file: Path, share: float) -> None:
    whole = pdf(40)
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable, match="cut_off"):
        await inspect(file, PDF)


async def test_the_most_pages_are_a_setting(file: Path) -> None:
    file.write_bytes(pdf(3))
    inspection.take_at_most(2)
    try:
        with pytest.raises(Unreadable, match="too_many_pages"):
            await inspect(file, PDF)
    finally:
        inspection.take_at_most(2000)
    assert (await inspect(file, PDF)).pages == 3


async def test_a_file_that_is_not_there_is_our_fault(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await inspect(file, PDF)


async def _picture(file: Path, content: bytes, media_type: str, page: int = 1, width: int = 1400) -> Image.Image:
    file.write_bytes(content)
    drawn = await render(file, media_type, page, width)
    picture = Image.open(BytesIO(drawn.data))
    assert (picture.format, picture.size) == ("JPEG", (drawn.across, drawn.down))
    return picture


async def test_pages_are_drawn(file: Path) -> None:
    assert (await _picture(file, pdf(2), PDF, 2)).width == 1400
    assert (await _picture(file, pdf(box="0 0 100 14000"), PDF)).height <= 5600
    assert (await _picture(file, image("JPEG", (3000, 1000)), JPEG, width=300)).size == (300, 100)
    assert (await _picture(file, scans(4), TIFF, 4, 200)).getpixel((9, 9)) == (255, 255, 255)
    assert (await _picture(file, scans(4), TIFF, 3, 200)).getpixel((9, 9)) == (0, 0, 0)


async def test_pictures_are_upright_on_white_and_keep_their_light(file: Path) -> None:
    assert (await _picture(file, turned(6), JPEG, width=100)).size == (100, 300)
    clear, deep = BytesIO(), BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(clear, "PNG")
    assert (await _picture(file, clear.getvalue(), PNG)).getpixel((9, 9)) == (255, 255, 255)
    Image.new("I;16", (50, 50), 0x8000).save(deep, "PNG")
    assert (await _picture(file, deep.getvalue(), PNG)).getpixel((9, 9)) == (128, 128, 128)


def chessboard(mode: str, form: str, across: int = 4960, down: int = 7016) -> bytes:
    """A large sheet of single black and white dots: any but an average by the area draws stripes or one colour."""
    rows = [bytes([0, 255] * (across // 2)), bytes([255, 0] * (across // 2))]
    sheet = Image.frombytes("L", (across, down), b"".join(rows * (down // 2))).convert(mode, dither=Image.Dither.NONE)
    out = BytesIO()
    sheet.save(out, form, resolution=600)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "form", "media_type"), [("L", "PDF", PDF), ("1", "PDF", PDF), ("L", "PNG", PNG), ("1", "TIFF", TIFF)]
)
async def test_scans_are_scaled_by_the_area(file: Path, mode: str, form: str, media_type: str) -> None:
    light = ImageStat.Stat((await _picture(file, chessboard(mode, form), media_type)).convert("L"))
    assert 120 < light.mean[0] < 136
    assert light.stddev[0] < 16  # one dot of them, without averaging: 127


@pytest.mark.parametrize(("content", "media_type"), [(pdf(), PDF), (scans(2), TIFF)])
async def test_a_page_that_is_not_there_is_refused(file: Path, content: bytes, media_type: str) -> None:
    file.write_bytes(content)
    with pytest.raises(Unreadable, match="broken"):
        await render(file, media_type, 3)


async def test_a_warm_program_that_died_while_idle_is_started_anew(file: Path) -> None:
    file.write_bytes(pdf(2))
    program = supervisor.warm().process
    program.kill()
    program.wait()
    assert (await inspect(file, PDF)).pages == 2


async def test_many_at_once_wait_for_their_turn(file: Path) -> None:
    file.write_bytes(pdf(2))
    counted: list[int] = []

    async def count() -> None:
        counted.append((await inspect(file, PDF)).pages)

    async with anyio.create_task_group() as group:
        for _ in range(12):
            group.start_soon(count)
    assert counted == [2] * 12


async def test_a_check_does_not_wait_for_heavy_pages(file: Path, tmp_path: Path) -> None:
    heavy = tmp_path / "heavy"
    heavy.write_bytes(pdf(content=b"/X Do", page=b"/Resources << /XObject << /X 50 0 R >> >>", more=forms(8)))
    file.write_bytes(pdf(2))
    drawing = [asyncio.ensure_future(render(heavy, PDF, 1)) for _ in range(inspection.AT_ONCE + 1)]
    while turns_at(inspection._drawings, inspection.AT_ONCE).available_tokens:
        await asyncio.sleep(0.001)
    assert (await inspect(file, PDF)).pages == 2
    assert not any(each.done() for each in drawing)
    for each in drawing:
        each.cancel()
    await asyncio.gather(*drawing, return_exceptions=True)


async def test_one_who_gives_up_leaves_no_child_behind(file: Path) -> None:
    file.write_bytes(pdf(2))
    opened = await inspection.read(file, PDF)
    asked = asyncio.ensure_future(opened.draw(1, 2800))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    opened.close()
    assert not opened.is_open
