"""Census figures and earlier grades by code or by name; bad rows are told with their line."""

from datetime import date

import pytest

from portal.domain import town_tables
from portal.domain.csv_rows import BadRow
from portal.domain.scoring_table import HeaderError
from portal.domain.town_tables import Figure, HeldGrade

TOWNS = {"1": ("سردشت", "خوزستان"), "2": ("سردشت", "هرمزگان"), "3": ("دوقلو", "فارس"), "4": ("دوقلو", "فارس")}


def test_figures_by_code_with_any_digits() -> None:
    rows = ["city_code,name,population,census_year", "1,x,٨.٧52,۱۳۹۵", "۲,y,100,1395"]
    assert list(town_tables.census(rows, TOWNS, None)) == [Figure("1", 1395, 8752), Figure("2", 1395, 100)]


def test_figures_by_name_for_one_year() -> None:
    rows = ["province,municipality,population", "هرمزگان,سردشت,100", "خوزستان,سردشت,200"]
    assert list(town_tables.census(rows, TOWNS, 1405)) == [Figure("2", 1405, 100), Figure("1", 1405, 200)]


def test_grades_with_and_without_a_day() -> None:
    rows = ["city_code,grade,notified_on", "1,7,1400/10/23", "2,12,"]
    assert list(town_tables.grades(rows, TOWNS)) == [HeldGrade("1", 7, date(2022, 1, 13)), HeldGrade("2", 12, None)]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["city_code,population,census_year", "9,1,1395"], "unknown-town"),
        (["city_code,population,census_year", "1,many,1395"], "not-a-population"),
        (["city_code,population,census_year", "1,8.75,1395"], "not-a-population"),
        (["city_code,population,census_year", "1,1,2016"], "not-a-census-year"),
        (["city_code,population,census_year", "1,1,1300"], "not-a-census-year"),
        (["city_code,population,census_year", "1,1"], "too-few-cells"),
        (["city_code,population,census_year", "1,1,1395,"], "too-many-cells"),
        (["province,municipality,population,census_year", "فارس,دوقلو,1,1395"], "many-towns"),
    ],
)
def test_a_bad_row_is_told_and_the_next_one_read(rows: list[str], code: str) -> None:
    good = rows[0].replace("city_code", "2").replace("province,municipality", "هرمزگان,سردشت")
    good = good.replace("population", "5").replace("census_year", "1395")
    found = list(town_tables.census([*rows, good], TOWNS, None))
    assert isinstance(found[0], BadRow)
    assert (found[0].line, found[0].code) == (2, code)
    assert found[1] == Figure("2", 1395, 5)


def test_the_same_town_twice_is_told() -> None:
    found = list(town_tables.grades(["city_code,grade", "1,7", "1,8", "1,13"], TOWNS))
    assert found == [HeldGrade("1", 7, None), BadRow(3, "", "town-twice"), BadRow(4, "grade", "not-our-grade")]


@pytest.mark.parametrize("header", ["", "city_code,population", "population,census_year"])
def test_a_header_that_cannot_serve_is_refused(header: str) -> None:
    with pytest.raises(HeaderError):
        list(town_tables.census([header], TOWNS, None))
