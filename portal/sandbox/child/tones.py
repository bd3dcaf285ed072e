"""Pictures of any mode made grey or RGB on white, by bands, so that a large one is never there twice."""

from collections.abc import Callable
from functools import cache, partial

from PIL import Image, ImageCms, ImageMath, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

BAND = 4_000_000  # pixels that are turned at a time
BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339  # tags of TIFF
MIN_IS_WHITE, UNSIGNED = 0, 1
FULL = (255, 65_535, 2**31 - 1)  # what stands for white in a file of 32 bits: the least that none of its values passes

Tone = Callable[[Image.Image], Image.Image]


def reduced(image: Image.Image, factor: tuple[int, int]) -> Image.Image:
    """The loaded image in mode L or RGB on white, each `factor` of pixels averaged to one.

    Raises:
        MemoryError, ValueError.
    """
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image.reduce(factor)
    tone, rows = _tone(image), max(1, BAND // image.width // factor[1]) * factor[1]
    bands = []
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        bands.append(tone(band).reduce(factor))
    return _joined(bands)


def _joined(bands: list[Image.Image]) -> Image.Image:
    sheet = Image.new(bands[0].mode, (bands[0].width, sum(each.height for each in bands)))
    top = 0
    for band in bands:
        sheet.paste(band, (0, top))
        top += band.height
    return sheet


def _tone(image: Image.Image) -> Tone:
    """What makes a band of the image grey or RGB. Pillow itself clips what has more than 8 bits."""
    tone: Tone
    match image.mode:
        case mode if mode.startswith("I;16"):
            tone = partial(_scaled, full=2 ** _bits(image) - 1)
        case "I" if _is_unsigned(image) and _bits(image) == 32:
            tone = _high_bits
        case "I" | "F":
            tone = partial(_scaled, full=_full(image))
        case "LAB":
            return _from_lab
        case "1":
            return lambda band: band.convert("L")
        case _ if image.has_transparency_data:
            return _on_white
        case _:
            return lambda band: band.convert("RGB")
    return _inverted(tone) if _tag(image, PHOTOMETRIC, None) == MIN_IS_WHITE else tone


def _tag(image: Image.Image, tag: int, otherwise: int | None) -> int | None:
    """The first value of a tag; what is no TIFF has none."""
    found = image.tag_v2.get(tag, otherwise) if isinstance(image, TiffImageFile) else otherwise
    return found[0] if isinstance(found, tuple) else found


def _bits(image: Image.Image) -> int:
    return _tag(image, BITS, 16) or 16


def _is_unsigned(image: Image.Image) -> bool:
    return isinstance(image, TiffImageFile) and _tag(image, SAMPLE_FORMAT, UNSIGNED) == UNSIGNED


def _full(image: Image.Image) -> float:
    """What stands for white: 1 for fractions, else the least of `FULL` that is enough."""
    _, most = image.getextrema()
    assert isinstance(most, (int, float))
    if image.mode == "F" and most <= 1:
        return 1.0
    return next((each for each in FULL if most <= each), most)


def _scaled(band: Image.Image, full: float) -> Image.Image:
    wide = band if band.mode == "F" else band.convert("I")
    return wide.point(lambda value: value * (255 / full) + 0.5).convert("L")


def _high_bits(band: Image.Image) -> Image.Image:
    """Pillow reads 32 bits without a sign as if they had one."""
    high: Image.Image = ImageMath.lambda_eval(lambda names: (names["band"] >> 24) & 255, band=band)
    return high.convert("L")


def _inverted(tone: Tone) -> Tone:
    """Pillow inverts what has up to 8 bits by itself, and no more."""
    return lambda band: ImageOps.invert(tone(band))


def _on_white(band: Image.Image) -> Image.Image:
    clear = band.convert("LA").convert("RGBA") if band.mode == "La" else band.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", band.size, "white"), clear).convert("RGB")


def _from_lab(band: Image.Image) -> Image.Image:
    image = ImageCms.applyTransform(band, _lab())
    assert image is not None
    return image


@cache
def _lab() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
