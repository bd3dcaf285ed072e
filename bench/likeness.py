"""How alike two pictures of one page are, ours and another renderer's, and the sheet that shows the least alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageStat

SIDE = 256  # pixels of the longer side at which pictures are compared: strokes count, their edges do not
BLUR = 2  # pixels: letters of another face, or drawn half a pixel aside, stay alike
FAINT, PLAIN = 6, 12  # of 255: a page on which all is paler shows nothing; what is darker shows something
LEAST_INK = 0.002  # of a page: what lies below is too little to be compared by its share
THUMB = 190  # pixels of a picture on the sheet, either way
ABREAST = 4  # pairs beside each other
CAPTION = 40  # pixels below a pair


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of two pictures of a page. `apart` is from 0, the same, to 1, nothing in common; `skew` is the difference of
    their shapes, as a part of the other's."""

    apart: float
    skew: float
    is_blank: bool  # ours is white, the other's is not


@dataclass(frozen=True, slots=True)
class Pair:
    """Both pictures of a page, made small: JPEGs."""

    ours: bytes
    theirs: bytes


def compare(ours: Image.Image, theirs: Image.Image, stretch: float = 1.0) -> Likeness:
    """`stretch` is how many times as wide the other picture should be shown: unequal dots per inch."""
    shape, other = ours.width / ours.height, theirs.width * stretch / theirs.height
    size = _within(theirs.width * stretch, theirs.height, SIDE)
    mine, its = _grey(ours, size), _grey(theirs, size)
    return Likeness(apart(mine, its), abs(shape - other) / other, _darkest(mine) < FAINT and _darkest(its) > PLAIN)


def rank(likeness: Likeness) -> tuple[bool, float]:
    """What puts the least alike last."""
    return likeness.is_blank, likeness.apart + min(likeness.skew, 1.0)


def apart(ours: Image.Image, theirs: Image.Image) -> float:
    """What two grey pictures of one size do not share, as a part of all their ink (Bray and Curtis)."""
    mine, its = (each.filter(ImageFilter.GaussianBlur(BLUR)) for each in (ours, theirs))
    ink = max(_ink(mine) + _ink(its), LEAST_INK)
    return min(1.0, _mean(ImageChops.difference(mine, its)) / ink)


def small(picture: Image.Image) -> bytes:
    """A picture for the sheet, as a JPEG."""
    out, thumb = BytesIO(), picture.convert("RGB")
    thumb.thumbnail((THUMB, THUMB), Image.Resampling.BOX)
    thumb.save(out, "JPEG", quality=85)
    return out.getvalue()


def sheet(pairs: Sequence[tuple[Pair, str]]) -> Image.Image:
    """Pairs with their captions, ours left and the other's right, in the order given."""
    across, down = 2 * THUMB + 20, THUMB + CAPTION + 10
    rows = max(1, -(-len(pairs) // ABREAST))
    whole = Image.new("RGB", (ABREAST * across, rows * down), "#b8b8b8")
    for place, (pair, caption) in enumerate(pairs):
        left, top = place % ABREAST * across + 5, place // ABREAST * down + 5
        for step, data in enumerate((pair.ours, pair.theirs)):
            with Image.open(BytesIO(data)) as picture:
                whole.paste(picture, (left + step * (THUMB + 5), top))
        _write(whole, (left, top + THUMB + 3), caption, 2 * THUMB)
    return whole


def _write(whole: Image.Image, at: tuple[int, int], caption: str, width: int) -> None:
    """A caption of two lines at most, its letters outside Latin-1 replaced."""
    font, draw = ImageFont.load_default(12), ImageDraw.Draw(whole)
    plain = caption.encode("latin-1", "replace").decode("latin-1")
    letters = len(plain)
    while letters > 1 and draw.textlength(plain[:letters], font) > width:
        letters -= 1
    draw.text(at, plain[:letters], fill="black", font=font)
    draw.text((at[0], at[1] + 16), plain[letters : 2 * letters], fill="black", font=font)


def _within(across: float, down: float, side: int) -> tuple[int, int]:
    scale = side / max(across, down)
    return max(1, round(across * scale)), max(1, round(down * scale))


def _grey(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.convert("L").resize(size, Image.Resampling.BOX)


def _darkest(grey: Image.Image) -> int:
    """The ink where there is most of it, of 255."""
    least, _ = grey.getextrema()
    return 255 - int(least)  # type: ignore[arg-type]


def _ink(grey: Image.Image) -> float:
    return 1.0 - _mean(grey)


def _mean(grey: Image.Image) -> float:
    return float(ImageStat.Stat(grey).mean[0]) / 255
