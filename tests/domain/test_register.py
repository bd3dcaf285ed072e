"""The register that the portal ships, and registers that it refuses."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import portal
from portal.domain import persian, register
from portal.domain.declarations import GRADES

FOLDER = Path(portal.__file__).parent / "register"
TOWNS = register.read((FOLDER / "municipalities.csv").read_text(encoding="utf-8"))
HEAD = "province_code,province,county_code,county,district_code,district,city_code,city\n"
ROW = "13,همدان,1301,اسدآباد,130101,مرکزی,1301012467,آجین"


def test_all_towns_of_all_provinces_are_there() -> None:
    assert len(TOWNS) == 1354
    assert len({each.province_code for each in TOWNS}) == len({each.province for each in TOWNS}) == 31


def test_codes_are_nested_and_each_city_has_its_own() -> None:
    assert len({each.city_code for each in TOWNS}) == len(TOWNS)
    for each in TOWNS:
        assert each.county_code.startswith(each.province_code)
        assert each.district_code.startswith(each.county_code)
        assert each.city_code.startswith(each.district_code)


def test_a_code_has_one_name() -> None:
    for code, name in (("province_code", "province"), ("county_code", "county"), ("district_code", "district")):
        pairs = {(getattr(each, code), getattr(each, name)) for each in TOWNS}
        assert len(pairs) == len(dict(pairs))


def test_names_repeat_across_provinces() -> None:
    namesakes = [each for each in TOWNS if each.city == "سردشت"]
    assert len({each.province for each in namesakes}) == len(namesakes) == 4


def test_a_name_may_repeat_within_a_province_but_not_within_a_county() -> None:
    assert Counter((each.province, each.city) for each in TOWNS)["مازندران", "گلوگاه"] == 2
    assert max(Counter((each.county_code, each.city) for each in TOWNS).values()) == 1


def test_names_are_normalised() -> None:
    for each in TOWNS:
        for name in (each.province, each.county, each.district, each.city):
            assert name == persian.normalise(name)
    assert "چهارمحال و بختیاری" in {each.province for each in TOWNS}


OFFICIAL = register.spellings((FOLDER / "spellings.csv").read_text(encoding="utf-8"))
RENAMED = {"چاه بهار"}


def test_an_official_spelling_says_the_register_s_name_with_other_spaces_and_seats_of_the_hamza() -> None:
    names = {name for each in TOWNS for name in (each.city, each.county, each.district)}
    for name, official in OFFICIAL.items():
        assert name in names
        assert official == persian.normalise(official) != name
        same = register.search_text(name) == register.search_text(official)
        assert same is (name not in RENAMED), name
    assert len(OFFICIAL) > 200


def test_no_name_is_left_with_an_abad_apart() -> None:
    left = {OFFICIAL.get(name, name) for each in TOWNS for name in (each.city, each.county, each.district)}
    assert not {name for name in left if " آباد" in name or " اباد" in name}
    assert {"صفی‌آباد", "صومعه‌سرا", "نی‌ریز", "بوئین‌زهرا", "حسین‌آباد", "سعدآباد", "مهاباد"} <= left


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [("صفی‌آباد", "%صفی%اباد%"), (" بوئين  زهرا", "%بویین%زهرا%"), ("صفیاباد", "%صفیاباد%"), ("%_\\\0", ""), ("", "")],
)
def test_a_search_asks_for_its_words_in_their_order(typed: str, pattern: str) -> None:
    assert register.search_pattern(typed) == pattern


def test_hamadan_has_the_towns_of_the_demo() -> None:
    hamadan = [each for each in TOWNS if each.province == "همدان"]
    assert "اسدآباد" in {each.city for each in hamadan}
    assert "1301012467" in {each.city_code for each in hamadan}


@pytest.mark.parametrize(
    "rows",
    [
        ROW.replace("1301012467", "1401012467"),
        ROW.replace("130101,", "140101,"),
        ROW.replace("1301012467", "130101"),
        ROW.replace("1301012467", "130101x467"),
        ROW.replace("آجین", " "),
        ROW.rsplit(",", 1)[0],
        f"{ROW}\n{ROW}",
    ],
)
def test_a_register_that_contradicts_itself_is_refused(rows: str) -> None:
    with pytest.raises(ValueError, match="line"):
        register.read(HEAD + rows)


def test_spellings_are_folded_while_reading() -> None:
    (town,) = register.read("\ufeff" + HEAD + ROW.replace("مرکزی", "  مركزي ").replace("1301012467", "۱۳۰۱۰۱۲۴۶۷"))
    assert (town.district, town.city_code) == ("مرکزی", "1301012467")


def test_the_published_grades_are_kept_with_their_sources() -> None:
    with (FOLDER / "published-grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 41
    assert all(int(row["grade"]) in GRADES and row["source"] for row in rows)
