"""The register that the portal ships: loaded once, and looked through."""

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


async def test_a_province_is_paged_to_its_end(engine: Settings) -> None:
    found, after = list[str](), ""
    while True:
        page = await shipped.listing(text="", province=TOWN[:2], after=after)
        assert len(page["rows"]) == shipped.PAGE or page["older"] is None
        found += [row["code"] for row in page["rows"]]
        if page["older"] is None:
            break
        after = page["older"]
    assert found == sorted(code for code in shipped.shipped()[0] if code.startswith(TOWN[:2]))
    assert {row["province_name"] for row in page["rows"]} == {"همدان"}
