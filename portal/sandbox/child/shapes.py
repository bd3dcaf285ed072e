"""The size of a picture on the screen: upright, and in the shape of the paper that was scanned."""

import contextlib
import math
import struct
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from portal.sandbox.errors import TALL

ORIENTATION = 0x0112  # a tag of TIFF and of EXIF, 1 to 8; from 5 on, across and down change places
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = 5  # the first orientation of a picture whose rows are the paper's columns
ACROSS, DOWN = 256, 257  # TIFF: the sides as they are stored
DENSITY = (282, 283)  # TIFF and EXIF: dots for each unit of length, across and down
MOST_UNEQUAL = 4.0  # the coarsest fax has 204 × 98 dots an inch; more than four to one is a mistake
EQUAL = 0.01  # densities that differ by less were rounded


def orientation(image: Image.Image) -> int:
    """How the picture lies, 1 to 8 (TIFF 6.0, tag 274); 1 where its metadata make no sense. Ask before it is loaded."""
    turn = _exif(image).get(ORIENTATION, 1)
    return turn if isinstance(turn, int) and turn in TURNS else 1


def _exif(image: Image.Image) -> Mapping[int, object]:
    with contextlib.suppress(SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return image.getexif()
    return {}


def size(image: Image.Image, width: int) -> tuple[int, int]:
    """The upright picture's size, at most `width` pixels across and `TALL` times as many down.

    It is never larger than what is stored, unless the dots are denser one way: then the other way is stretched.
    """
    (columns, rows), stretch = _stored(image), _stretch(image)
    across, down = columns * max(1.0, 1 / stretch), rows * max(1.0, stretch)
    if orientation(image) >= LYING:
        across, down = down, across
    scale = min(1.0, width / across, TALL * width / down)
    return max(1, round(across * scale)), max(1, round(down * scale))


def _stored(image: Image.Image) -> tuple[int, int]:
    """Pillow swaps the sides of a TIFF that lies as soon as it is opened."""
    return (image.tag_v2[ACROSS], image.tag_v2[DOWN]) if isinstance(image, TiffImageFile) else image.size


def _stretch(image: Image.Image) -> float:
    """How much taller than wide each stored dot is."""
    for across, down in _densities(image):
        with contextlib.suppress(TypeError, ValueError, ZeroDivisionError, OverflowError):
            stretch = float(across) / float(down)
            if 1 / MOST_UNEQUAL <= stretch <= MOST_UNEQUAL and not math.isclose(stretch, 1, rel_tol=EQUAL):
                return stretch
    return 1.0


def _densities(image: Image.Image) -> list[tuple[Any, Any]]:
    """What the file says, the best witness first. A shape needs no unit of length."""
    if isinstance(image, TiffImageFile):
        return [(image.tag_v2.get(DENSITY[0]), image.tag_v2.get(DENSITY[1]))]
    found = [image.info[each] for each in ("jfif_density", "dpi", "aspect") if each in image.info]
    if image.info.get("jfif_unit"):
        return found[:1]
    exif = _exif(image)
    return [*found, (exif.get(DENSITY[0]), exif.get(DENSITY[1]))]
