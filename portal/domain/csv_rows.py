"""Rows of a CSV (RFC 4180) with the line that each begins on; a damaged row is told and the next one is read.

Quotes may enclose line ends. A quote that is never closed spoils its own line only: the lines that it swallowed are
read again on their own.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LONE = re.compile("[\ud800-\udfff]")
"""What `errors="surrogateescape"` makes of bytes that are no UTF-8."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: its line, from 1, the column in question (or empty), and a stable code."""

    line: int
    where: str
    code: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can: the line that it begins on, from 1, and its cells as they stand."""

    line: int
    cells: list[str]


class _Feed:
    """Hands out lines, remembers those of the present row, and takes all but the first of them back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.again: deque[str] = deque()
        self.row: list[str] = []
        self.line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        each = self.again.popleft() if self.again else next(self.lines)
        self.row.append(each)
        return each

    def begin(self) -> None:
        self.line += len(self.row)
        self.row = []

    def give_back(self) -> None:
        self.again.extendleft(reversed(self.row[1:]))
        self.row = self.row[:1]


def read(lines: Iterable[str]) -> Iterator[Row | BadRow]:
    """Every row of `lines`, which carry their line ends; blank lines are left out.

    Codes: `not-csv`, `not-utf8` (lines decoded with `errors="surrogateescape"`).
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, strict=True)
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            feed.give_back()
            yield BadRow(feed.line, "", "not-csv")
            continue
        if any(not each.isascii() and _LONE.search(each) for each in feed.row):
            yield BadRow(feed.line, "", "not-utf8")
        elif any(cells):
            yield Row(feed.line, cells)
