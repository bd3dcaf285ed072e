"""The register that the portal ships: loaded once, and looked through."""

import importlib.util
from pathlib import Path

import pytest

import portal
from portal.domain import persian
from portal.services.register import shipped
from portal.settings import Settings
from portal.tables.places import Municipality, Province
from tests.world.cast import ABROAD, TOWN


async def codes(text: str = "", province: str = "", after: str = "") -> list[str]:
    found = await shipped.listing(text=text, province=province, after=after)
    return [row["code"] for row in found["rows"]]


async def test_the_register_holds_what_is_shipped_and_loading_again_adds_nothing(engine: Settings) -> None:
    towns, provinces = shipped.shipped()
    assert await shipped.load() == len(towns) == await Municipality.count()
    rows = await Municipality.select(*shipped.SHIPPED_COLUMNS)
    assert {row["code"]: row for row in rows} == towns
    assert {row["code"]: row["name"] for row in await Province.select()} == provinces


async def test_a_town_is_found_by_its_name_in_whatever_letters_and_by_its_code(engine: Settings) -> None:
    for text in ("اسدآباد", "اسداباد", TOWN, "۱۳۰۶۰۱۱۴۶۹"):
        assert TOWN in await codes(text), text
    assert ABROAD not in await codes("اسدآباد")
    assert await codes("جایی که نیست") == []
    assert await codes("%") == await codes(), "a wildcard of the database asks for nothing"
    for text in ("اسد%باد", "اسد_باد"):
        assert TOWN not in await codes(text), text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("صفی‌آباد", ("صفی آباد", "صفی‌آباد", "صفیآباد", "صفي اباد", "صفی آباد دزفول")),
        ("صومعه‌سرا", ("صومعه سرا", "صومعه‌سرا", "صومعهسرا")),
        ("نی‌ریز", ("نی ریز", "نی‌ریز", "نیریز")),
        ("بوئین‌زهرا", ("بویین زهرا", "بوئین زهرا", "بوئین‌زهرا", "بوئینزهرا")),
        ("چابهار", ("چاه بهار", "چابهار")),
    ],
)
async def test_a_town_is_shown_in_its_official_spelling_and_found_in_any(
    engine: Settings, name: str, typed: tuple[str, ...]
) -> None:
    for each in typed:
        found = (await shipped.listing(text=each, province="", after=""))["rows"]
        assert name in {row["display_name"] for row in found}, each


MIGRATION = Path(portal.__file__).parents[1] / "migrations" / "portal_2026_11_27t23_41_00_000000.py"


async def test_rows_of_a_former_version_are_sorted_by_the_migration_and_spelled_by_the_next_load(
    engine: Settings,
) -> None:
    spec = importlib.util.spec_from_file_location("migration", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    await Municipality.update({"search": "صفی اباد دزفول", "sort_key": ""}, force=True)
    for statement in migration.FORWARDS:
        await Municipality.raw(statement)
    for row in await Municipality.select():
        shown = (row["display_name"], row["display_county"], row["display_district"])
        assert shown == (row["name"], row["county"], row["district"])
        assert row["sort_key"] == persian.order_key(row["name"])
    for row in await Province.select():
        assert row["sort_key"] == persian.order_key(row["name"])
    await shipped.load()
    rows = await Municipality.select(*shipped.SHIPPED_COLUMNS)
    assert {row["code"]: row for row in rows} == shipped.shipped()[0]


async def test_a_province_is_paged_to_its_end(engine: Settings) -> None:
    found, after = list[str](), ""
    while True:
        page = await shipped.listing(text="", province=TOWN[:2], after=after)
        assert len(page["rows"]) == shipped.PAGE or page["older"] is None
        found += [row["code"] for row in page["rows"]]
        if page["older"] is None:
            break
        after = page["older"]
    towns = [row for row in shipped.shipped()[0].values() if row["province"] == TOWN[:2]]
    assert found == [row["code"] for row in sorted(towns, key=lambda row: persian.order_key(row["display_name"]))]
    assert {row["province_name"] for row in page["rows"]} == {"همدان"}
