"""What qpdf knows of a page's annotations and PDFium does not tell: their layers, and whatever has no picture yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import pikepdf
from pikepdf import Array, Dictionary, Name

from portal.sandbox.child.window import Mapped, window

MOST_NESTED = 32  # parts of a visibility expression, and parents of a field
MOST_ITEMS = 10_000  # of one array

T = TypeVar("T")


class Structure:
    """A PDF as qpdf reads it; opened when something is asked first, and silent where it cannot be."""

    def __init__(self, data: Mapped) -> None:
        self._data = data
        self._pdf: pikepdf.Pdf | None = None
        self._is_read = False
        self._layers: Layers | None = None

    def annotation(self, page: int, at: int) -> Dictionary | None:
        """The annotation `at` (from 0) of page `page` (from 1)."""
        return _quiet(lambda: _dictionary(self._opened().pages[page - 1].obj.Annots[at]))

    def form(self) -> Dictionary:
        """The interactive form; empty where there is none."""
        return _quiet(lambda: _dictionary(self._opened().Root.get("/AcroForm"))) or Dictionary()

    def is_off(self, annotation: Dictionary) -> bool:
        """Whether the annotation is on a layer that a screen does not show."""
        if self._layers is None:
            self._layers = _quiet(lambda: Layers.of(self._opened())) or Layers()
        layers = self._layers
        return _quiet(lambda: layers.is_shown(annotation.get("/OC"))) is False

    def _opened(self) -> pikepdf.Pdf:
        if not self._is_read:
            self._is_read = True
            self._pdf = pikepdf.open(window(self._data).file(), suppress_warnings=True)
        if self._pdf is None:
            raise ValueError("it cannot be read")
        return self._pdf


Group = tuple[int, int]


@dataclass(slots=True)
class Layers:
    """Which optional content a screen shows in the default configuration (ISO 32000-1, 8.11)."""

    is_on_at_first: bool = True
    on: set[Group] = field(default_factory=set)
    off: set[Group] = field(default_factory=set)
    by_usage: set[Group] = field(default_factory=set)

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> "Layers":
        """The configuration of `pdf` (8.11.4.3)."""
        default = pdf.Root.OCProperties.D
        usages = [each for each in _items(default.get("/AS")) if each.get("/Event") == Name.View]
        return cls(
            default.get("/BaseState") != Name.OFF,
            _groups(default.get("/ON")),
            _groups(default.get("/OFF")),
            {group for each in usages for group in _groups(each.get("/OCGs"))},
        )

    def is_shown(self, content: object) -> bool:
        """Whether a group or a membership is shown (8.11.2)."""
        if not isinstance(content, Dictionary):
            return True
        if content.get("/Type") != Name.OCMD:
            return self._is_on(content)
        if isinstance(expression := content.get("/VE"), Array):
            return self._holds(expression, count(MOST_NESTED, -1))
        groups = content.get("/OCGs")
        found = [self._is_on(each) for each in ([groups] if isinstance(groups, Dictionary) else _items(groups))]
        policies: dict[str, Callable[[list[bool]], bool]] = {
            "/AllOn": all,
            "/AnyOff": lambda states: not all(states),
            "/AllOff": lambda states: not any(states),
        }
        return not found or policies.get(str(content.get("/P")), any)(found)

    def _holds(self, expression: Array, left: Iterator[int]) -> bool:
        """Whether an expression is true; one with more than `MOST_NESTED` parts is."""
        if next(left) < 0:
            return True
        parts = [
            self._holds(each, left) if isinstance(each, Array) else self._is_on(each)
            for each in _items(expression)[1:MOST_NESTED]
        ]
        match str(expression[0]):
            case "/Not":
                return not all(parts)
            case "/Or":
                return any(parts)
            case _:
                return all(parts)

    def _is_on(self, group: object) -> bool:
        """The state of a group, for a screen (8.11.4.5)."""
        if not isinstance(group, Dictionary):
            return True
        is_on = group.objgen in self.on or (self.is_on_at_first and group.objgen not in self.off)
        if group.objgen in self.by_usage:
            state = group.get("/Usage", Dictionary()).get("/View", Dictionary()).get("/ViewState")
            return is_on if state is None else state == Name.ON
        return is_on


def _items(value: object) -> list[Any]:
    return list(value)[:MOST_ITEMS] if isinstance(value, Array) else []


def _groups(value: object) -> set[Group]:
    return {each.objgen for each in _items(value) if isinstance(each, Dictionary)}


def inherited(about: Dictionary, key: str) -> pikepdf.Object | None:
    """A value of a field, or of the nearest one above it that has it (12.7.3.2)."""
    now: object = about
    for _ in range(MOST_NESTED):
        if not isinstance(now, Dictionary):
            return None
        if key in now:
            return now[key]
        now = now.get("/Parent")
    return None


def numbers(value: object, least: int = 0) -> list[float] | None:
    """The numbers of an array, at least `least`; None for anything else."""
    if not isinstance(value, Array) or len(value) > MOST_ITEMS:
        return None
    try:
        found = [float(each) for each in value]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return found if len(found) >= least else None


def _dictionary(value: object) -> Dictionary | None:
    return value if isinstance(value, Dictionary) else None


def _quiet(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception:
        return None
