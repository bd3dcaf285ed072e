"""The directories of a TIFF, one for each page (TIFF 6.0, section 2; BigTIFF)."""

import mmap
import struct
from collections.abc import Callable
from io import BytesIO
from typing import Literal

from PIL import Image
from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH, PLANAR_CONFIGURATION, TiffImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2 as Tags

from portal.sandbox.errors import Unreadable

SIDES = (IMAGEWIDTH, IMAGELENGTH)
STRIPS = ((273, 279), (324, 325))  # where strips or tiles begin, and how long they are
NEEDED = frozenset({256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 282, 283, 320, 322, 323, 324, 325})
KIND = (258, 259, 262, 266, 277, 284, 317, 339)  # bits, compression, meaning, order, samples, planes, predictor, format
SPLIT = 2  # each colour's plane for itself
CCITT = ("tiff_ccitt", "group3", "group4")
FLATE = ("tiff_deflate", "tiff_adobe_deflate")
PACKED = ("raw", "tiff_raw_16", "packbits", "tiff_lzw", "lzma", "zstd", "jpeg", "tiff_jpeg", *CCITT, *FLATE)
BIG_ENDIAN_BIG = b"MM\x00+"  # a BigTIFF that Pillow takes for a TIFF of 32 bits
BIG = b"II+\x00"
HEAD, BIG_HEAD, ENTRY, BIG_ENTRY = 8, 16, 12, 20  # bytes


def directories(
    image: TiffImageFile, data: mmap.mmap, most_pages: int, require_room: Callable[[Image.Image], None]
) -> tuple[int, list[int]]:
    """How many pages there are, and those (from 1) that must be decoded: both ends, and one of each kind.

    Every page's strips, and what says how to read them, must lie within the file; `require_room` looks at every page.

    Raises:
        Unreadable, or what Pillow raises.
    """
    pages, kinds = 0, dict[str, int]()
    while True:
        try:
            image.seek(pages)
        except EOFError:
            break
        except (KeyError, SyntaxError) as error:
            raise Unreadable("unfamiliar" if _is_complete(image.tag_v2, len(data)) else "broken") from error
        pages += 1
        if pages > most_pages:
            raise Unreadable("too_many_pages")
        require_room(image)
        _require_strips(image.tag_v2, len(data))
        _require_needed(image.tag_v2, data)
        kinds.setdefault(_kind(image), pages)
    return pages, sorted({1, pages, *kinds.values()})


def _kind(image: TiffImageFile) -> str:
    return repr((image.mode, [image.tag_v2.get(each) for each in KIND]))


def _require_needed(tags: Tags, data: mmap.mmap) -> None:
    """Refuses a directory that is cut off, or whose values are: Pillow passes over them with a warning."""
    entry, count_of = (BIG_ENTRY, 8) if data[:4] == BIG else (ENTRY, 2)
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    begin = tags.offset + count_of
    end = begin + entry * int.from_bytes(data[tags.offset : begin], order)
    named = {int.from_bytes(data[at : at + 2], order) for at in range(begin, min(end, len(data)), entry)}
    if end > len(data) or any(each not in tags for each in named & NEEDED):
        raise Unreadable("broken")


def _require_strips(tags: Tags, size: int) -> None:
    ends = _ends(tags)
    if ends and max(ends) > size:
        raise Unreadable("broken")


def _ends(tags: Tags) -> list[int]:
    return [
        begin + length
        for begins, lengths in STRIPS
        for begin, length in zip(tags.get(begins, ()), tags.get(lengths, ()), strict=False)
    ]


def _is_complete(tags: Tags, size: int) -> bool:
    """Whether a page that Pillow does not know has all that it needs within the file."""
    ends = _ends(tags)
    return all(each in tags for each in SIDES) and bool(ends) and max(ends) <= size


def is_unfamiliar(image: TiffImageFile) -> bool:
    """Whether the page is packed in a way that Pillow knows by name, and its library does not unpack."""
    is_split = image.tag_v2.get(PLANAR_CONFIGURATION) == SPLIT
    return image.info["compression"] not in PACKED or (is_split and image.info["compression"] == "jpeg")


def is_unfamiliar_file(file: BytesIO) -> bool:
    """Whether what Pillow does not open is a TIFF all the same, whose first page is whole."""
    head = file.getvalue()[:BIG_HEAD]
    if head.startswith(BIG_ENDIAN_BIG):
        return True
    try:
        tags = Tags(head if head.startswith(BIG) else head[:HEAD])
        file.seek(tags.next)
        tags.load(file)
        return _is_complete(tags, file.getbuffer().nbytes)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, struct.error):
        return False
