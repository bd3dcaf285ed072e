"""The register of municipalities that the portal ships, loaded into its tables."""

from functools import cache
from pathlib import Path
from typing import Any

from piccolo.custom_types import Combinable

from portal.domain import persian, register
from portal.domain.register import Town
from portal.tables.places import Municipality, Province

SHIPPED = Path(__file__).parents[2] / "register" / "municipalities.csv"
AT_ONCE = 300


SHIPPED_COLUMNS = (
    *(Municipality.code, Municipality.name, Municipality.county, Municipality.county_code),
    *(Municipality.district, Municipality.district_code, Municipality.province),
)
"""The columns that the shipped register fills, and nothing else changes."""


def _read() -> list[Town]:
    return list(register.read(SHIPPED.read_text(encoding="utf-8-sig")))


def shipped() -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The rows of towns by code, in `SHIPPED_COLUMNS`, and the names of provinces by code."""
    towns = _read()
    return {town.city_code: _row(town) for town in towns}, {town.province_code: town.province for town in towns}


@cache
def province_name(code: str) -> str | None:
    """The name of the province whose code this is, or of the town with this code: its first two digits."""
    return next((town.province for town in _read() if town.province_code == code[:2]), None)


def _row(town: Town) -> dict[str, Any]:
    return {
        "code": town.city_code,
        "name": town.city,
        "county": town.county,
        "county_code": town.county_code,
        "district": town.district,
        "district_code": town.district_code,
        "province": town.province_code,
    }


async def load() -> int:
    """Add the shipped towns that are not there yet; how many the register holds now."""
    towns = _read()
    if await Municipality.count() >= len(towns):
        return len(towns)
    provinces = {town.province_code: town.province for town in towns}
    async with Municipality._meta.db.transaction():
        await Province.insert(*(Province(code=code, name=name) for code, name in provinces.items())).on_conflict(
            action="DO NOTHING"
        )
        rows = [Municipality(**_row(town), search=persian.search_key(f"{town.city} {town.county}")) for town in towns]
        for at in range(0, len(rows), AT_ONCE):
            await Municipality.insert(*rows[at : at + AT_ONCE]).on_conflict(action="DO NOTHING")
    return len(towns)


PAGE = 25


async def listing(*, text: str, province: str, after: str) -> dict[str, Any]:
    """A page of the register by code: `rows`, and `older` to go on with."""
    where: Combinable = Municipality.code > after
    if province:
        where = where & (Municipality.province == province)
    if key := persian.search_key(text).replace("%", "").replace("_", ""):
        where = where & (Municipality.search.like(f"%{key}%") | (Municipality.code == key))
    rows = await (
        Municipality.select(*Municipality.all_columns(), Municipality.province.name.as_alias("province_name"))
        .where(where)
        .order_by(Municipality.code)
        .limit(PAGE + 1)
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return {"rows": rows, "older": rows[-1]["code"] if more else None}
