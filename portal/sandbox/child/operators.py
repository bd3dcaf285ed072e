"""What content streams are made of: numbers, colours, text, boxes and paths (ISO 32000-1: 8, 12.5.4, 12.7.3.3)."""

import re
from math import cos, pi, sin

from pikepdf import Dictionary, Name, String

from portal.sandbox.child.structure import numbers

SET_SIZE = re.compile(r"(\d{1,4}(?:\.\d{0,4})?)\s+Tf\b")
SET_COLOUR = re.compile(r"((?:\d{0,3}\.?\d{0,4}\s+){1,4})(g|rg|k)\b")
OPERATORS = {1: ("G", "g"), 3: ("RG", "rg"), 4: ("K", "k")}
KAPPA = 0.5523
Box = tuple[float, float, float, float]


def box_of(about: Dictionary) -> Box | None:
    """The rectangle of an annotation, in order; None where it has no area."""
    found = numbers(about.get("/Rect"), 4)
    if found is None:
        return None
    left, right = sorted((found[0], found[2]))
    low, high = sorted((found[1], found[3]))
    return (left, low, right, high) if right > left and high > low else None


def inside(box: Box, line: float) -> str:
    left, low, right, high = box
    return f"{left + line / 2:.2f} {low + line / 2:.2f} {right - left - line:.2f} {high - low - line:.2f}"


def circle(x: float, y: float, radius: float) -> str:
    arcs = [f"{x + radius:.2f} {y:.2f} m"]
    for quarter in range(4):
        a, b = quarter * pi / 2, (quarter + 1) * pi / 2
        first = (x + radius * (cos(a) - KAPPA * sin(a)), y + radius * (sin(a) + KAPPA * cos(a)))
        second = (x + radius * (cos(b) + KAPPA * sin(b)), y + radius * (sin(b) - KAPPA * cos(b)))
        end = (x + radius * cos(b), y + radius * sin(b))
        arcs.append(" ".join(f"{value:.2f}" for point in (first, second, end) for value in point) + " c")
    return " ".join(arcs)


def line_width(about: Dictionary) -> float:
    """The width of a border, 1 unless it is said (12.5.4)."""
    style, border = about.get("/BS"), numbers(about.get("/Border"), 3)
    if isinstance(style, Dictionary):
        return min(max(number(style.get("/W"), 1.0), 0.0), 100.0)
    return min(max(border[2], 0.0), 100.0) if border else 1.0


def colour_of(value: object, filled: int) -> str:
    """The operator that sets a colour, for lines or (1) areas; empty for none."""
    found = numbers(value)
    if not found or len(found) not in OPERATORS:
        return ""
    return " ".join(f"{each:.3f}" for each in found) + " " + OPERATORS[len(found)][filled]


def default_appearance(value: object) -> tuple[str, float]:
    """The colour and the size that a default appearance sets; size 0 for one that fits."""
    text = text_of(value)[:1000]
    sizes, colours = SET_SIZE.findall(text), SET_COLOUR.findall(text)
    colour = f"{colours[-1][0].strip()} {colours[-1][1]}" if colours and colours[-1][0].strip() else "0 g"
    return colour, min(float(sizes[-1]), 300.0) if sizes else 0.0


def text_of(value: object) -> str:
    return str(value)[:20_000] if isinstance(value, String) else str(value)[1:] if isinstance(value, Name) else ""


def integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def number(value: object, usual: float) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return usual
