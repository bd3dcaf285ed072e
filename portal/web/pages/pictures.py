"""Pictures as data: shapes with their places, drawn as SVG by one component; a table of the numbers stands beside each.

Every picture is laid out left to right and mirrored for a reader of Persian. Nothing is said by colour alone: what
counts is outlined, numbered or marked with a pointer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from portal.web.formats import decimal, digits, direction


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `kind` is its class, `title` what it says when pointed at."""

    tag: ClassVar[str] = "rect"
    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""

    def mirrored(self, width: float) -> "Box":
        return replace(self, x=width - self.x - self.width)


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle around (x, y)."""

    tag: ClassVar[str] = "circle"
    x: float
    y: float
    radius: float
    kind: str
    title: str = ""

    def mirrored(self, width: float) -> "Dot":
        return replace(self, x=width - self.x)


@dataclass(frozen=True, slots=True)
class Text:
    """A few words; `anchor` is `start`, `middle` or `end` in reading order."""

    tag: ClassVar[str] = "text"
    x: float
    y: float
    text: str
    kind: str = "word"
    anchor: str = "middle"

    def mirrored(self, width: float) -> "Text":
        return replace(self, x=width - self.x)


@dataclass(frozen=True, slots=True)
class Rule:
    """An upright line from `y` on."""

    tag: ClassVar[str] = "line"
    x: float
    y: float
    height: float
    kind: str

    def mirrored(self, width: float) -> "Rule":
        return replace(self, x=width - self.x)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A triangle whose tip points down at (x, y)."""

    tag: ClassVar[str] = "path"
    x: float
    y: float

    def mirrored(self, width: float) -> "Pointer":
        return replace(self, x=width - self.x)


Shape = Box | Dot | Text | Rule | Pointer


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes within `width` × `height`; `title` says in one sentence what is to be seen."""

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


def picture(title: str, width: float, height: float, shapes: Iterable[Shape]) -> Picture:
    """`shapes` in the reader's direction."""
    drawn = tuple(shapes)
    if direction() == "rtl":
        drawn = tuple(each.mirrored(width) for each in drawn)
    return Picture(title, width, height, drawn)


STRIP = 360.0


def strip(title: str, points: Sequence[Decimal], at: int, within: float, bound: str) -> Picture:
    """Bands side by side with their points, the one at position `at` marked, a pointer `within` (0 … 1) of it.

    `bound` is where that band begins, in words.
    """
    step = STRIP / max(1, len(points))
    begin = step * at
    shapes: list[Shape] = [
        Box(step * n + 1, 14, step - 2, 22, "band hit" if n == at else "band passed" if n < at else "band")
        for n in range(len(points))
    ]
    if step >= 20:
        shapes += [
            Text(step * (n + 0.5), 30, decimal(each), "points hit" if n == at else "points")
            for n, each in enumerate(points)
        ]
    shapes.append(Pointer(begin + step * min(0.97, max(0.03, within)), 12))
    shapes.append(Rule(begin + 1, 36, 5, "tick"))
    shapes.append(Text(begin + 2, 52, bound, "bound", "end" if begin > STRIP / 2 else "start"))
    return picture(title, STRIP, 56, shapes)


LADDER = 420.0


def ladder(title: str, parts: Sequence[Decimal], cutoffs: Sequence[tuple[Decimal, str]], grade: str) -> Picture:
    """Contributions laid end to end under the cutoffs of the grades; the reached one is marked.

    A table may take points off: what is below zero is not drawn, the pointer stands at the total all the same.
    """
    total = sum(parts, Decimal(0))
    low = float(min(Decimal(0), total, cutoffs[0][0]))
    top = float(max(total, cutoffs[-1][0]))
    scale = LADDER / ((top - low) * 1.06 or 1.0)
    shapes: list[Shape] = [Box(0, 30, LADDER, 26, "ground")]
    begin = -low * scale
    for n, each in enumerate(parts, start=1):
        wide = max(0.0, float(each)) * scale
        if wide:
            shapes.append(Box(begin, 30, wide, 26, f"part part-{(n - 1) % 3 + 1}"))
        if wide > 16:
            shapes.append(Text(begin + wide / 2, 48, digits(n), "number"))
        begin += wide
    tip = (float(total) - low) * scale
    shapes += _steps([((float(bound) - low) * scale, name) for bound, name in cutoffs], grade)
    shapes += [Pointer(tip, 28), Text(min(LADDER - 40, max(40, tip)), 13, decimal(total), "total")]
    return picture(title, LADDER, 80, shapes)


def _steps(cutoffs: Sequence[tuple[float, str]], grade: str) -> list[Shape]:
    """A line for each cutoff, and the name of its grade where there is room for it."""
    shapes: list[Shape] = []
    last = -LADDER
    for x, name in cutoffs:
        shapes.append(Rule(x, 26, 34, "cutoff"))
        if x - last >= 22 or name == grade:
            kind = "step here" if name == grade else "step"
            shapes.append(Text(min(LADDER - 8, max(8, x)), 74, digits(name), kind))
            last = x
    return shapes


COLUMNS = 720.0


def columns(title: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> Picture:
    """Upright bars by name, one beside the other for each of `series` (a class and its counts), numbers on top."""
    step = COLUMNS / max(1, len(names))
    most = max([1, *(count for _, counts in series for count in counts)])
    wide = min(30.0, step * 0.8 / max(1, len(series)))
    shapes: list[Shape] = [Box(0, 160, COLUMNS, 1.5, "axis")]
    for n, name in enumerate(names):
        begin = step * (n + 0.5) - wide * len(series) / 2
        shapes.append(Text(step * (n + 0.5), 178, digits(name), "step"))
        for at, (kind, counts) in enumerate(series):
            high = 130 * counts[n] / most
            if counts[n]:
                shapes.append(Box(begin + wide * at + 1, 160 - high, wide - 2, high, f"bar {kind}"))
                shapes.append(Text(begin + wide * (at + 0.5), 154 - high, digits(counts[n]), "count"))
    return picture(title, COLUMNS, 186, shapes)


def stacks(title: str, names: Sequence[str], towns: Sequence[Sequence[tuple[str, str]]]) -> Picture:
    """A square for each town (its name and class), piled up over the name of its grade."""
    step = COLUMNS / max(1, len(names))
    across = 3
    tallest = max([1, *(-(-len(each) // across) for each in towns)])
    side = 15.0
    floor = 24 + tallest * side
    shapes: list[Shape] = [Box(0, floor, COLUMNS, 1.5, "axis")]
    for n, (name, pile) in enumerate(zip(names, towns, strict=True)):
        left = step * (n + 0.5) - across * side / 2
        for at, (town, kind) in enumerate(pile):
            x, y = left + at % across * side, floor - (at // across + 1) * side
            shapes.append(Box(x + 1, y + 1, side - 2, side - 2, f"town {kind}", town))
        shapes.append(Text(step * (n + 0.5), floor + 18, digits(name), "step"))
        if pile:
            high = -(-len(pile) // across) * side
            shapes.append(Text(step * (n + 0.5), floor - high - 5, digits(len(pile)), "count"))
    return picture(title, COLUMNS, floor + 26, shapes)


def matrix(title: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> Picture:
    """A circle for each row and name, as large as its count, the count in it."""
    side, left, high = 46.0, 168.0, 30.0
    most = max([1, *(count for _, counts in rows for count in counts)])
    shapes: list[Shape] = [Text(left + side * (n + 0.5), 18, digits(name), "step") for n, name in enumerate(names)]
    for at, (label, counts) in enumerate(rows):
        y = 28 + high * (at + 0.5)
        shapes.append(Text(0, y + 5, label, "label", "start"))
        for n, count in enumerate(counts):
            if count:
                shapes.append(Dot(left + side * (n + 0.5), y, 7.5 + 6.5 * (count / most) ** 0.5, "dot"))
                shapes.append(Text(left + side * (n + 0.5), y + 4.5, digits(count), "inside"))
    return picture(title, left + side * len(names), 34 + high * len(rows), shapes)
