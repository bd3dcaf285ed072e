"""Pictures of annotations that bring none and that PDFium does not make: content streams without a single resource.

Letters are outlines (`lettering`), so that they need no font. Measures are points; what cannot be drawn is None.
Structure after ISO 32000-1: 12.5.6 (annotations), 12.7.3 and 12.7.4 (fields).
"""

import re
from collections.abc import Callable, Iterable
from math import atan2, cos, pi, sin

from pikepdf import Array, Dictionary, Name, String

from portal.sandbox.child import lettering
from portal.sandbox.child.structure import inherited, numbers

MOST_LETTERS = 2000  # of one annotation
MOST_LINES = 200
MULTILINE, PASSWORD, RADIO, PUSH, COMBO, COMB = 1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 17, 1 << 24
SIZE, INSET, LEADING, BASE = 12.0, 2.0, 1.45, 0.32  # the usual size; parts of it: from line to line, below the middle
SET_SIZE = re.compile(r"(\d{1,4}(?:\.\d{0,4})?)\s+Tf\b")
SET_COLOUR = re.compile(r"((?:\d{0,3}\.?\d{0,4}\s+){1,4})(g|rg|k)\b")
OPERATORS = {1: ("G", "g"), 3: ("RG", "rg"), 4: ("K", "k")}
CHOSEN = "0.6 0.75 0.85 rg"  # the bar of a list, as viewers have it
KAPPA = 0.5523
HEAD = 9  # the length of an arrowhead, in widths of its line
Box = tuple[float, float, float, float]


def of_annotation(about: Dictionary) -> str | None:
    """What shows an annotation, in the page's own coordinates."""
    draw = MADE.get(str(about.get("/Subtype")))
    box = box_of(about)
    return draw(about, box) if draw and box else None


def of_field(about: Dictionary, form: Dictionary) -> str | None:
    """What shows a field with its value, in the page's own coordinates: text, a choice, a tick."""
    box = box_of(about)
    if box is None:
        return None
    width, height = box[2] - box[0], box[3] - box[1]
    marks = about.get("/MK", Dictionary())
    turn = int(marks.get("/R", 0)) % 360
    inner = (height, width) if turn in (90, 270) else (width, height)
    drawn = _field(about, form, *inner)
    if drawn is None:
        return None
    turned = {90: f"0 1 -1 0 {width:.2f} 0 cm", 180: f"-1 0 0 -1 {width:.2f} {height:.2f} cm"}
    turned[270] = f"0 -1 1 0 0 {height:.2f} cm"
    return f"q 1 0 0 1 {box[0]:.2f} {box[1]:.2f} cm {turned.get(turn, '')} {_frame(about, *inner)} {drawn} Q"


def box_of(about: Dictionary) -> Box | None:
    """The rectangle of an annotation, in order; None where it has no area."""
    found = numbers(about.get("/Rect"), 4)
    if found is None:
        return None
    left, right = sorted((found[0], found[2]))
    low, high = sorted((found[1], found[3]))
    return (left, low, right, high) if right > left and high > low else None


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
    box, width = box_of(about), _width(about)
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


def shown_text(about: Dictionary) -> str:
    """What a field with letters says: the texts of a list, the chosen label, the value."""
    kind = str(inherited(about, "/FT"))
    if kind == "/Ch":
        return "\n".join(label for label, _ in _options(about)) or _text(inherited(about, "/V"))
    if kind == "/Tx":
        return _text(inherited(about, "/V"))
    return ""


def _field(about: Dictionary, form: Dictionary, width: float, height: float) -> str | None:
    flags, kind = _integer(inherited(about, "/Ff")), str(inherited(about, "/FT"))
    if kind == "/Btn":
        return None if flags & PUSH else _tick(about, flags, width, height)
    if kind not in ("/Tx", "/Ch"):
        return None
    colour, size = _default(inherited(about, "/DA") or form.get("/DA"))
    if kind == "/Ch" and not flags & COMBO:
        return _list(about, colour, size or SIZE, width, height)
    text = shown_text(about) if kind == "/Tx" else _chosen(about)
    side = inherited(about, "/Q")
    if kind == "/Tx" and flags & PASSWORD:
        text = "*" * len(text)
    if kind == "/Tx" and flags & COMB and (cells := _integer(inherited(about, "/MaxLen"))) > 0:
        return _comb(text, colour, size, cells, width, height)
    is_long = kind == "/Tx" and bool(flags & MULTILINE)
    return _block(text, colour, size, None if side is None else _integer(side), is_long, width, height)


def _block(
    text: str, colour: str, size: float, side: int | None, is_long: bool, width: float, height: float
) -> str | None:
    """Lines of text in a box at the origin. `side`: 0 left, 1 middle, 2 right; None: where the text begins."""
    text = text[:MOST_LETTERS]
    side = (2 if lettering.goes_left(text) else 0) if side is None else side
    if is_long:
        size = size or SIZE
        lines = lettering.wrapped(text, size, width - 2 * INSET, MOST_LINES)
        top = height - INSET - size
    else:
        lines = [lettering.line(" ".join(text.splitlines()))]
        size = size or max(4.0, min(SIZE * 2, height * 0.6, (width - 2 * INSET) / max(lines[0].width, 0.01)))
        top = height / 2 - BASE * size
    if not all(each.is_complete for each in lines):
        return None
    paths: list[str] = []
    for at, each in enumerate(lines):
        free = width - 2 * INSET - each.width * size
        x = INSET + (0.0, free / 2, free)[side if side in (1, 2) else 0]
        paths += lettering.paths(each, x, top - at * size * LEADING, size)
    return f"q 0 0 {width:.2f} {height:.2f} re W n {colour} {' '.join(paths)} f Q"


def _comb(text: str, colour: str, size: float, cells: int, width: float, height: float) -> str | None:
    """One letter a cell, from the side where the text begins."""
    cells = min(cells, MOST_LINES)
    size, wide = size or min(SIZE, height * 0.7), width / cells
    order = text[:cells]
    paths: list[str] = []
    for at, each in enumerate(order):
        letter = lettering.line(each)
        if not letter.is_complete:
            return None
        cell = cells - 1 - at if lettering.goes_left(order) else at
        x = cell * wide + (wide - letter.width * size) / 2
        paths += lettering.paths(letter, x, height / 2 - BASE * size, size)
    return f"q {colour} {' '.join(paths)} f Q"


def _list(about: Dictionary, colour: str, size: float, width: float, height: float) -> str | None:
    """The options of a list from the first one that it shows, the chosen ones on a bar."""
    out, y = [f"q 1 1 {width - 2:.2f} {height - 2:.2f} re W n"], height - INSET
    step = size * LEADING
    for label, is_chosen in _options(about)[max(0, _integer(about.get("/TI"))) :]:
        if y < 0:
            break
        y -= step
        found = lettering.line(label[:MOST_LETTERS])
        if not found.is_complete:
            return None
        if is_chosen:
            out.append(f"{CHOSEN} 0 {y:.2f} {width:.2f} {step:.2f} re f")
        left = width - INSET - found.width * size if lettering.goes_left(label) else INSET
        out.append(f"{colour} {' '.join(lettering.paths(found, left, y + 0.4 * size, size))} f")
    return " ".join([*out, "Q"])


def _options(about: Dictionary) -> list[tuple[str, bool]]:
    """Each option's label, and whether it is chosen."""
    values, found = inherited(about, "/V"), inherited(about, "/Opt")
    chosen = {_text(each) for each in values} if isinstance(values, Array) else {_text(values)}
    pairs = list(found)[:MOST_LINES] if isinstance(found, Array) else []
    both = [(_text(each[0]), _text(each[1])) if isinstance(each, Array) else (_text(each),) * 2 for each in pairs]
    return [(label, value in chosen) for value, label in both]


def _chosen(about: Dictionary) -> str:
    return next((label for label, is_chosen in _options(about) if is_chosen), _text(inherited(about, "/V")))


def _tick(about: Dictionary, flags: int, width: float, height: float) -> str:
    """The sign of a box that is on, by the letter of ZapfDingbats that it asks for."""
    sign = _text(about.get("/MK", Dictionary()).get("/CA")) or ("l" if flags & RADIO else "4")
    colour, _ = _default(inherited(about, "/DA"))
    side = min(width, height)
    x, y = (width - side) / 2, (height - side) / 2

    def at(across: float, down: float) -> str:
        return f"{x + across * side:.2f} {y + down * side:.2f}"

    if sign == "l":
        return f"q {colour} {_circle(x + side / 2, y + side / 2, side / 4)} f Q"
    if sign == "n":
        return f"q {colour} {at(0.25, 0.25)} {side / 2:.2f} {side / 2:.2f} re f Q"
    stroke = f"q {colour.upper()} {side / 8:.2f} w"
    if sign in "568":
        return f"{stroke} {at(0.25, 0.25)} m {at(0.75, 0.75)} l {at(0.25, 0.75)} m {at(0.75, 0.25)} l S Q"
    return f"{stroke} {at(0.22, 0.5)} m {at(0.42, 0.25)} l {at(0.78, 0.78)} l S Q"


def _frame(about: Dictionary, width: float, height: float) -> str:
    """Background and border of a field (12.5.6.19)."""
    marks, out = about.get("/MK", Dictionary()), ""
    if fill := _colour(marks.get("/BG"), 1):
        out += f"q {fill} 0 0 {width:.2f} {height:.2f} re f Q "
    if (stroke := _colour(marks.get("/BC"), 0)) and (line := _width(about)):
        out += f"q {stroke} {line:.2f} w {line / 2:.2f} {line / 2:.2f} {width - line:.2f} {height - line:.2f} re S Q"
    return out


def _free_text(about: Dictionary, box: Box) -> str | None:
    colour, size = _default(about.get("/DA"))
    width, height = box[2] - box[0], box[3] - box[1]
    side = about.get("/Q")
    text = _text(about.get("/Contents"))
    drawn = _block(text, colour, size or SIZE, None if side is None else _integer(side), True, width, height)
    if drawn is None:
        return None
    fill = _colour(about.get("/C"), 1)
    under = f"q {fill} 0 0 {width:.2f} {height:.2f} re f Q" if fill else ""
    line = _width(about)
    edge = f"q {colour.upper()} {line:.2f} w {_inside((0, 0, width, height), line)} re S Q" if line else ""
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
    width, fill = _width(about), _colour(about.get("/IC"), 1)
    pairs = list(zip(points[::2], points[1::2], strict=False))
    path = " ".join(f"{x:.2f} {y:.2f} {'l' if at else 'm'}" for at, (x, y) in enumerate(pairs))
    end = ("b" if fill else "s") if closed else "S"
    heads = "" if closed else " ".join(_heads(about, pairs, width))
    return f"q {_colour(about.get('/C'), 0) or '0 G'} {fill if closed else ''} {width:.2f} w {path} {end} {heads} Q"


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
    width = _width(about)
    return f"q {_colour(about.get('/C'), 0) or '0 G'} {width:.2f} w {_inside(box, width)} re S Q" if width else None


def _link(about: Dictionary, box: Box) -> str | None:
    """The border of a link that asks for one: what asks for none has none here, as on most screens."""
    return _border(about, box) if "/Border" in about or "/BS" in about else None


def _caret(about: Dictionary, box: Box) -> str:
    left, low, right, high = box
    middle = (left + right) / 2
    path = f"{left:.2f} {low:.2f} m {middle:.2f} {low:.2f} {middle:.2f} {low:.2f} {middle:.2f} {high:.2f} c"
    back = f"{middle:.2f} {low:.2f} {middle:.2f} {low:.2f} {right:.2f} {low:.2f} c h f"
    return f"q {_colour(about.get('/C'), 1) or '0 g'} {path} {back} Q"


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
    fill = _colour(about.get("/C"), 1) or "0.7 0 0 rg"
    edge = f"{fill.upper()} 2 w {_inside(box, 4)} re S"
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


def _inside(box: Box, line: float) -> str:
    left, low, right, high = box
    return f"{left + line / 2:.2f} {low + line / 2:.2f} {right - left - line:.2f} {high - low - line:.2f}"


def _circle(x: float, y: float, radius: float) -> str:
    arcs = [f"{x + radius:.2f} {y:.2f} m"]
    for quarter in range(4):
        a, b = quarter * pi / 2, (quarter + 1) * pi / 2
        first = (x + radius * (cos(a) - KAPPA * sin(a)), y + radius * (sin(a) + KAPPA * cos(a)))
        second = (x + radius * (cos(b) + KAPPA * sin(b)), y + radius * (sin(b) - KAPPA * cos(b)))
        end = (x + radius * cos(b), y + radius * sin(b))
        arcs.append(" ".join(f"{value:.2f}" for point in (first, second, end) for value in point) + " c")
    return " ".join(arcs)


def _width(about: Dictionary) -> float:
    """The width of a border, 1 unless it is said (12.5.4)."""
    style, border = about.get("/BS"), numbers(about.get("/Border"), 3)
    if isinstance(style, Dictionary):
        return min(max(_number(style.get("/W"), 1.0), 0.0), 100.0)
    return min(max(border[2], 0.0), 100.0) if border else 1.0


def _colour(value: object, filled: int) -> str:
    """The operator that sets a colour, for lines or (1) areas; empty for none."""
    found = numbers(value)
    if not found or len(found) not in OPERATORS:
        return ""
    return " ".join(f"{each:.3f}" for each in found) + " " + OPERATORS[len(found)][filled]


def _default(value: object) -> tuple[str, float]:
    """The colour and the size that a default appearance sets; size 0 for one that fits."""
    text = _text(value)[:1000]
    sizes, colours = SET_SIZE.findall(text), SET_COLOUR.findall(text)
    colour = f"{colours[-1][0].strip()} {colours[-1][1]}" if colours and colours[-1][0].strip() else "0 g"
    return colour, min(float(sizes[-1]), 300.0) if sizes else 0.0


def _text(value: object) -> str:
    return str(value)[:20_000] if isinstance(value, String) else str(value)[1:] if isinstance(value, Name) else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _number(value: object, usual: float) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return usual
