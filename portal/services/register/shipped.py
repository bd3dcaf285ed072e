"""The register of municipalities that the portal ships, loaded into its tables."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from piccolo.columns.combination import WhereRaw
from piccolo.custom_types import Combinable

from portal.domain import persian, register
from portal.domain.register import Town
from portal.tables.places import Municipality, Province

FOLDER = Path(__file__).parents[2] / "register"
AT_ONCE = 300

_SPELT = (
    *(Municipality.display_name, Municipality.display_county, Municipality.display_district),
    *(Municipality.sort_key, Municipality.search),
)
SHIPPED_COLUMNS = (
    *(Municipality.code, Municipality.name, Municipality.county, Municipality.county_code),
    *(Municipality.district, Municipality.district_code, Municipality.province),
    *_SPELT,
)
"""The columns that the shipped register fills, and nothing else changes."""


def shipped() -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The rows of towns by code, in `SHIPPED_COLUMNS`, and the names of provinces by code."""
    towns = register.read((FOLDER / "municipalities.csv").read_text(encoding="utf-8-sig"))
    official = register.spellings((FOLDER / "spellings.csv").read_text(encoding="utf-8"))
    rows = {town.city_code: _row(town, official) for town in towns}
    return rows, {town.province_code: town.province for town in towns}


def province_name(code: str) -> str | None:
    """The name of the province whose code this is, or of the town with this code: its first two digits."""
    return _provinces().get(code[:2])


@cache
def _provinces() -> dict[str, str]:
    return shipped()[1]


def _row(town: Town, official: Mapping[str, str]) -> dict[str, Any]:
    name, county, district = (official.get(each, each) for each in (town.city, town.county, town.district))
    return {
        "code": town.city_code,
        "name": town.city,
        "county": town.county,
        "county_code": town.county_code,
        "district": town.district,
        "district_code": town.district_code,
        "province": town.province_code,
        "display_name": name,
        "display_county": county,
        "display_district": district,
        "sort_key": persian.order_key(name),
        "search": register.search_text(name, town.city, county, town.county),
    }


async def load() -> int:
    """Add the shipped towns that are not there yet; how many the register holds now.

    What is made of their names (how they are shown, sorted and found) is brought to what this version makes of them.
    """
    towns, provinces = shipped()
    async with Municipality._meta.db.transaction():
        rows = [Province(code=code, name=name, sort_key=persian.order_key(name)) for code, name in provinces.items()]
        await Province.insert(*rows).on_conflict(Province.code, "DO UPDATE", [Province.sort_key])
        kept = {row["code"]: row for row in await Municipality.select(*SHIPPED_COLUMNS)}
        other = [Municipality(**row) for code, row in towns.items() if kept.get(code) != row]
        for at in range(0, len(other), AT_ONCE):
            await Municipality.insert(*other[at : at + AT_ONCE]).on_conflict(
                Municipality.code, "DO UPDATE", list(_SPELT)
            )
    return len(towns)


PAGE = 25
_BEHIND = """
(municipalities.sort_key, municipalities.code) > (SELECT m.sort_key, m.code FROM municipalities m WHERE m.code = {})
"""


async def listing(*, text: str, province: str, after: str) -> dict[str, Any]:
    """A page of the register by the alphabet, behind the town with the code `after`: `rows`, and `older` to go on."""
    where = _matching(text, province)
    if after:
        where = where & WhereRaw(_BEHIND, after)
    rows = await (
        Municipality.select(*Municipality.all_columns(), Municipality.province.name.as_alias("province_name"))
        .where(where)
        .order_by(Municipality.sort_key, Municipality.code)
        .limit(PAGE + 1)
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return {"rows": rows, "older": rows[-1]["code"] if more else None}


async def hits(*, text: str, province: str) -> int:
    """How many towns a search finds."""
    found: int = await Municipality.count().where(_matching(text, province))
    return found


def _matching(text: str, province: str) -> Combinable:
    where: Combinable = Municipality.code.is_not_null()
    if province:
        where = where & (Municipality.province == province)
    if pattern := register.search_pattern(text):
        where = where & (Municipality.search.like(pattern) | (Municipality.code == persian.fold_digits(text)))
    return where
