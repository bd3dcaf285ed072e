"""What qpdf knows of a page's annotations and PDFium does not tell: their layers, and whatever has no picture yet."""

from collections.abc import Callable
from typing import TypeVar

import pikepdf
from pikepdf import Array, Dictionary, Name

from portal.cage.window import Mapped, window

MOST_NESTED = 32  # visibility expressions, and parents of a field

T = TypeVar("T")


class Structure:
    """A PDF as qpdf reads it; opened when something is asked first, and silent where it cannot be."""

    def __init__(self, data: Mapped) -> None:
        self._data = data
        self._pdf: pikepdf.Pdf | None = None
        self._is_read = False

    def annotation(self, page: int, at: int) -> Dictionary | None:
        """The annotation `at` (from 0) of page `page` (from 1)."""
        return _quiet(lambda: _dictionary(self._opened().pages[page - 1].obj.Annots[at]))

    def form(self) -> Dictionary:
        """The interactive form; empty where there is none."""
        return _quiet(lambda: _dictionary(self._opened().Root.get("/AcroForm"))) or Dictionary()

    def is_off(self, annotation: Dictionary) -> bool:
        """Whether the annotation is on a layer that a screen does not show."""
        found = _quiet(lambda: self._is_shown(annotation.get("/OC")))
        return found is False

    def _opened(self) -> pikepdf.Pdf:
        if not self._is_read:
            self._is_read = True
            self._pdf = pikepdf.open(window(self._data).file(), suppress_warnings=True)
        if self._pdf is None:
            raise ValueError("it cannot be read")
        return self._pdf

    def _is_shown(self, content: pikepdf.Object | None) -> bool:
        """Whether a group or a membership is shown (ISO 32000-1, 8.11.2 and 8.11.4)."""
        if not isinstance(content, Dictionary):
            return True
        if content.get("/Type") != Name.OCMD:
            return self._is_on(content)
        if isinstance(expression := content.get("/VE"), Array):
            return self._holds(expression, MOST_NESTED)
        groups = content.get("/OCGs")
        found = [self._is_on(each) for each in (groups if isinstance(groups, Array) else [groups]) if each is not None]
        policies: dict[str, Callable[[list[bool]], bool]] = {
            "/AllOn": all,
            "/AnyOff": lambda states: not all(states),
            "/AllOff": lambda states: not any(states),
        }
        return not found or policies.get(str(content.get("/P")), any)(found)

    def _holds(self, expression: Array, depth: int) -> bool:
        if depth == 0 or len(expression) > MOST_NESTED:
            return True
        parts = [
            self._holds(each, depth - 1) if isinstance(each, Array) else self._is_on(each)
            for each in list(expression)[1:]
        ]
        match str(expression[0]):
            case "/Not":
                return not all(parts)
            case "/Or":
                return any(parts)
            case _:
                return all(parts)

    def _is_on(self, group: pikepdf.Object) -> bool:
        """The state of a group in the default configuration, for a screen (8.11.4.3 and 8.11.4.5)."""
        properties = self._opened().Root.get("/OCProperties")
        default = properties.get("/D") if isinstance(properties, Dictionary) else None
        if not isinstance(default, Dictionary) or not isinstance(group, Dictionary):
            return True
        is_on = default.get("/BaseState") != Name.OFF
        is_on = _has(default.get("/ON"), group) or (is_on and not _has(default.get("/OFF"), group))
        for usage in default.get("/AS") or ():
            if usage.get("/Event") == Name.View and _has(usage.get("/OCGs"), group):
                state = group.get("/Usage", Dictionary()).get("/View", Dictionary()).get("/ViewState")
                is_on = is_on if state is None else state == Name.ON
        return is_on


def inherited(field: Dictionary, key: str) -> pikepdf.Object | None:
    """A value of a field, or of the nearest one above it that has it (12.7.3.2)."""
    now: object = field
    for _ in range(MOST_NESTED):
        if not isinstance(now, Dictionary):
            return None
        if key in now:
            return now[key]
        now = now.get("/Parent")
    return None


def numbers(value: object, count: int | None = None) -> list[float] | None:
    """The numbers of an array, at least `count`; None for anything else."""
    if not isinstance(value, Array) or len(value) > 10_000:
        return None
    try:
        found = [float(each) for each in value]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return found if count is None or len(found) >= count else None


def _has(groups: object, wanted: pikepdf.Object) -> bool:
    if not isinstance(groups, Array) or len(groups) > 10_000:
        return False
    return any(isinstance(each, Dictionary) and each.objgen == wanted.objgen for each in groups)


def _dictionary(value: object) -> Dictionary | None:
    return value if isinstance(value, Dictionary) else None


def _quiet(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception:
        return None
