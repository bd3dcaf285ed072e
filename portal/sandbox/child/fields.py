"""Pictures of fields with their values: text, choices, ticks (ISO 32000-1: 12.7.3, 12.7.4)."""

from pikepdf import Array, Dictionary

from portal.sandbox.child import lettering
from portal.sandbox.child.operators import box_of, circle, colour_of, default_appearance, integer, line_width, text_of
from portal.sandbox.child.structure import inherited

MOST_LETTERS = 2000  # of one annotation
MOST_LINES = 200
MULTILINE, PASSWORD, RADIO, PUSH, COMBO, COMB = 1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 17, 1 << 24
SIZE, INSET, LEADING, BASE = 12.0, 2.0, 1.45, 0.32  # the usual size; parts of it: from line to line, below the middle
CHOSEN = "0.6 0.75 0.85 rg"  # the bar of a list, as viewers have it


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


def shown_text(about: Dictionary) -> str:
    """What a field with letters says: the texts of a list, the chosen label, the value."""
    kind = str(inherited(about, "/FT"))
    if kind == "/Ch":
        return "\n".join(label for label, _ in _options(about)) or text_of(inherited(about, "/V"))
    if kind == "/Tx":
        return text_of(inherited(about, "/V"))
    return ""


def _field(about: Dictionary, form: Dictionary, width: float, height: float) -> str | None:
    flags, kind = integer(inherited(about, "/Ff")), str(inherited(about, "/FT"))
    if kind == "/Btn":
        return None if flags & PUSH else _tick(about, flags, width, height)
    if kind not in ("/Tx", "/Ch"):
        return None
    colour, size = default_appearance(inherited(about, "/DA") or form.get("/DA"))
    if kind == "/Ch" and not flags & COMBO:
        return _list(about, colour, size or SIZE, width, height)
    text = shown_text(about) if kind == "/Tx" else _chosen(about)
    side = inherited(about, "/Q")
    if kind == "/Tx" and flags & PASSWORD:
        text = "*" * len(text)
    if kind == "/Tx" and flags & COMB and (cells := integer(inherited(about, "/MaxLen"))) > 0:
        return _comb(text, colour, size, cells, width, height)
    is_long = kind == "/Tx" and bool(flags & MULTILINE)
    return block(text, colour, size, None if side is None else integer(side), is_long, width, height)


def block(
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
    for label, is_chosen in _options(about)[max(0, integer(about.get("/TI"))) :]:
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
    chosen = {text_of(each) for each in values} if isinstance(values, Array) else {text_of(values)}
    pairs = list(found)[:MOST_LINES] if isinstance(found, Array) else []
    both = [(text_of(each[0]), text_of(each[1])) if isinstance(each, Array) else (text_of(each),) * 2 for each in pairs]
    return [(label, value in chosen) for value, label in both]


def _chosen(about: Dictionary) -> str:
    return next((label for label, is_chosen in _options(about) if is_chosen), text_of(inherited(about, "/V")))


def _tick(about: Dictionary, flags: int, width: float, height: float) -> str:
    """The sign of a box that is on, by the letter of ZapfDingbats that it asks for."""
    sign = text_of(about.get("/MK", Dictionary()).get("/CA")) or ("l" if flags & RADIO else "4")
    colour, _ = default_appearance(inherited(about, "/DA"))
    side = min(width, height)
    x, y = (width - side) / 2, (height - side) / 2

    def at(across: float, down: float) -> str:
        return f"{x + across * side:.2f} {y + down * side:.2f}"

    if sign == "l":
        return f"q {colour} {circle(x + side / 2, y + side / 2, side / 4)} f Q"
    if sign == "n":
        return f"q {colour} {at(0.25, 0.25)} {side / 2:.2f} {side / 2:.2f} re f Q"
    stroke = f"q {colour.upper()} {side / 8:.2f} w"
    if sign in "568":
        return f"{stroke} {at(0.25, 0.25)} m {at(0.75, 0.75)} l {at(0.25, 0.75)} m {at(0.75, 0.25)} l S Q"
    return f"{stroke} {at(0.22, 0.5)} m {at(0.42, 0.25)} l {at(0.78, 0.78)} l S Q"


def _frame(about: Dictionary, width: float, height: float) -> str:
    """Background and border of a field (12.5.6.19)."""
    marks, out = about.get("/MK", Dictionary()), ""
    if fill := colour_of(marks.get("/BG"), 1):
        out += f"q {fill} 0 0 {width:.2f} {height:.2f} re f Q "
    if (stroke := colour_of(marks.get("/BC"), 0)) and (line := line_width(about)):
        out += f"q {stroke} {line:.2f} w {line / 2:.2f} {line / 2:.2f} {width - line:.2f} {height - line:.2f} re S Q"
    return out
