"""What the engine makes of a database that ends connections, falls silent, or lets one hold what all wait for."""

import asyncio
import gc
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from asyncpg.exceptions import LockNotAvailableError
from piccolo.querystring import QueryString

from portal import piccolo_conf
from portal.database import compiled
from portal.services.journal import log
from portal.settings import Settings
from portal.tables.people import LoginBudget
from portal.tables.places import Municipality
from tests.world.lines import Line, Mood, line

DB = piccolo_conf.DB
PLACES = 10
ENOUGH = 15  # seconds: nobody waits for longer
ENDED = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError)
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def pool(engine: Settings) -> Settings:
    """A pool as a worker of the portal has it."""
    await DB.close_connection_pool()
    await piccolo_conf.start_pool(least=2, most=PLACES, in_haste=True)
    return engine


@pytest.fixture
async def stranger(pool: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection that is none of the pool's."""
    connection = await asyncpg.connect(pool.database_url)
    yield connection
    await connection.close()


async def count_free() -> int:
    """How many connections the pool still has to give."""
    taken: list[Any] = []
    assert DB.pool is not None
    with suppress(TimeoutError):
        for _ in range(PLACES):
            taken.append(await DB.pool.acquire(timeout=1))
    for each in taken:
        await DB.pool.release(each)
    return len(taken)


def at_once(url: str | None, statement: str) -> None:
    """Run a statement while the loop stands still: it hears of nothing that happens meanwhile."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    other = threading.Thread(target=asyncio.run, args=(run(),))
    other.start()
    other.join(20)


async def act(hold: Callable[[], Awaitable[Any]]) -> None:
    async with LoginBudget._meta.db.transaction():
        await LoginBudget.count()
        await hold()
        await Municipality.count()


async def test_a_hundred_ended_backends_cost_no_connection(pool: Settings, stranger: asyncpg.Connection) -> None:
    chance = random.Random(1405)

    async def hold() -> None:
        await asyncio.sleep(chance.random() / 50)

    for _ in range(100):
        acts = [asyncio.create_task(act(hold)) for _ in range(6)]
        await asyncio.sleep(chance.random() / 50)
        await stranger.execute(END_ALL)
        outcomes = await asyncio.wait_for(asyncio.gather(*acts, return_exceptions=True), ENOUGH)
        assert all(each is None or isinstance(each, ENDED) for each in outcomes), outcomes
    assert await count_free() == PLACES


async def test_a_backend_that_ends_within_a_transaction_costs_no_connection(pool: Settings) -> None:
    async def hold() -> None:
        at_once(pool.database_url, END_ALL)

    for _ in range(PLACES + 1):
        with pytest.raises(ENDED):
            await asyncio.create_task(act(hold))
    assert await count_free() == PLACES


@pytest.fixture
async def deaf() -> AsyncIterator[None]:
    """asyncpg forgets a future of its own where a connection is cut while it asks the server to cancel a command."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, _context: None)
    yield
    gc.collect()
    loop.set_exception_handler(before)


@pytest.mark.usefixtures("deaf")
async def test_tasks_that_are_cancelled_twice_cost_no_connection(pool: Settings) -> None:
    chance = random.Random(1405)

    async def hold() -> None:
        await LoginBudget.raw("SELECT pg_sleep(0.02)")

    for _ in range(100):
        task = asyncio.create_task(act(hold))
        await asyncio.sleep(chance.random() / 50)
        for _ in range(2):
            task.cancel()
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        await asyncio.wait([task], timeout=ENOUGH)
        assert task.done()
    assert await count_free() == PLACES


@pytest.mark.parametrize("what", ["a read", "a transaction"])
async def test_a_pooled_connection_that_has_ended_is_replaced(pool: Settings, what: str) -> None:
    ask: Callable[[], Any] = {"a read": lambda: Municipality.count(), "a transaction": lambda: act(nothing)}[what]
    for _ in range(5):
        await asyncio.gather(*(Municipality.count() for _ in range(5)))
        at_once(pool.database_url, END_ALL)
        await asyncio.gather(*(asyncio.create_task(_run(ask)) for _ in range(5)))
    assert await count_free() == PLACES


async def _run(ask: Callable[[], Any]) -> None:
    await ask()


async def nothing() -> None:
    return


async def test_a_write_whose_connection_ended_is_not_made_twice(pool: Settings) -> None:
    await Municipality.count()
    at_once(pool.database_url, END_ALL)
    with pytest.raises(ENDED):
        await LoginBudget.delete().where(LoginBudget.key == "nobody")


@pytest.fixture
async def wire(engine: Settings) -> AsyncIterator[Line]:
    """The line between a worker's pool and its database."""
    url = urlsplit(engine.database_url or "")
    assert url.port is not None
    async with line(url.port) as wire:
        await DB.close_connection_pool()
        here = f"{url.username}:{url.password}@127.0.0.1:{wire.port}"
        piccolo_conf.aim(urlunsplit(url._replace(netloc=here)))
        await piccolo_conf.start_pool(least=2, most=PLACES, in_haste=True)
        yield wire


async def test_a_silent_database_ends_every_wait(wire: Line) -> None:
    await Municipality.count()
    wire.turn(Mood.SILENT)
    asking = [asyncio.create_task(_run(Municipality.count)) for _ in range(15)]
    asking += [asyncio.create_task(act(nothing)) for _ in range(15)]
    outcomes = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 4 * ENOUGH)
    assert all(isinstance(each, TimeoutError | asyncpg.InterfaceError) for each in outcomes), outcomes
    wire.turn(Mood.OPEN)
    wire.hang_up()
    assert await Municipality.count() > 1000
    assert await count_free() == PLACES


async def test_a_silent_holder_of_the_journals_lock_stops_neither_readers_nor_the_worker(
    pool: Settings, stranger: asyncpg.Connection
) -> None:
    await stranger.execute(f"SELECT pg_advisory_lock({log.LOCK})")
    waiting = [asyncio.create_task(act(log.lock)) for _ in range(2 * PLACES)]
    await asyncio.sleep(0.5)
    assert await Municipality.count() > 1000
    assert not any(each.done() for each in waiting)
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), ENOUGH)
    assert all(isinstance(each, TimeoutError | LockNotAvailableError) for each in outcomes), outcomes
    await stranger.execute(f"SELECT pg_advisory_unlock({log.LOCK})")
    await act(log.lock)


@pytest.mark.parametrize(("in_haste", "idle", "lock"), [(True, "10s", "4s"), (False, "1min", "0")])
async def test_no_session_may_fall_silent_within_a_transaction(
    engine: Settings, in_haste: bool, idle: str, lock: str
) -> None:
    """Commands hold the journal's lock too, and may be stopped by hand."""
    await DB.close_connection_pool()
    alone = await DB._run_in_new_connection("SHOW idle_in_transaction_session_timeout")
    assert alone[0][0] == "1min"
    await piccolo_conf.start_pool(least=1, most=2, in_haste=in_haste)
    kept = await LoginBudget.raw("SHOW idle_in_transaction_session_timeout")
    locks = await LoginBudget.raw("SHOW lock_timeout")
    assert (kept[0]["idle_in_transaction_session_timeout"], locks[0]["lock_timeout"]) == (idle, lock)


async def test_the_server_ends_a_holder_of_ours_that_falls_silent(pool: Settings, stranger: asyncpg.Connection) -> None:
    held, over = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await log.lock()
        held.set()
        await over.wait()

    silent = asyncio.create_task(act(hold))
    await held.wait()
    await stranger.execute(f"SET lock_timeout = '{ENOUGH}s'")
    await stranger.execute(f"SELECT pg_advisory_lock({log.LOCK})")  # free, though its holder still says nothing
    over.set()
    with pytest.raises(ENDED):
        await silent
    assert await count_free() == PLACES


@pytest.mark.parametrize("values", [0, 3, 200])
async def test_a_statement_of_a_known_shape_is_what_piccolo_makes_of_it(values: int) -> None:
    for turn in range(2):
        inner = QueryString("SELECT {} WHERE {} = {}", turn, Municipality.code, f"a{turn} {{}} $1")
        many = QueryString(", ".join("{}" for _ in range(values)), *range(turn, values + turn))
        for each in (inner, QueryString("{} UNION ({}) {}", inner, QueryString("SELECT 1"), None), many):
            assert compiled(each) == each.compile_string()
