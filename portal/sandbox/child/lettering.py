"""Letters as outlines, joined and in order: for values that a form holds without a picture of them.

Shaping is HarfBuzz's; the order of directions is the part of UAX #9 that lines without embedding need.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import uharfbuzz

from portal.sandbox.child.substitutes import face

STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N"}
BETWEEN_DIGITS = {"ES", "CS"}
FACE = "Sans-Regular"
Outline = tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph by number, its place in a line and how far it takes the next one; in parts of the size."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """Glyphs from left to right; `width` in parts of the size."""

    glyphs: tuple[Glyph, ...]
    width: float
    is_complete: bool


@cache
def _font() -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face(face(FACE)))


def is_latin(text: str) -> bool:
    """Whether PDFium sets `text` itself: left to right, in letters that its own fonts have."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def goes_left(text: str) -> bool:
    """Whether the first strong letter of `text` is one of a script that goes from right to left (UAX #9, P2)."""
    found = (STRONG.get(unicodedata.bidirectional(each)) for each in text)
    return next((each == "R" for each in found if each in ("L", "R")), False)


def line(text: str, base_left: bool | None = None) -> Line:
    """`text` on one line, joined; linear in its length."""
    glyphs: list[Glyph] = []
    at, is_complete, units = 0.0, True, _font().face.upem
    for run, leftwards in _visual(text, goes_left(text) if base_left is None else base_left):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(run)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if leftwards else "ltr"
        uharfbuzz.shape(_font(), buffer)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            is_complete &= info.codepoint != 0
            glyphs.append(Glyph(info.codepoint, at + place.x_offset / units, place.y_offset / units))
            at += place.x_advance / units
    return Line(tuple(glyphs), at, is_complete)


def _visual(text: str, base_left: bool) -> Iterator[tuple[str, bool]]:
    """The runs of `text` from left to right, and whether each goes from right to left (UAX #9, L2)."""
    levels = _levels(text, base_left)
    runs = [
        ("".join(each for each, _ in group), level)
        for level, group in groupby(zip(text, levels, strict=True), key=lambda pair: pair[1])
    ]
    for level in (2, 1):
        runs = [each for part in _parts(runs, level) for each in part]
    for run, level in runs:
        yield run, level == 1


def _parts(runs: list[tuple[str, int]], level: int) -> Iterator[list[tuple[str, int]]]:
    for is_deep, group in groupby(runs, key=lambda run: run[1] >= level):
        part = list(group)
        yield part[::-1] if is_deep else part


def _levels(text: str, base_left: bool) -> list[int]:
    """The embedding level of each letter: 0 or 2 from left to right, 1 from right to left (UAX #9, N1 to I2)."""
    base = "R" if base_left else "L"
    kinds = _kinds(text, base)
    levels: list[int] = []
    before = base
    for kind, group in groupby(kinds):
        length = len(list(group))
        after = next(iter(kinds[len(levels) + length : len(levels) + length + 1]), base)
        level = _level(kind or (_side(before) if _side(before) == _side(after) else base), base_left)
        before = kind or before
        levels += [level] * length
    return levels


def _level(kind: str, base_left: bool) -> int:
    return {"L": 2 if base_left else 0, "R": 1, "N": 2}[kind]


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _kinds(text: str, base: str) -> list[str]:
    """L, R, N (a number among R) or nothing for each letter (UAX #9, W1 to W7).

    Marks, and signs within numbers, go with what they stand by.
    """
    classes = [unicodedata.bidirectional(each) for each in text]
    kinds = [STRONG.get(each, "") for each in classes]
    strong = base
    for at, each in enumerate(classes):
        if each in ("NSM", "BN") and at:
            kinds[at] = kinds[at - 1]
        beside = [*kinds[max(0, at - 1) : at], *kinds[at + 1 : at + 2]]
        if (each in BETWEEN_DIGITS and beside == ["N", "N"]) or (each == "ET" and "N" in beside):
            kinds[at] = "N"
    for at, kind in enumerate(kinds):
        strong = kind if kind in ("L", "R") else strong
        kinds[at] = "L" if kind == "N" and strong == "L" else kind
    return kinds


def wrapped(text: str, size: float, width: float, most: int) -> list[Line]:
    """The lines of `text` broken between words to `width`, at most `most`; both measures in points."""
    lines: list[Line] = []
    for paragraph in text.splitlines():
        base, words = goes_left(paragraph), ""
        for word in paragraph.split(" "):
            longer = f"{words} {word}" if words else word
            if words and _width(longer) * size > width:
                lines.append(line(words, base))
                words = word
            else:
                words = longer
            if len(lines) >= most:
                return lines
        lines.append(line(words, base))
    return lines[:most]


def _width(words: str) -> float:
    return sum(_word_width(each) for each in words.split(" ")) + words.count(" ") * _word_width(" ")


@cache
def _word_width(word: str) -> float:
    return line(word).width


def paths(each: Line, x: float, y: float, size: float) -> Iterable[str]:
    """The operators (ISO 32000-1, 8.5) that draw a line from (x, y) on, its baseline's left end, in points."""
    scale = size / _font().face.upem
    for glyph in each.glyphs:
        left, low = x + glyph.x * size, y + glyph.y * size
        for operator, values in _outline(glyph.number):
            moved = (value * scale + (low if at % 2 else left) for at, value in enumerate(values))
            yield f"{' '.join(f'{value:.2f}' for value in moved)} {operator}".strip()


@cache
def _outline(number: int) -> Outline:
    found: list[tuple[str, tuple[float, ...]]] = []
    here = (0.0, 0.0)

    def move(x: float, y: float, _: object) -> None:
        nonlocal here
        here = (x, y)
        found.append(("m", here))

    def straight(x: float, y: float, _: object) -> None:
        nonlocal here
        here = (x, y)
        found.append(("l", here))

    def quadratic(cx: float, cy: float, x: float, y: float, _: object) -> None:
        nonlocal here
        first = (here[0] + 2 * (cx - here[0]) / 3, here[1] + 2 * (cy - here[1]) / 3)
        second = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
        here = (x, y)
        found.append(("c", (*first, *second, *here)))

    def close(_: object) -> None:
        found.append(("h", ()))

    pen = uharfbuzz.DrawFuncs()
    pen.set_move_to_func(move)
    pen.set_line_to_func(straight)
    pen.set_quadratic_to_func(quadratic)
    pen.set_close_path_func(close)
    _font().draw_glyph(number, pen, None)
    return tuple(found)
