"""The cost of an append at a thousand and at a million leaves, and of an inclusion proof at a million, in one run.

Run it as `.venv/bin/python -m bench.journal`. The leaves before are filled in by COPY, their tree computed here;
measured is `services.journal.append` itself, in a transaction of its own, and `journal.inclusion` with its look-ups.
The two sizes take turns, batch by batch, so that a machine whose speed drifts treats them alike.
"""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from bench.stage import stage
from portal import piccolo_conf
from portal.domain import events, merkle
from portal.domain.events import EventKind
from portal.services.journal import log
from portal.tables.events import Event

SMALL, LARGE = 1_000, 1_000_000
BATCHES, APPENDS, PROOFS = 9, 40, 200
CHUNK = 20_000
STATEMENT = '{"intent":{"filler":"' + "x" * 900 + '"},"record":{}}'


async def fill(url: str, size: int) -> None:
    """Leaves and nodes of a journal of `size` entries, as rows."""
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE events DISABLE TRIGGER USER")
    first = await connection.fetchval("SELECT leaf FROM events WHERE position = 0")  # the journal's key
    (frontier, _), at = merkle.Frontier().append(first), datetime.now(UTC)
    for begin in range(1, size, CHUNK):
        rows: list[tuple[Any, ...]] = []
        nodes: list[tuple[int, bytes]] = []
        for position in range(begin, min(begin + CHUNK, size)):
            leaf = merkle.leaf_hash(position.to_bytes(8, "big"))
            frontier, completed = frontier.append(leaf)
            nodes += [(log.node_id(level, index), each) for level, index, each in completed]
            rows.append((position, "CaseOpened", "case", f"1405-{position:05d}", at, f"n{position}", STATEMENT, leaf))
        columns = ["position", "kind", "subject_type", "subject", "at", "nonce", "statement", "leaf"]
        await connection.copy_records_to_table("events", records=rows, columns=columns)
        await connection.copy_records_to_table("journal_nodes", records=nodes, columns=["id", "hash"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def intent() -> dict[str, Any]:
    shown = events.basis("case", {"type": "case", "id": "1405-00001"}, None, [], {})
    now = events.moment(datetime.now(UTC))
    return events.intent(shown, after=None, values={}, signer={}, nonce=uuid4().hex, expires=now, meaning="x" * 600)


async def appended() -> float:
    """Milliseconds of one append, the median of a batch."""
    taken = []
    for _ in range(APPENDS):
        of, begun = intent(), time.perf_counter()
        async with Event._meta.db.transaction():
            await log.append(EventKind.CASE_OPENED, of, at=datetime.now(UTC), person=None)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


async def proven(size: int) -> list[float]:
    """Milliseconds of inclusion proofs for leaves all over the journal."""
    taken = []
    for number in range(PROOFS):
        begun = time.perf_counter()
        await log.inclusion(number * size // PROOFS, size)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


async def aim(url: str) -> None:
    piccolo_conf.aim(url)
    await piccolo_conf.start_pool(least=1, most=2)


async def main() -> None:
    async with stage() as settings:
        owner, served = settings.migration_database_url, settings.database_url
        assert owner is not None
        assert served is not None
        connection = await asyncpg.connect(owner)
        name = urlsplit(owner).path.strip("/")
        await connection.close()
        beside = await asyncpg.connect(urlunsplit(urlsplit(owner)._replace(path="/template1")))
        await beside.execute(f"CREATE DATABASE large TEMPLATE {name}")
        await beside.close()
        large = urlunsplit(urlsplit(served)._replace(path="/large"))
        await fill(owner, SMALL)
        await fill(urlunsplit(urlsplit(owner)._replace(path="/large")), LARGE)
        small_ms: list[float] = []
        large_ms: list[float] = []
        for _ in range(BATCHES):
            for url, found in ((served, small_ms), (large, large_ms)):
                await aim(url)
                await appended()  # warms the connection
                found.append(await appended())
                await piccolo_conf.DB.close_connection_pool()
        pairs = [after / before for before, after in zip(small_ms, large_ms, strict=True)]
        print(f"append at {SMALL:,} leaves {statistics.median(small_ms):.2f} ms, ", end="")
        print(f"at {LARGE:,} {statistics.median(large_ms):.2f} ms")
        print(f"ratio {statistics.median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f}; aim: below 1.3)")
        await aim(large)
        taken = await proven(LARGE)
        print(f"inclusion proof at {LARGE:,} leaves: median {statistics.median(taken):.2f} ms, ", end="")
        print(f"95 % below {sorted(taken)[int(PROOFS * 0.95)]:.2f} ms (aim: below 5 ms)")
        await piccolo_conf.DB.close_connection_pool()


if __name__ == "__main__":
    asyncio.run(main())
