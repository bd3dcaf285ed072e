"""Pictures by many programs: each is drawn upright and in the shape of its paper, or refused when it is sent."""

import random
import re
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps, ImageStat

from portal.sandbox.errors import MOST_PIXELS, Unreadable, fits
from portal.sandbox.inspection import inspect, kind_of, render
from tests.world.files import PAPERS
from tests.world.hostile import JPEG, PNG, TIFF, chunk

IMAGES = PAPERS / "images"
DOTS = ("imagemagick-200x100", "imagemagick-2x1", "imagemagick-80x40-cm")
FAXES = sorted(IMAGES.glob("ghostscript-fax-*"))
UNFAMILIAR = [
    IMAGES / f"{each}.tif"
    for each in (
        "ghostscript-tiff12nc",
        "imagemagick-lab16",
        "tiffcp-bigtiff-be",
        "tiffcp-jpeg-planes",
        "tiffcp-lerc",
        "tiffcp-webp",
    )
]
STRETCHED = sorted(each for each in IMAGES.iterdir() if each.stem in DOTS)
CORNERS = sorted(
    each for each in IMAGES.iterdir() if each.suffix != ".md" and each not in (*UNFAMILIAR, *FAXES, *STRETCHED)
)
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
BLACK = ("g3", "g4", "mono")
GREY = ("grey", "gray", "float")
NEAR, LAB = 40, 85  # of 255: what JPEG and CMYK may change, and another white point in Lab
ORIENTATIONS: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda image: image,
    2: ImageOps.mirror,
    3: lambda image: image.rotate(180),
    4: ImageOps.flip,
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.fixture(scope="module", autouse=True)
async def _one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """The module's tests share an event loop."""
    yield  # noqa: PT022 the loop lives as long as this waits


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document"


async def drawn(path: Path, page: int = 1, width: int = 1400) -> Image.Image:
    """The page's picture, after the check."""
    media_type = kind_of(path.read_bytes()[:16])
    assert media_type is not None
    await inspect(path, media_type)
    return Image.open(BytesIO((await render(path, media_type, page, width)).data))


def written(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    """The mean colours of the four corners."""
    across, down = image.width // 8, image.height // 8
    spots = [(x, y) for y in (0, image.height - down) for x in (0, image.width - across)]
    means = [ImageStat.Stat(image.convert("RGB").crop((x, y, x + across, y + down))).mean for x, y in spots]
    return [(round(red), round(green), round(blue)) for red, green, blue in means]


def is_near(found: tuple[int, int, int], wanted: tuple[int, int, int], near: int = NEAR) -> bool:
    return all(abs(one - other) <= near for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("path", CORNERS, ids=lambda each: each.name)
async def test_what_many_programs_make_is_drawn(path: Path) -> None:
    picture = await drawn(path)
    assert picture.size == (120, 80)
    found = corners(picture)
    if any(each in path.stem for each in BLACK):
        assert [sum(each) > 3 * 127 for each in found] == [False, True, False, True]
    elif "inverse" in path.stem:  # ImageMagick named it so, and left the values as they were: it is a negative
        assert found[2] > found[0] > found[1] > found[3]
    elif any(each in path.stem for each in GREY):
        assert found[2] < found[0] < found[1] < found[3]
        assert found[3][0] > 255 - NEAR
    elif "clear" in path.stem or "rgba" in path.stem:
        assert is_near(found[3], (255, 255, 255))
    else:
        near = LAB if "lab" in path.stem else NEAR
        assert all(is_near(one, other, near) for one, other in zip(found, COLOURS, strict=True)), found


def test_the_papers_are_many_and_small() -> None:
    assert len(CORNERS) + len(FAXES) + len(STRETCHED) + len(UNFAMILIAR) >= 60
    assert max(each.stat().st_size for each in IMAGES.iterdir()) < 40_000


@pytest.mark.parametrize("path", UNFAMILIAR, ids=lambda each: each.name)
async def test_what_cannot_be_drawn_is_refused_when_it_is_sent(path: Path) -> None:
    with pytest.raises(Unreadable, match="unfamiliar"):
        await inspect(path, TIFF)


@pytest.mark.parametrize("path", FAXES, ids=lambda each: each.name)
async def test_a_fax_has_the_shape_of_its_paper(path: Path) -> None:
    assert (await inspect(path, TIFF)).pages == 3
    for page in (1, 3):
        picture = await drawn(path, page)
        assert picture.size == (1400, 1981 if "lzw" in path.stem else 1933)  # a fax is a little wider than A4
        assert picture.getpixel((300, 1300)) == (0, 0, 0)


@pytest.mark.parametrize("path", STRETCHED, ids=lambda each: each.name)
async def test_dots_that_are_not_square_keep_their_detail(path: Path) -> None:
    assert (await drawn(path)).size == (60, 90)


@pytest.mark.parametrize(
    ("dpi", "size"),
    [
        ((100, 200), (120, 50)),
        ((300, 299), (60, 50)),
        ((300, 0), (60, 50)),
        ((900, 100), (60, 50)),
        ((400, 100), (60, 200)),
    ],
)
async def test_a_shape_is_believed_within_reason(file: Path, dpi: tuple[int, int], size: tuple[int, int]) -> None:
    for form in ("TIFF", "PNG", "JPEG"):
        file.write_bytes(written(Image.new("L", (60, 50), 99), form, dpi=dpi))
        assert (await drawn(file)).size == size


async def test_each_page_has_its_own_shape(file: Path) -> None:
    pages = [Image.new("1", (60, 50)) for _ in range(3)]
    for page, dpi in zip(pages, ((200, 100), (100, 100), (100, 200)), strict=True):
        page.encoderinfo = {"dpi": dpi}
    file.write_bytes(written(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [(await drawn(file, page)).size for page in (1, 2, 3)] == [(60, 100), (60, 50), (120, 50)]


async def test_what_a_camera_says_of_its_dots_counts(file: Path) -> None:
    exif = Image.Exif()
    exif.update({0x011A: 200.0, 0x011B: 100.0, 0x0128: 2, 0x0112: 6})
    file.write_bytes(written(Image.new("RGB", (60, 45)), "JPEG", exif=exif))
    assert (await drawn(file)).size == (90, 60)


def marked(mode: str, size: tuple[int, int] = (1500, 1000)) -> Image.Image:
    """Black, with one bright corner and one bright edge, so that none of the eight is like another."""
    image = Image.new("L", size)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 4, size[1] // 4), fill=255)
    draw.rectangle((0, 0, size[0], size[1] // 10), fill=255)
    if mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * 257).convert("I;16")
    return image.convert("CMYK" if mode == "CMYK" else mode)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("form", "mode"),
    [("TIFF", each) for each in ("1", "L", "RGB", "P", "CMYK", "I;16", "LA", "RGBA")]
    + [("PNG", each) for each in ("1", "RGB", "I;16")]
    + [("JPEG", each) for each in ("L", "RGB", "CMYK")],
)
async def test_every_orientation_is_drawn_upright_at_full_size(
    file: Path, form: str, mode: str, orientation: int
) -> None:
    upright = marked(mode, (1000, 1500))
    lying = ORIENTATIONS[orientation](upright)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"tiffinfo": {274: orientation}} if form == "TIFF" else {"exif": exif}
    file.write_bytes(written(lying, form, **options))
    picture = (await drawn(file)).convert("L")
    assert picture.size == (1000, 1500)
    found = [picture.getpixel(each) for each in ((200, 200), (800, 200), (200, 1300), (800, 50))]
    assert [each > 127 for each in found] == [True, False, False, True]  # type: ignore[operator]


async def test_a_map_of_a0_is_drawn(file: Path) -> None:
    """400 dots an inch, black and white: 248 million dots, and a limit of memory."""
    sheet = Image.new("1", (13_244, 18_724), 1)
    ImageDraw.Draw(sheet).rectangle((0, 0, 6000, 9000), fill=0)
    for form, options in (("PNG", {}), ("TIFF", {"compression": "group4"})):
        file.write_bytes(written(sheet, form, **options))
        picture = await drawn(file)
        assert picture.size == (1400, 1979)
        assert [picture.getpixel(each) for each in ((9, 9), (1390, 1970))] == [(0, 0, 0), (255, 255, 255)]


def test_room_goes_by_bytes() -> None:
    assert fits(13_244, 18_724, 1)
    assert fits(13_244, 18_724, 8)
    assert not fits(13_244, 18_724, 24)
    assert fits(MOST_PIXELS, 1, 24)
    assert not fits(60_000, 60_000, 1)


async def test_a_bomb_in_black_and_white_is_refused(file: Path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(Unreadable, match="absurd_dimensions"):
        await inspect(file, PNG)


def noisy(mode: str = "RGB", size: tuple[int, int] = (90, 70)) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, random.Random(5).randbytes(bands * size[0] * size[1])).resize((180, 140))


MANY_SCANS = ("cjpeg-scans", "cjpeg-rgb", "jpegtran-progressive-restart")
JPEGS = {
    "grey": written(noisy("L"), "JPEG"),
    "colour": written(noisy(), "JPEG"),
    "colour, fine": written(noisy(), "JPEG", quality=100),
    "progressive": written(noisy(), "JPEG", progressive=True),
    "progressive, fine": written(noisy(), "JPEG", progressive=True, quality=100),
    "restarts": written(noisy(), "JPEG", restart_marker_rows=1),
    "many restarts": written(noisy(), "JPEG", restart_marker_blocks=2),
    "progressive with restarts": written(noisy(), "JPEG", progressive=True, restart_marker_rows=1),
    "white": written(Image.new("RGB", (800, 900), "white"), "JPEG", optimize=True),
    **{each.name: each.read_bytes() for each in IMAGES.glob("*.jpg") if each.stem in MANY_SCANS},
}


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("lacking", [1, 2])
async def test_a_jpeg_that_lacks_only_its_end_is_mended(file: Path, name: str, lacking: int) -> None:
    whole = JPEGS[name]
    assert whole.endswith(b"\xff\xd9")
    file.write_bytes(whole[:-lacking])
    assert (await inspect(file, JPEG)).mended == ("jpeg_end",)
    picture = await drawn(file)
    file.write_bytes(whole)
    assert (await inspect(file, JPEG)).mended == ()
    assert picture.tobytes() == (await drawn(file)).tobytes()


@pytest.mark.parametrize("name", [each for each in JPEGS if each != "white"])
async def test_a_jpeg_that_lacks_more_is_refused(file: Path, name: str) -> None:
    """Also where it ends with a scan, with a row, or before a restart marker."""
    whole = JPEGS[name]
    marks = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7\xda\xc4]", whole) if found.start() > 600]
    for end in {len(whole) - 12, len(whole) * 9 // 10, len(whole) // 2, *marks[:4], *marks[-8:]}:
        file.write_bytes(whole[:end])
        with pytest.raises(Unreadable, match=r"broken|cut_off"):
            await inspect(file, JPEG)


@pytest.mark.parametrize("name", ["grey", "colour", "progressive"])
async def test_a_jpeg_that_was_cut_and_filled_is_refused(file: Path, name: str) -> None:
    for lost, filled in ((2, 500), (40, 4000), (300, 4096)):
        file.write_bytes(JPEGS[name][:-lost] + bytes(filled))
        with pytest.raises(Unreadable, match=r"broken|cut_off"):
            await inspect(file, JPEG)


async def test_what_phones_append_is_no_damage(file: Path) -> None:
    for trailer in (b"SEFT" * 40, JPEGS["grey"], bytes(999)):
        file.write_bytes(JPEGS["colour"] + trailer)
        assert (await inspect(file, JPEG)).mended == ()


async def test_a_thumbnails_end_is_not_the_pictures(file: Path) -> None:
    small = written(noisy().resize((32, 24)), "JPEG")
    segment = b"\xff\xe1" + (len(small) + 8).to_bytes(2) + b"Exif\0\0" + small
    whole = JPEGS["colour"][:2] + segment + JPEGS["colour"][2:]
    file.write_bytes(whole[:-2])
    assert (await inspect(file, JPEG)).mended == ("jpeg_end",)
    file.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(Unreadable, match=r"broken|cut_off"):
        await inspect(file, JPEG)


@pytest.mark.parametrize("name", ["imagemagick.png", "imagemagick-interlaced.png", "imagemagick-palette.png"])
async def test_a_png_without_its_end_is_mended_if_every_row_is_there(file: Path, name: str) -> None:
    whole = (IMAGES / name).read_bytes()
    end = whole.index(b"IDAT") + 4 + int.from_bytes(whole[whole.index(b"IDAT") - 4 : whole.index(b"IDAT")])
    picture = await drawn(IMAGES / name)
    file.write_bytes(whole[:end])
    assert (await inspect(file, PNG)).mended == ("png_end",)
    assert (await drawn(file)).tobytes() == picture.tobytes()
    for lost in (20, 200, (end - 60) // 2):
        file.write_bytes(whole[: end - lost])
        with pytest.raises(Unreadable, match=r"broken|cut_off"):
            await inspect(file, PNG)


@pytest.mark.parametrize(
    "name", ["tiffcp-lzw.tif", "tiffcp-g4.tif", "tiffcp-tiles.tif", "tiffcp-bigtiff.tif", "ghostscript-tiffgray.tif"]
)
async def test_a_tiff_that_was_cut_off_is_refused(file: Path, name: str) -> None:
    whole = (IMAGES / name).read_bytes()
    for share in (0.1, 0.3, 0.5, 0.8):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Unreadable, match=r"broken|cut_off"):
            await inspect(file, TIFF)


async def test_one_page_of_each_kind_is_decoded(file: Path) -> None:
    """The page in the middle is packed in another way, and its data are none."""
    pages = [Image.new("1", (400, 300)), noisy("L"), Image.new("1", (400, 300)), Image.new("1", (400, 300))]
    pages[1].encoderinfo = {"compression": "tiff_lzw"}
    whole = written(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    file.write_bytes(whole)
    assert (await inspect(file, TIFF)).pages == 4
    with Image.open(BytesIO(whole)) as image:
        image.seek(1)
        at, length = image.tag_v2[273][0], image.tag_v2[279][0]  # type: ignore[attr-defined]
    file.write_bytes(whole[:at] + bytes(length) + whole[at + length :])
    with pytest.raises(Unreadable, match=r"broken|cut_off"):
        await inspect(file, TIFF)


async def test_words_about_pdf_are_no_second_kind(file: Path) -> None:
    file.write_bytes(
        written(noisy(), "JPEG", xmp=b"<x:xmpmeta><dc:format>application/pdf</dc:format> PDF-1.7</x:xmpmeta>")
    )
    assert (await inspect(file, JPEG)).pages == 1
