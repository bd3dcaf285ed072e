"""Faults of the database, of the store, and of the lines to them."""

import asyncio
import random
from contextlib import suppress
from signal import SIGCONT, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, Signals
from typing import Any

import asyncpg

from bench.campaign.faults import fault, hold
from bench.campaign.ground import Ground
from bench.campaign.processes import Service
from portal.services.journal import LOCK
from tests.lines import Line, Mood

PENDING_READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = on"


async def _service_ends(ground: Ground, service: Service, dice: random.Random, number: Signals) -> None:
    await service.end(number)
    await hold(dice)
    service.start(ground.var)


@fault("database killed")
async def database_killed(ground: Ground, dice: random.Random) -> None:
    await _service_ends(ground, ground.postgres, dice, SIGKILL)


@fault("database stopped at once")
async def database_quit(ground: Ground, dice: random.Random) -> None:
    await _service_ends(ground, ground.postgres, dice, SIGQUIT)


@fault("database stopped")
async def database_stopped(ground: Ground, dice: random.Random) -> None:
    await _service_ends(ground, ground.postgres, dice, SIGINT)


@fault("a connection's server process killed")
async def backend_killed(ground: Ground, dice: random.Random) -> None:
    """PostgreSQL then ends every connection and recovers."""
    connection = await ground.connect()
    pids = await connection.fetch(_OURS)
    await connection.close()
    if pids:
        with suppress(ProcessLookupError):
            Service("backend", dice.choice(pids)["pid"]).send(SIGKILL)
    await hold(dice)


_OURS = "SELECT pid FROM pg_stat_activity WHERE usename = 'portal' AND pid <> pg_backend_pid()"


@fault("connections ended by the database")
async def connections_ended(ground: Ground, dice: random.Random) -> None:
    await _again_and_again(ground, dice, f"SELECT pg_terminate_backend(pid) FROM ({_OURS}) ours")


@fault("queries cancelled by the database")
async def queries_cancelled(ground: Ground, dice: random.Random) -> None:
    await _again_and_again(ground, dice, f"SELECT pg_cancel_backend(pid) FROM ({_OURS}) ours")


async def _again_and_again(ground: Ground, dice: random.Random, statement: str) -> None:
    connection = await ground.connect(superuser=True)
    for _ in range(dice.randrange(5, 60)):
        await connection.execute(statement)
        await asyncio.sleep(dice.random() / 10)
    await connection.close()


@fault("database frozen for a moment")
async def database_frozen_shortly(ground: Ground, dice: random.Random) -> None:
    await _frozen(ground.postgres, dice, 1, 6)


@fault("database frozen")
async def database_frozen(ground: Ground, dice: random.Random) -> None:
    await _frozen(ground.postgres, dice, 15, 25)


@fault("store frozen for a moment")
async def store_frozen_shortly(ground: Ground, dice: random.Random) -> None:
    await _frozen(ground.seaweedfs, dice, 1, 6)


@fault("store frozen")
async def store_frozen(ground: Ground, dice: random.Random) -> None:
    await _frozen(ground.seaweedfs, dice, 15, 25)


async def _frozen(service: Service, dice: random.Random, least: float, most: float) -> None:
    service.send(SIGSTOP, whole=True)
    await hold(dice, least, most)
    service.send(SIGCONT, whole=True)


@fault("store killed")
async def store_killed(ground: Ground, dice: random.Random) -> None:
    await _service_ends(ground, ground.seaweedfs, dice, SIGKILL)


@fault("store stopped")
async def store_stopped(ground: Ground, dice: random.Random) -> None:
    await _service_ends(ground, ground.seaweedfs, dice, SIGTERM)


@fault("database read-only")
async def read_only(ground: Ground, dice: random.Random) -> None:
    connection = await ground.connect(superuser=True)
    await connection.execute(PENDING_READ_ONLY)
    await connection.execute("SELECT pg_reload_conf()")
    await hold(dice)
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@fault("no connection left")
async def no_connection_left(ground: Ground, dice: random.Random) -> None:
    taken: list[Any] = []
    with suppress(asyncpg.PostgresError, OSError):
        while True:
            taken.append(await ground.connect())
    await hold(dice)
    for each in taken:
        await each.close()


@fault("the journal's lock held")
async def journal_held(ground: Ground, dice: random.Random) -> None:
    await _held(ground, dice, f"SELECT pg_advisory_xact_lock({LOCK})")


@fault("every case's row held")
async def cases_held(ground: Ground, dice: random.Random) -> None:
    await _held(ground, dice, "SELECT id FROM cases FOR UPDATE")


@fault("a table held")
async def table_held(ground: Ground, dice: random.Random) -> None:
    tables = ["documents", "sessions", "second_factors", "events", "uploads"]
    await _held(ground, dice, f"LOCK TABLE {dice.choice(tables)} IN ACCESS EXCLUSIVE MODE")


async def _held(ground: Ground, dice: random.Random, statement: str) -> None:
    connection = await ground.connect(superuser=True)
    async with connection.transaction():
        await connection.execute(statement)
        await hold(dice, 2, 20)
    await connection.close()


async def _mood(line: Line, dice: random.Random, mood: Mood, most: float = 6.0) -> None:
    line.turn(mood)
    await hold(dice, 1, most)
    line.turn(Mood.OPEN)
    line.hang_up()


@fault("line to the database cut")
async def database_line_cut(ground: Ground, dice: random.Random) -> None:
    for _ in range(dice.randrange(1, 30)):
        ground.database_line.hang_up()
        await asyncio.sleep(dice.random() / 5)


@fault("line to the database closed")
async def database_line_closed(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.database_line, dice, Mood.CLOSED)


@fault("line to the database silent")
async def database_line_silent(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.database_line, dice, Mood.SILENT, 20)


@fault("line to the store cut")
async def store_line_cut(ground: Ground, dice: random.Random) -> None:
    for _ in range(dice.randrange(1, 30)):
        ground.store_line.hang_up()
        await asyncio.sleep(dice.random() / 5)


@fault("line to the store closed")
async def store_line_closed(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.store_line, dice, Mood.CLOSED)


@fault("line to the store silent")
async def store_line_silent(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.store_line, dice, Mood.SILENT, 20)


@fault("store answers 503")
async def store_busy(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.store_line, dice, Mood.BUSY)


@fault("the store's last answer lost")
async def answer_lost(ground: Ground, dice: random.Random) -> None:
    for _ in range(6):
        ground.store_line.last_words = b"CompleteMultipartUpload"
        await asyncio.sleep(dice.random())
    ground.store_line.last_words = None
