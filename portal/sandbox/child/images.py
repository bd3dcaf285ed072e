"""JPEG, PNG and TIFF inside the cage."""

import mmap
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from portal.sandbox.child import endings, shapes, tiffs, tones
from portal.sandbox.child.pdfs import is_zip
from portal.sandbox.errors import Checked, Unreadable, fits

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}
ANOTHER_KIND = (b"%PDF-1.", b"%PDF-2.")  # some readers look for it anywhere in a file
BITS = {"1": 1, "L": 8, "P": 8, "I;16": 16, "I;16B": 16}  # of a pixel in memory, by mode; all others take 32
GLANCE = 200  # pixels across of the picture that the check draws
TWICE = 2  # times the size that is asked for: what is averaged in whole dots before the rest
NO_MEMORY, CUT_OFF = "decoder error -9", "truncated"  # how Pillow says so: the one of a TIFF, the other of any file


def check(data: mmap.mmap, media_type: str, most_pages: int) -> Checked:
    """What is found of an image file that is whole, and whose pages can be drawn.

    Raises:
        Unreadable, or what a decoder raises for a broken file.
    """
    if any(data.find(each) >= 0 for each in ANOTHER_KIND) or is_zip(data):
        raise Unreadable("two_kinds")
    mended = endings.mended(data, media_type)
    image = opened(data, media_type)
    if not isinstance(image, TiffImageFile):
        draw(image, 1, GLANCE)
        return Checked(1, mended)  # a phone's JPEG hides a second picture
    pages, kinds = tiffs.directories(image, data, most_pages, _require_room)
    for page in kinds:
        _require_drawn(image, page)
    return Checked(pages, mended)


def _require_drawn(image: TiffImageFile, page: int) -> None:
    try:
        draw(image, page, GLANCE)
    except OSError as error:
        raise Unreadable("unfamiliar" if tiffs.is_unfamiliar(image) else "broken") from error


def opened(data: mmap.mmap, media_type: str) -> Image.Image:
    """The image, nothing of it decoded yet. Raises Unreadable, or what Pillow raises."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands instead, and this process does nothing else
    file = BytesIO(endings.completed(data, media_type))
    try:
        image = Image.open(file, formats=[FORMATS[media_type]])
    except UnidentifiedImageError:
        is_known = media_type == "image/tiff" and tiffs.is_unfamiliar_file(file)
        raise Unreadable("unfamiliar" if is_known else "broken") from None
    _require_room(image)
    return image


def _require_room(image: Image.Image) -> None:
    """Also a progressive JPEG's coefficients, which are all in memory at once, must have room."""
    bits = BITS.get(image.mode, 32)
    if "progressive" in image.info:
        samples = [across * down for _, across, down, _ in image.layer]  # type: ignore[attr-defined]
        bits = max(bits, 16 * sum(samples) // max(samples))
    if not fits(*image.size, bits):
        raise Unreadable("absurd_dimensions")


def draw(image: Image.Image, page: int, width: int) -> Image.Image:
    """The page upright in the shape of its paper, transparent parts white, at most `width` pixels across.

    It is made small before it is turned: a scan may be huge. Draws each page of an opened image once.

    Raises:
        Unreadable, MemoryError, or what a decoder raises.
    """
    try:
        image.seek(page - 1)
    except EOFError as error:
        raise Unreadable("broken") from error
    _require_room(image)
    turn, size = shapes.orientation(image), shapes.size(image, width)
    if isinstance(image, TiffImageFile):
        turn = 1  # Pillow turns a TIFF while it decodes it
    across, down = reversed(size) if turn >= shapes.LYING else size
    image.draft(None, (across, down))
    _load(image)
    factor = max(1, image.width // across // TWICE), max(1, image.height // down // TWICE)
    is_stretched = image.width < across or image.height < down
    filtered = Image.Resampling.BILINEAR if is_stretched else Image.Resampling.BOX
    small = tones.reduced(image, factor).resize((across, down), filtered)
    return (small.transpose(shapes.TURNS[turn]) if turn > 1 else small).convert("RGB")


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except OSError as error:
        if str(error) == NO_MEMORY:
            raise MemoryError from error
        if CUT_OFF in str(error):
            raise Unreadable("cut_off") from error
        raise
