"""A table of units, one a row, scored under a rule set: what `portal rules score` reads and writes.

Columns: `id`, and one for each criterion. A mean over `years = n` is read from `name_1` … `name_n`, or from `name`
where only the mean is given; other columns are carried along. Numbers are plain: digits of any set, a decimal point,
no thousands separators (`8.752` is less than nine).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.domain import csv_rows, grading
from portal.domain.csv_rows import BadRow, Row
from portal.domain.grading import Explanation
from portal.domain.persian import fold_digits
from portal.domain.rulesets import Criterion, RuleSet, exact

ID = "id"
_NUMBER = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?")
_MARKS = str.maketrans("٫", ".", "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")


class HeaderError(ValueError):
    """A first row that cannot serve. `code`: `no-column`, `column-twice`, `no-header`; `line` is its line, from 1."""

    def __init__(self, line: int, column: str, code: str) -> None:
        super().__init__(f"{line}: {column}: {code}")
        self.line, self.column, self.code = line, column, code


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each criterion is read: positions of its amounts, and of its single value."""

    header: tuple[str, ...]
    id: int
    amounts: Mapping[str, tuple[int, ...]]
    single: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scored:
    """A row and its score."""

    line: int
    cells: list[str]
    explanation: Explanation


def columns(ruleset: RuleSet, header: Row) -> Columns:
    """Where `header` has what `ruleset` reads.

    Raises:
        HeaderError.
    """
    names = tuple(each.strip() for each in header.cells)
    if twice := next((each for each in names if each and names.count(each) > 1), None):
        raise HeaderError(header.line, twice, "column-twice")
    at = {name: position for position, name in enumerate(names)}
    if ID not in at:
        raise HeaderError(header.line, ID, "no-column")
    amounts: dict[str, tuple[int, ...]] = {}
    single: dict[str, int] = {}
    for each in ruleset.criteria:
        yearly = [f"{each.name}_{n + 1}" for n in range(each.years)] if each.statistic else []
        if yearly and all(name in at for name in yearly):
            amounts[each.name] = tuple(at[name] for name in yearly)
        if each.name in at:
            single[each.name] = at[each.name]
        if each.name not in amounts and each.name not in single:
            begun = any(name in at for name in yearly)
            lacking = next((name for name in yearly if begun and name not in at), each.name)
            raise HeaderError(header.line, lacking, "no-column")
    return Columns(names, at[ID], amounts, single)


def score_all(ruleset: RuleSet, lines: Iterable[str]) -> tuple[Columns, Iterator[Scored | BadRow]]:
    """The columns of the CSV `lines`, and then each of its rows, scored or refused.

    Raises:
        HeaderError: before the first row.
    """
    rows = csv_rows.read(lines)
    header = next(rows, None)
    if not isinstance(header, Row):
        raise HeaderError(header.line if header else 1, "", header.code if header else "no-header")
    found = columns(ruleset, header)
    return found, _scored(ruleset, found, rows)


def _scored(ruleset: RuleSet, found: Columns, rows: Iterable[Row | BadRow]) -> Iterator[Scored | BadRow]:
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        answer = _score(ruleset, found, row, seen)
        if isinstance(answer, Scored):
            seen.add(row.cells[found.id].strip())
        yield answer


def _score(ruleset: RuleSet, found: Columns, row: Row, seen: set[str]) -> Scored | BadRow:
    if len(row.cells) != len(found.header):
        return BadRow(row.line, "", "too-few-cells" if len(row.cells) < len(found.header) else "too-many-cells")
    unit = row.cells[found.id].strip()
    if not unit or unit in seen:
        return BadRow(row.line, ID, "id-twice" if unit else "missing")
    try:
        inputs = {each.name: _input(each, found, row.cells) for each in ruleset.criteria}
        return Scored(row.line, row.cells, grading.score(ruleset, inputs))
    except grading.Unscorable as refusal:
        return BadRow(row.line, refusal.name, refusal.code)


def _input(criterion: Criterion, found: Columns, cells: list[str]) -> Any:
    if criterion.values is not None:
        return cells[found.single[criterion.name]].strip()
    if criterion.name in found.amounts:
        given = [cells[at].strip() for at in found.amounts[criterion.name]]
        if any(given) or criterion.name not in found.single:
            return [_number(criterion, each) for each in given]
    return _number(criterion, cells[found.single[criterion.name]].strip())


def _number(criterion: Criterion, text: str) -> Decimal | None:
    if not text:
        return None
    plain = text if text.isascii() else fold_digits(text).translate(_MARKS)
    if not _NUMBER.fullmatch(plain):
        raise grading.UnknownInput(criterion.name, "not-a-number")
    return Decimal(plain)


def header_of(ruleset: RuleSet, given: Columns) -> list[str]:
    """The first row of the output: the given columns, points per criterion, `total` and `grade`.

    A given column of one of these names is kept as `given_…`.
    """
    added = [*(f"{each.name}_points" for each in ruleset.criteria), "total", "grade"]
    taken, kept = {*added, *given.header}, []
    for name in given.header:
        new = name
        while new in added or (new != name and new in taken):
            new = f"given_{new}"
        taken.add(new)
        kept.append(new)
    return kept + added


def row_of(scored: Scored) -> list[str]:
    """A row of the output, under `header_of`."""
    told = scored.explanation
    return [*scored.cells, *(exact(each.points) for each in told.criteria), exact(told.total), str(told.grade)]
