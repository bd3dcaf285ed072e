"""Census figures and earlier grades, loaded into the register from an operator's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain import events
from portal.domain.events import EventKind
from portal.domain.town_tables import Figure, HeldGrade, Towns
from portal.services.journal import log
from portal.tables.places import CensusFigure, Municipality

AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were new, and how many replaced what stood there with something else."""

    new: int
    changed: int


async def towns() -> Towns:
    """Every town of the register."""
    rows = await Municipality.select(
        Municipality.code, Municipality.name, Municipality.province.name.as_alias("province_name")
    )
    return {row["code"]: (row["name"], row["province_name"]) for row in rows}


async def load(figures: Sequence[Figure], *, now: datetime) -> Loaded:
    """Keep `figures`; a figure that is there already is replaced, and the journal says how many were."""
    async with CensusFigure._meta.db.transaction():
        rows = await CensusFigure.select(CensusFigure.municipality, CensusFigure.year, CensusFigure.population)
        known = {(row["municipality"], row["year"]): row["population"] for row in rows}
        fresh = [each for each in figures if (each.code, each.year) not in known]
        changed = [each for each in figures if known.get((each.code, each.year), each.population) != each.population]
        for at in range(0, len(fresh), AT_ONCE):
            await CensusFigure.insert(
                *(
                    CensusFigure(municipality=each.code, year=each.year, population=each.population, loaded_at=now)
                    for each in fresh[at : at + AT_ONCE]
                )
            )
        for each in changed:
            await CensusFigure.update({CensusFigure.population: each.population, CensusFigure.loaded_at: now}).where(
                (CensusFigure.municipality == each.code) & (CensusFigure.year == each.year)
            )
        if fresh or changed:
            replaced = {f"{each.code}/{each.year}": [known[each.code, each.year], each.population] for each in changed}
            content = [[each.code, each.year, each.population] for each in figures]
            await _record({"figures": len(figures), "new": len(fresh), "replaced": replaced}, content, now)
    return Loaded(len(fresh), len(changed))


async def load_grades(held: Sequence[HeldGrade], *, now: datetime) -> Loaded:
    """Keep the grades that towns held before the portal; the portal's own decisions outrank them."""
    async with Municipality._meta.db.transaction():
        rows = await Municipality.select(Municipality.code, Municipality.grade, Municipality.grade_notified_on)
        known = {row["code"]: (row["grade"], row["grade_notified_on"]) for row in rows}
        different = [each for each in held if known[each.code] != (each.grade, each.notified_on)]
        for each in different:
            await Municipality.update(
                {Municipality.grade: each.grade, Municipality.grade_notified_on: each.notified_on}
            ).where(Municipality.code == each.code)
        new = sum(known[each.code] == (None, None) for each in different)
        if different:
            content = [[each.code, each.grade, str(each.notified_on)] for each in held]
            await _record({"grades": len(held), "new": new}, content, now)
    return Loaded(new, len(different) - new)


async def _record(values: dict[str, Any], content: list[Any], now: datetime) -> None:
    """The register changed at an operator's hand: nobody of the portal signs, the journal keeps what was loaded."""
    values = {**values, "content_sha256": events.digest(content)}
    await log.note(EventKind.CENSUS_LOADED, ("register", "municipalities"), by=None, now=now, values=values)
