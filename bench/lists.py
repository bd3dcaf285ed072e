"""A page of 25 cases: of a thousand, of a million, and a bare route that renders the same page from canned rows.

Run it as `.venv/bin/python -m bench.lists`. Ratios are medians of requests taken in turn, in one process. At the end it
says what a page asks of the database, and where its time goes.
"""

import asyncio
import cProfile
import pstats
import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar, Response, get
from litestar.datastructures import State

import portal
from bench.stage import ask, person, signed_in, stage
from portal.app import create_app
from portal.domain import lists, persian
from portal.domain.lifecycle import Role
from portal.services.administration.accounts import NewAccount
from portal.services.cases import worklists
from portal.services.cases.worklists import Query
from portal.services.identity.identity import Identity
from portal.tables.cases import Case
from portal.web import templating
from portal.web.pages import worklist

SIZES = (1_000, 1_000_000)
ROUNDS = 150
PATH = "/cases?state=all"
LINES = 10
OWN = f"{Path(portal.__file__).parent}/"
WAITING = "<method 'poll' of 'select.epoll' objects>"

FILL = """
INSERT INTO cases (number, municipality, province, state, desk, since, opened_at, opened_by, submitted_at,
                   confirmed_at, archived_at, current_grade, requested_grade, decided_grade, outcome)
SELECT (1300 + n / 90000)::text || '-' || lpad((n %% 90000)::text, 5, '0'), t.code, t.province,
       CASE WHEN open THEN 'confirmed' ELSE 'notified' END, CASE WHEN open THEN 'organization' END,
       now() - n * interval '5 minutes', now() - n * interval '5 minutes' - interval '40 days', '{person}',
       now() - n * interval '5 minutes', now() - n * interval '5 minutes',
       CASE WHEN open THEN NULL ELSE now() - n * interval '5 minutes' END,
       1 + n %% 11, 2 + n %% 11, CASE WHEN open THEN NULL ELSE 2 + n %% 11 END,
       CASE WHEN open THEN NULL ELSE 'raised' END
FROM (SELECT n, n <= {open} AS open FROM generate_series({first}, {last}) AS n) AS s
JOIN (SELECT code, province, row_number() OVER (ORDER BY code) - 1 AS at FROM municipalities) AS t ON t.at = s.n %% 1354
"""


async def fill(first: int, last: int, by: Identity, owner: str) -> None:
    """Cases number `first` … `last`, made in SQL for the bench alone; the first 700 of all are open.

    Over a connection of the tables' `owner`, without the portal's limit on a statement's time. What autovacuum does
    within a minute is done at once.
    """
    connection = await asyncpg.connect(owner)
    await connection.execute(FILL.replace("%%", "%").format(person=by.id, open=700, first=first, last=last))
    await connection.execute("VACUUM ANALYZE cases")
    await connection.close()


async def bare(by: Identity) -> Litestar:
    """One route that renders the same template from rows that it already has."""
    query, now = Query("all"), datetime.now(UTC)
    listing, counts = await worklists.find_counted(by, query, persian.tehran_date(now))
    provinces = await worklists.provinces()

    @get("/cases")
    async def canned() -> Response[str]:
        html = templating.render(
            "case/list.html",
            person=by,
            path=PATH,
            now=now,
            lines=worklist.lines(listing.rows, now),
            hits=None,
            whole=True,
            query=query,
            tabs=worklists.tabs(by.role),
            newer=None,
            older=f"/cases?state=all&page={listing.older}",
            counts=counts,
            count_to=lists.COUNT_TO,
            provinces=provinces,
            open_number=None,
        )
        return Response(html, media_type="text/html")

    return Litestar([canned], openapi_config=None, state=State({}))


async def measure(app: Litestar, other: Litestar, cookie: str) -> tuple[float, float]:
    """Median seconds of a page of `app` and of `other`, asked in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for round_ in range(ROUNDS + 10):
        for each, taken in zip((app, other), times, strict=True):
            status, _, seconds = await ask(each, PATH, cookie)
            assert status == 200, status
            if round_ >= 10:
                taken.append(seconds)
    return statistics.median(times[0]), statistics.median(times[1])


async def statements(app: Litestar, cookie: str) -> int:
    """How many statements a page sends."""
    engine, sent = Case._meta.db, 0
    run = engine.run_querystring

    async def counting(*args: Any, **options: Any) -> Any:
        nonlocal sent
        sent += 1
        return await run(*args, **options)

    engine.run_querystring = counting  # type: ignore[method-assign]
    await ask(app, PATH, cookie)
    engine.run_querystring = run  # type: ignore[method-assign]
    return sent


async def profile(app: Litestar, cookie: str) -> list[tuple[float, str]]:
    """Milliseconds of a page in each function of the portal's own, with all that it calls, the longest first.

    Without the middlewares' own, which hold everything, and templates, which are `render`'s. A function that waits for
    the database takes no time meanwhile; that is a line of its own. Python's part is several times as long as it is
    without a profiler.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(ROUNDS):
        await ask(app, PATH, cookie)
    profiler.disable()
    found = []
    for (file, line, name), (_, _, _, seconds, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if name == WAITING:
            found.append((seconds, "waiting for the database"))
        elif file.startswith(OWN) and file.endswith(".py") and name != "__call__":
            found.append((seconds, f"{name} (portal/{file.removeprefix(OWN)}:{line})"))
    return [(seconds * 1e3 / ROUNDS, what) for seconds, what in sorted(found, reverse=True)[:LINES]]


async def main() -> None:
    async with stage() as settings:
        app = create_app(settings)
        async with app.lifespan():
            by = await person(NewAccount("bench", "نام", "کارشناس", Role.ORGANIZATION))
            cookie = await signed_in(by.id)
            medians: dict[int, float] = {}
            filled = 0
            for size in SIZES:
                await fill(filled + 1, size, by, settings.migration_database_url or "")
                filled = size
                listed, canned = await measure(app, await bare(by), cookie)
                medians[size] = listed
                print(f"{size:>9,} cases: {listed * 1e3:6.2f} ms a page, bare route {canned * 1e3:6.2f} ms, ", end="")
                print(f"ratio {canned / listed:.2f} (aim: at least 0.60)")
            growth = medians[SIZES[1]] / medians[SIZES[0]]
            print(f"from {SIZES[0]:,} to {SIZES[1]:,}: x{growth:.2f} (aim: below 1.15)")
            print(f"{await statements(app, cookie)} statements a page; where its time goes, in ms under a profiler:")
            for milliseconds, what in await profile(app, cookie):
                print(f"{milliseconds:9.2f} {what}")


if __name__ == "__main__":
    asyncio.run(main())
