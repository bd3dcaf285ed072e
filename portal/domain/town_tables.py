"""Tables of towns that an operator loads into the register: census figures, and grades from before the portal.

A town is named by `city_code`, or by `province` and `municipality` where one town alone has that name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from portal.domain import csv_rows, persian
from portal.domain.csv_rows import BadRow, Row
from portal.domain.declarations import GRADES
from portal.domain.scoring_table import HeaderError

T = TypeVar("T")
Towns = Mapping[str, tuple[str, str]]
"""Name of the town and of its province, by code."""
FIRST_CENSUS, LAST_CENSUS = 1335, 1500
MOST_PERSONS = 50_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """What a census counted. `population` in persons, `year` of the Solar Hijri calendar."""

    code: str
    year: int
    population: int


@dataclass(frozen=True, slots=True)
class HeldGrade:
    """The grade that a town held before the portal, and when it was notified, if that is known."""

    code: str
    grade: int
    notified_on: date | None


class _Bad(Exception):
    def __init__(self, where: str, code: str) -> None:
        super().__init__(where, code)
        self.where, self.code = where, code


def census(lines: Iterable[str], towns: Towns, year: int | None) -> Iterator[Figure | BadRow]:
    """The figures of a CSV with `population`, and `census_year` unless `year` holds for all rows.

    Raises:
        HeaderError.
    """
    needed = ("population",) if year is not None else ("population", "census_year")
    return _read(lines, towns, needed, lambda code, row: _figure(code, row, year))


def grades(lines: Iterable[str], towns: Towns) -> Iterator[HeldGrade | BadRow]:
    """The grades of a CSV with `grade` and, where it is known, `notified_on` (1400/10/23).

    Raises:
        HeaderError.
    """
    return _read(lines, towns, ("grade",), _held)


def _figure(code: str, row: Mapping[str, str], year: int | None) -> Figure:
    counted = year or _whole(row, "census_year", LAST_CENSUS, "not-a-census-year")
    if counted < FIRST_CENSUS:
        raise _Bad("census_year", "not-a-census-year")
    return Figure(code, counted, _whole(row, "population", MOST_PERSONS, "not-a-population"))


def _held(code: str, row: Mapping[str, str]) -> HeldGrade:
    grade = _whole(row, "grade", GRADES[-1], "not-our-grade")
    if grade not in GRADES:
        raise _Bad("grade", "not-our-grade")
    try:
        text = row.get("notified_on", "")
        return HeldGrade(code, grade, persian.jalali_date(text) if text else None)
    except persian.DateError:
        raise _Bad("notified_on", "not-a-day") from None


def _whole(row: Mapping[str, str], name: str, most: int, code: str) -> int:
    try:
        return persian.whole_number(row[name], most)
    except persian.NumberError:
        raise _Bad(name, code) from None


def _read(
    lines: Iterable[str], towns: Towns, needed: tuple[str, ...], make: Callable[[str, Mapping[str, str]], T]
) -> Iterator[T | BadRow]:
    rows = csv_rows.read(lines)
    header = next(rows, None)
    if not isinstance(header, Row):
        raise HeaderError(header.line if header else 1, "", header.code if header else "no-header")
    names = [each.strip() for each in header.cells]
    keys = ("city_code",) if "city_code" in names else ("province", "municipality")
    if lacking := next((name for name in (*keys, *needed) if name not in names), None):
        raise HeaderError(header.line, lacking, "no-column")
    return _rows(rows, names, _by_name(towns) if len(keys) == 2 else {}, towns, make)


def _rows(
    rows: Iterable[Row | BadRow], names: list[str], by_name: Mapping[Any, list[str]], towns: Towns, make: Any
) -> Iterator[Any]:
    seen: set[Any] = set()
    for row in rows:
        if isinstance(row, BadRow) or len(row.cells) != len(names):
            few = isinstance(row, Row) and len(row.cells) < len(names)
            yield row if isinstance(row, BadRow) else BadRow(row.line, "", "too-few-cells" if few else "too-many-cells")
            continue
        cells = dict(zip(names, (each.strip() for each in row.cells), strict=True))
        try:
            made = make(_code(cells, by_name, towns), cells)
            key = (made.code, getattr(made, "year", None))
            if key in seen:
                raise _Bad("", "town-twice")
            seen.add(key)
            yield made
        except _Bad as bad:
            yield BadRow(row.line, bad.where, bad.code)


def _by_name(towns: Towns) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for code, (town, province) in towns.items():
        found.setdefault((persian.search_key(province), persian.search_key(town)), []).append(code)
    return found


def _code(cells: Mapping[str, str], by_name: Mapping[Any, list[str]], towns: Towns) -> str:
    if "city_code" in cells:
        code = persian.fold_digits(cells["city_code"])
        if code not in towns:
            raise _Bad("city_code", "unknown-town")
        return code
    key = (persian.search_key(cells["province"]), persian.search_key(cells["municipality"]))
    codes = by_name.get(key, [])
    if len(codes) != 1:
        raise _Bad("municipality", "many-towns" if codes else "unknown-town")
    return codes[0]
