"""The demo's data: people, and cases that the real verbs walked through their past."""

import heapq
import random
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.cli import seed_register
from portal.cli.progress import step
from portal.cli.seed_people import case_towns, cast_towns, people
from portal.cli.seed_walk import Town, World, walk
from portal.domain import persian
from portal.domain.declarations import Declaration, Division
from portal.letters.sample_scans import SampleTown, scans_of
from portal.services.cases import sittings
from portal.services.identity.identity import Identity
from portal.storage.objects import ObjectStore
from portal.tables.places import Municipality
from portal.texts import _

LONGEST = timedelta(days=150)
ENDS_BEFORE = timedelta(minutes=6)
STOPS = (
    *("draft",) * 4,
    *("submitted",) * 8,
    *("attested",) * 3,
    *("returned",) * 4,
    *("resubmitted",) * 3,
    *("confirmed",) * 5,
    *("assessed",) * 5,
    *("decided",) * 4,
    *("raised",) * 4,
    *("unchanged",) * 2,
    "lowered",
    "refused",
    *("withdrawn",) * 2,
)
"""How far each case goes; `CASES` of them."""


async def seed(store: ObjectStore, base_url: str, seal: str, now: datetime) -> None:
    """Fill an empty database with the demo's people and past; the past ends minutes before `now`."""
    begin = now - LONGEST - timedelta(days=2)
    known = await people(begin)
    towns = await Municipality.select(
        *Municipality.all_columns(), Municipality.province.name.as_alias("province_name")
    ).order_by(Municipality.code)
    provinces = {town["province"]: town["province_name"] for town in towns}
    first, second = cast_towns(provinces, towns)
    chance = random.Random(17)  # noqa: S311
    chosen = case_towns(towns, {first["province"]}, second["code"])
    cast = [
        _town(row, stop, known[f"shahrdari-{row['code']}"], known[f"ostandari-{row['province']}"], now, chance)
        for row, stop in zip(chosen, chance.sample(STOPS, len(STOPS)), strict=True)
    ]
    cast.append(_town(first, "withdrawn", known["shahrdari"], known["ostandari"], now, chance))
    with step(_("Preparing the sample documents"), len(cast)) as more:
        scans = scans_of([_sample(town) for town in cast], made=more)
    world = World(known, scans, store, base_url, seal, begin + timedelta(hours=1))
    await seed_register.load(((town.row["code"], town.declaration) for town in cast[:-1]), now=world.at(begin))
    await _sittings(world, cast, now)
    await seed_register.bring_draft(by=known["modir"], now=world.at(now - ENDS_BEFORE))


def _town(
    row: dict[str, Any], stop: str, clerk: Identity, officer: Identity, now: datetime, chance: random.Random
) -> Town:
    population = round(10 ** chance.uniform(3.6, 5.6))
    year = persian.jalali_year(now)
    base = round(population * chance.uniform(15e6, 32e6), -6)
    held = min(11, max(1, round((len(str(population)) - 3) * 2 + chance.uniform(0.5, 3))))
    days = chance.uniform(6, 60) if stop in ("draft", "submitted", "attested") else chance.uniform(25, 140)
    declaration = Declaration(
        current_grade=held,
        current_grade_notified_on=date(year + 615, chance.randint(1, 12), chance.randint(1, 28)),
        requested_grade=min(12, held + chance.choice((1, 1, 2))),
        census_year=1395,
        population=population,
        division=chance.choice((Division.NONE, Division.BAKHSHDARI, Division.FARMANDARI)),
        settled_year_1=year - 3,
        settled_year_2=year - 2,
        settled_year_3=year - 1,
        settled_amount_1=int(base),
        settled_amount_2=int(round(base * 1.24, -6)),
        settled_amount_3=int(round(base * 1.51, -6)),
    )
    return Town(row, clerk, officer, stop, now - timedelta(days=days), declaration)


def _sample(town: Town) -> SampleTown:
    d = town.declaration
    return SampleTown(
        key=town.row["code"],
        town=town.row["display_name"],
        province=town.row["province_name"],
        county=town.row["display_county"],
        grade=d.current_grade,
        notified_on=d.current_grade_notified_on,
        requested=d.requested_grade or 1,
        census_year=d.census_year or 1395,
        population=d.population or 0,
        settled=tuple((year or 0, amount or 0) for year, amount in d.settled),
    )


async def _sittings(world: World, cast: list[Town], now: datetime) -> None:
    """Let all walks advance side by side, always the one that is due first; sittings are called in between."""
    end = now - ENDS_BEFORE - timedelta(minutes=20)
    called = await _call_sittings(world, now)
    due: list[tuple[datetime, int, AsyncIterator[datetime]]] = []
    for order, town in enumerate(cast):
        heapq.heappush(due, (town.begin, order, walk(world, town, called, end)))
    with step(_("Preparing the demonstration’s cases"), len(cast)) as more:
        while due:
            _due, order, acts = heapq.heappop(due)
            try:
                heapq.heappush(due, (await anext(acts), order, acts))
            except StopAsyncIteration:
                more(1)


async def _call_sittings(world: World, now: datetime) -> list[tuple[date, UUID]]:
    held = []
    for index, days in enumerate((75, 40, 12, 1)):
        on = persian.tehran_date(now - timedelta(days=days))
        title = (
            f"جلسهٔ {('سوم', 'چهارم', 'پنجم', 'ششم')[index]} سال {persian.persian_digits(str(persian.jalali(on)[0]))}"
        )
        by = world.people["sazman"]
        held.append((on, (await sittings.call(by=by, title=title, held_on=on, now=world.at(world.last)))[0]))
    return held
