"""JPEG, PNG and TIFF inside the cage."""

import mmap
from io import BytesIO

from PIL import Image, ImageOps

from portal.cage.faults import MOST_PIXELS, TALL, Checked, Unreadable
from portal.cage.pdfs import is_zip

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}
ANOTHER_KIND = (b"%PDF-1.", b"%PDF-2.")  # some readers look for it anywhere in a file
ORIENTATION = 0x0112  # the EXIF tag; from 5 on, the camera was held upright
STRIPS = ((273, 279), (324, 325))  # TIFF: where strips or tiles begin, and how long they are
GLANCE = 8  # a JPEG is read whole at an eighth of its size


def check(data: mmap.mmap, media_type: str, most_pages: int) -> Checked:
    """What is found of an image file that is whole.

    Raises:
        Unreadable, or what a decoder raises for a broken file.
    """
    if any(data.find(each) >= 0 for each in ANOTHER_KIND) or is_zip(data):
        raise Unreadable("two_kinds")
    image = opened(data, media_type)
    if media_type == "image/tiff":
        return Checked(_check_directories(image, len(data), most_pages))
    image.draft("L", (image.width // GLANCE, image.height // GLANCE))
    image.load()
    return Checked(1)  # a phone's JPEG hides a second picture


def _check_directories(image: Image.Image, size: int, most_pages: int) -> int:
    """Pages are decoded at both ends alone; every page's strips must lie within the file's `size` bytes."""
    pages = 0
    while True:
        try:
            image.seek(pages)
        except EOFError:
            break
        pages += 1
        if pages > most_pages:
            raise Unreadable("too_many_pages")
        _require_pixels(image)
        _require_strips(image, size)
    for page in {0, pages - 1}:
        image.seek(page)
        image.load()
    return pages


def _require_strips(image: Image.Image, size: int) -> None:
    tags = image.tag_v2  # type: ignore[attr-defined]
    ends = [
        begin + length
        for begins, lengths in STRIPS
        for begin, length in zip(tags.get(begins, ()), tags.get(lengths, ()), strict=False)
    ]
    if ends and max(ends) > size:
        raise Unreadable("broken")


def opened(data: mmap.mmap, media_type: str) -> Image.Image:
    """The image, nothing of it decoded yet. Raises Unreadable, or what Pillow raises."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands instead, and this process does nothing else
    image = Image.open(BytesIO(data), formats=[FORMATS[media_type]])
    _require_pixels(image)
    return image


def _require_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable("absurd_dimensions")


def draw(image: Image.Image, page: int, width: int) -> Image.Image:
    """The page upright, transparent parts white. It is made small before it is made RGB: a scan may be huge."""
    try:
        image.seek(page - 1)
    except EOFError as error:
        raise Unreadable("broken") from error
    _require_pixels(image)
    turned = image.getexif().get(ORIENTATION, 1) >= 5
    most = (TALL * width, width) if turned else (width, TALL * width)
    image.draft("RGB", most)
    smooth = _smooth(image)
    smooth.thumbnail(most, Image.Resampling.BOX)
    upright = ImageOps.exif_transpose(smooth)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    sheet = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(sheet, upright.convert("RGBA")).convert("RGB")


def _smooth(image: Image.Image) -> Image.Image:
    """The image in a mode that shrinks well: black and white becomes grey, a palette colours, 16 bits become 8."""
    match image.mode:
        case "1":
            return image.convert("L")
        case "P" | "PA":
            return image.convert("RGBA")
        case mode if mode.startswith("I;16"):
            return image.point(lambda value: value / 256).convert("L")
        case _:
            return image
