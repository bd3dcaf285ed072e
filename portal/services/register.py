"""The register of municipalities that the portal ships, loaded into its tables."""

from pathlib import Path
from typing import Any

from piccolo.custom_types import Combinable

from portal.domain import persian, register
from portal.tables.places import Municipality, Province

SHIPPED = Path(__file__).parent.parent / "register" / "municipalities.csv"
AT_ONCE = 300


async def load() -> int:
    """Add the shipped towns that are not there yet; how many the register holds now."""
    towns = list(register.read(SHIPPED.read_text(encoding="utf-8-sig")))
    if await Municipality.count() >= len(towns):
        return len(towns)
    provinces = {town.province_code: town.province for town in towns}
    async with Municipality._meta.db.transaction():
        await Province.insert(*(Province(code=code, name=name) for code, name in provinces.items())).on_conflict(
            action="DO NOTHING"
        )
        rows = [
            Municipality(
                code=town.city_code,
                name=town.city,
                county=town.county,
                county_code=town.county_code,
                district=town.district,
                district_code=town.district_code,
                province=town.province_code,
                search=persian.search_key(f"{town.city} {town.county}"),
            )
            for town in towns
        ]
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
