"""Pictures of annotations that bring none and that PDFium does not make: content streams without a single resource.

Letters are outlines (`lettering`), so that they need no font. Measures are points; what cannot be drawn is None.
Structure after ISO 32000-1: 12.5.6 (annotations); `fields` draws fields.
"""

import re
from collections.abc import Callable, Iterable
from math import atan2, cos, pi, sin

from pikepdf import Array, Dictionary

from portal.sandbox.child import lettering
from portal.sandbox.child.fields import MOST_LINES, SIZE, block
from portal.sandbox.child.operators import (
    Box,
    box_of,
    colour_of,
    default_appearance,
    inside,
    integer,
    line_width,
    text_of,
)
from portal.sandbox.child.structure import numbers

HEAD = 9  # the length of an arrowhead, in widths of its line


def of_annotation(about: Dictionary) -> str | None:
    """What shows an annotation, in the page's own coordinates."""
    draw = MADE.get(str(about.get("/Subtype")))
    box = box_of(about)
    return draw(about, box) if draw and box else None


def weight(about: Dictionary) -> int:
    """How many coordinates an annotation holds that is drawn from point to point."""
    return sum(len(each) for each in _strokes(about) if isinstance(each, Array))


def _strokes(about: Dictionary) -> list[object]:
    ink = about.get("/InkList")
    return [about.get("/L"), about.get("/Vertices"), *(list(ink)[:MOST_LINES] if isinstance(ink, Array) else [])]


def extent(about: Dictionary) -> Box | None:
    """The rectangle of an annotation that is drawn from point to point, large enough for its points, line and heads.

    Some programs write one that does not hold them (fpdf2), and what lies outside would be cut off.
    """
    box, width = box_of(about), line_width(about)
    points = [each for found in _strokes(about) for each in numbers(found) or []]
    if box is None or len(points) < 2:
        return None
    room = HEAD * max(width, 1.0)
    across, down = points[::2], points[1::2]
    return (
        min(box[0], min(across) - room),
        min(box[1], min(down) - room),
        max(box[2], max(across) + room),
        max(box[3], max(down) + room),
    )


def _free_text(about: Dictionary, box: Box) -> str | None:
    colour, size = default_appearance(about.get("/DA"))
    width, height = box[2] - box[0], box[3] - box[1]
    side = about.get("/Q")
    text = text_of(about.get("/Contents"))
    drawn = block(text, colour, size or SIZE, None if side is None else integer(side), True, width, height)
    if drawn is None:
        return None
    fill = colour_of(about.get("/C"), 1)
    under = f"q {fill} 0 0 {width:.2f} {height:.2f} re f Q" if fill else ""
    line = line_width(about)
    edge = f"q {colour.upper()} {line:.2f} w {inside((0, 0, width, height), line)} re S Q" if line else ""
    return f"q 1 0 0 1 {box[0]:.2f} {box[1]:.2f} cm {under} {edge} {drawn} Q"


def _line(about: Dictionary, _: Box) -> str | None:
    points = numbers(about.get("/L"), 4)
    return _stroked(about, points[:4], closed=False) if points else None


def _polyline(about: Dictionary, _: Box) -> str | None:
    points = numbers(about.get("/Vertices"), 4)
    return _stroked(about, points, closed=False) if points else None


def _polygon(about: Dictionary, _: Box) -> str | None:
    points = numbers(about.get("/Vertices"), 4)
    return _stroked(about, points, closed=True) if points else None


def _stroked(about: Dictionary, points: list[float], *, closed: bool) -> str:
    width, fill = line_width(about), colour_of(about.get("/IC"), 1)
    pairs = list(zip(points[::2], points[1::2], strict=False))
    path = " ".join(f"{x:.2f} {y:.2f} {'l' if at else 'm'}" for at, (x, y) in enumerate(pairs))
    end = ("b" if fill else "s") if closed else "S"
    heads = "" if closed else " ".join(_heads(about, pairs, width))
    return f"q {colour_of(about.get('/C'), 0) or '0 G'} {fill if closed else ''} {width:.2f} w {path} {end} {heads} Q"


def _heads(about: Dictionary, pairs: list[tuple[float, float]], width: float) -> Iterable[str]:
    """Arrowheads where a line asks for them (12.5.6.7); of other endings the line itself is enough."""
    endings = about.get("/LE")
    if not isinstance(endings, Array) or len(endings) < 2:
        return
    for ending, tip, behind in ((endings[0], pairs[0], pairs[1]), (endings[1], pairs[-1], pairs[-2])):
        if "Arrow" not in str(ending):
            continue
        angle, length = atan2(behind[1] - tip[1], behind[0] - tip[0]), HEAD * max(width, 1.0)
        sides = [
            (tip[0] + length * cos(angle + turn), tip[1] + length * sin(angle + turn)) for turn in (-pi / 6, pi / 6)
        ]
        (ax, ay), (bx, by) = sides
        yield f"{ax:.2f} {ay:.2f} m {tip[0]:.2f} {tip[1]:.2f} l {bx:.2f} {by:.2f} l S"


def _border(about: Dictionary, box: Box) -> str | None:
    width = line_width(about)
    return f"q {colour_of(about.get('/C'), 0) or '0 G'} {width:.2f} w {inside(box, width)} re S Q" if width else None


def _link(about: Dictionary, box: Box) -> str | None:
    """The border of a link that asks for one: what asks for none has none here, as on most screens."""
    return _border(about, box) if "/Border" in about or "/BS" in about else None


def _caret(about: Dictionary, box: Box) -> str:
    left, low, right, high = box
    middle = (left + right) / 2
    path = f"{left:.2f} {low:.2f} m {middle:.2f} {low:.2f} {middle:.2f} {low:.2f} {middle:.2f} {high:.2f} c"
    back = f"{middle:.2f} {low:.2f} {middle:.2f} {low:.2f} {right:.2f} {low:.2f} c h f"
    return f"q {colour_of(about.get('/C'), 1) or '0 g'} {path} {back} Q"


def _stamp(about: Dictionary, box: Box) -> str | None:
    """A rubber stamp by its name, in a frame (12.5.6.12)."""
    name = str(about.get("/Name", "/Draft")).removeprefix("/").removeprefix("SB")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)[:80].upper()
    found = lettering.line(words)
    if not words or not found.is_complete:
        return None
    left, low, right, high = box
    size = min((high - low) * 0.6, (right - left) * 0.88 / max(found.width, 0.1))
    x, y = (left + right - found.width * size) / 2, (low + high) / 2 - 0.36 * size
    fill = colour_of(about.get("/C"), 1) or "0.7 0 0 rg"
    edge = f"{fill.upper()} 2 w {inside(box, 4)} re S"
    return f"q {edge} {fill} {' '.join(lettering.paths(found, x, y, size))} f Q"


MADE: dict[str, Callable[[Dictionary, Box], str | None]] = {
    "/FreeText": _free_text,
    "/Line": _line,
    "/PolyLine": _polyline,
    "/Polygon": _polygon,
    "/Caret": _caret,
    "/Stamp": _stamp,
    "/Redact": _border,
    "/Link": _link,
}
