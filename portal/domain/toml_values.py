"""Typed reading of TOML values that notes every problem with its path instead of stopping at the first.

A reader takes a value and its path, and returns what it means or raises `Wrong`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain.toml_lines import Path

Read = Callable[[Any, Path], Any]
Problem = tuple[Path, str]
"""Where, and a stable code."""

DECIMALS = 6
"""Decimals of a number, at most."""
LARGEST = 10**21

REQUIRED: Any = object()


class Wrong(Exception):
    """A value that is not what its key wants."""

    def __init__(self, path: Path, code: str) -> None:
        super().__init__(path, code)
        self.problem = (path, code)


@dataclass(frozen=True, slots=True)
class Table:
    """A table under `path`, whose problems are added to `problems`."""

    given: Mapping[str, Any]
    path: Path
    problems: list[Problem]

    def only(self, *known: str) -> "Table":
        """Note keys that nobody reads: a misspelt one must not silently mean its default."""
        self.problems.extend(((*self.path, name), "unknown-key") for name in self.given if name not in known)
        return self

    def take(self, name: str, read: Read, default: Any = REQUIRED) -> Any:
        """What `read` makes of the key `name`; the default where it is absent, None where it is wrong."""
        if name not in self.given and default is not REQUIRED:
            return default
        try:
            if name not in self.given:
                raise Wrong((*self.path, name), "missing-key")
            return read(self.given[name], (*self.path, name))
        except Wrong as wrong:
            self.problems.append(wrong.problem)
            return None


def _of(kind: type, value: Any, path: Path) -> Any:
    if type(value) is not kind:
        raise Wrong(path, f"not-{kind.__name__}")
    if value in ("", [], {}):
        raise Wrong(path, "empty")
    return value


def text(most: int) -> Read:
    """Text of 1 to `most` characters."""

    def read(value: Any, path: Path) -> str:
        if len(_of(str, value, path)) > most:
            raise Wrong(path, "too-long")
        return str(value)

    return read


def flag(value: Any, path: Path) -> bool:
    """True or false."""
    return bool(_of(bool, value, path))


def day(value: Any, path: Path) -> date:
    """A local date."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Wrong(path, "not-date")
    return value


def table(value: Any, path: Path) -> Mapping[str, Any]:
    """A table with at least one key."""
    found: Mapping[str, Any] = _of(dict, value, path)
    return found


def items(value: Any, path: Path) -> list[tuple[Any, Path]]:
    """The elements of an array, at least one, with their paths."""
    return [(each, (*path, at)) for at, each in enumerate(_of(list, value, path))]


def texts(value: Any, path: Path) -> dict[str, str]:
    """A table of short texts."""
    return {name: text(200)(each, (*path, name)) for name, each in table(value, path).items()}


def count(least: int, most: int) -> Read:
    """A whole number within these bounds."""

    def read(value: Any, path: Path) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Wrong(path, "not-count")
        return value

    return read


def number(value: Any, path: Path) -> Decimal:
    """An exact number with at most six decimals: floats arrive as decimals, never in binary."""
    if type(value) not in (int, Decimal) or not Decimal(value).is_finite():
        raise Wrong(path, "not-number")
    if not -LARGEST < value < LARGEST:
        raise Wrong(path, "too-large")
    if value != round(Decimal(value), DECIMALS):
        raise Wrong(path, "too-many-decimals")
    return Decimal(value) if value else Decimal(0)


def positive(value: Any, path: Path) -> Decimal:
    """A number above zero."""
    found = number(value, path)
    if found <= 0:
        raise Wrong(path, "not-positive")
    return found


def steps(result: Read) -> Read:
    """Pairs of a lower bound, ascending strictly, and what `result` reads."""

    def read(value: Any, path: Path) -> tuple[tuple[Decimal, Any], ...]:
        found: list[tuple[Decimal, Any]] = []
        for each, at in items(value, path):
            if type(each) is not list or len(each) != 2:
                raise Wrong(at, "not-pair")
            bound = number(each[0], at)
            if found and bound <= found[-1][0]:
                raise Wrong(at, "overlap" if bound == found[-1][0] else "not-ascending")
            found.append((bound, result(each[1], at)))
        return tuple(found)

    return read
