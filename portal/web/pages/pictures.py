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


Shape = Box | Text | Rule | Pointer


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


STRIP = 300.0
LETTER = 9.0
"""As wide as a digit is at most, in the size that the sheet gives to texts of pictures."""


def strip(title: str, points: Sequence[Decimal], at: int, within: float, bound: str) -> Picture:
    """Bands side by side with their points, the one at position `at` marked, a pointer `within` (0 … 1) of it.

    `bound` is where that band begins, in words.
    """
    step = STRIP / max(1, len(points))
    begin = step * at
    shapes: list[Shape] = [
        Box(step * n + 1, 14, step - 2, 26, "band hit" if n == at else "band passed" if n < at else "band")
        for n in range(len(points))
    ]
    names = [decimal(each) for each in points]
    if step >= LETTER * max(map(len, names), default=1) + 2:
        shapes += [
            Text(step * (n + 0.5), 33, each, "points hit" if n == at else "points") for n, each in enumerate(names)
        ]
    shapes.append(Pointer(begin + step * min(0.97, max(0.03, within)), 12))
    shapes.append(Rule(begin + 1, 40, 6, "tick"))
    half = min(STRIP, LETTER * len(bound)) / 2
    shapes.append(Text(min(STRIP - half, max(half, begin)), 62, bound, "bound"))
    return picture(title, STRIP, 68, shapes)


LADDER = 300.0


def ladder(title: str, parts: Sequence[Decimal], cutoffs: Sequence[tuple[Decimal, str]], grade: str) -> Picture:
    """Contributions laid end to end over the cutoffs of the grades; the reached one is marked.

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
            shapes.append(Text(begin + wide / 2, 49, digits(n), "number"))
        begin += wide
    tip = (float(total) - low) * scale
    shapes += _steps([((float(bound) - low) * scale, name) for bound, name in cutoffs], grade)
    shapes += [Pointer(tip, 28), Text(min(LADDER - 30, max(30, tip)), 14, decimal(total), "total")]
    return picture(title, LADDER, 86, shapes)


def _steps(cutoffs: Sequence[tuple[float, str]], grade: str) -> list[Shape]:
    """A line for each cutoff, below the bar whose numbers it would cut; and its grade's name where there is room.

    The reached grade is always named, and no name comes so near to it that they would be one number.
    """
    shapes: list[Shape] = [Rule(x, 57, 8, "cutoff") for x, _name in cutoffs]
    taken: list[float] = []
    for x, name in sorted(cutoffs, key=lambda each: each[1] != grade):
        at = min(LADDER - 9, max(9, x))
        if name == grade or all(abs(at - other) >= 22 for other in taken):
            shapes.append(Text(at, 81, digits(name), "step here" if name == grade else "step"))
            taken.append(at)
    return shapes


BAR = (100.0, 4.0)
GAP = 0.6


def bar(title: str, parts: Sequence[tuple[str, int]], most: int) -> Picture:
    """Lengths laid end to end, each a class and a number; `most` would fill the bar. Stretched to its place."""
    width, height = BAR
    shapes, begin = [Box(0, 0, width, height, "ground")], 0.0
    for kind, count in parts:
        wide = width * count / max(1, most)
        if count:
            seen = max(GAP, wide - GAP)
            shapes.append(Box(min(begin, width - seen), 0, seen, height, kind))
        begin += wide
    return picture(title, width, height, shapes)


def profile(title: str, counts: Sequence[int]) -> Picture:
    """Upright bars side by side, without words, for a row of a list."""
    most, wide, high = max([1, *counts]), 10.0, 24.0
    shapes = [Box(wide * n + 1, high - 1, wide - 2, 1, "axis") for n in range(len(counts))]
    for n, count in enumerate(counts):
        if count:
            tall = 4 + (high - 5) * count / most
            shapes.append(Box(wide * n + 1, high - tall, wide - 2, tall, "bar"))
    return picture(title, wide * len(counts), high, shapes)
