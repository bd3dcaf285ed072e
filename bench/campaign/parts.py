"""Faults of the database, of the store, and of the lines to them."""

import asyncio
import random
from contextlib import suppress
from functools import partial
from signal import SIGCONT, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, Signals
from typing import Any

import asyncpg

from bench.campaign.faults import fault, hold
from bench.campaign.ground import Ground
from bench.campaign.processes import Service
from portal.services.journal.log import LOCK
from tests.world.lines import Line, Mood

PENDING_READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = on"


async def _ends(service: str, number: Signals, ground: Ground, dice: random.Random) -> None:
    broken: Service = getattr(ground, service)
    await broken.end(number)
    await hold(dice)
    broken.start(ground.var)


async def _frozen(service: str, least: float, most: float, ground: Ground, dice: random.Random) -> None:
    broken: Service = getattr(ground, service)
    broken.send(SIGSTOP, whole=True)
    await hold(dice, least, most)
    broken.send(SIGCONT, whole=True)


for _name, _service, _signals in (
    ("database", "postgres", {"killed": SIGKILL, "stopped at once": SIGQUIT, "stopped": SIGINT}),
    ("store", "seaweedfs", {"killed": SIGKILL, "stopped": SIGTERM}),
):
    for _how_it_ends, _number in _signals.items():
        fault(f"{_name} {_how_it_ends}")(partial(_ends, _service, _number))
    fault(f"{_name} frozen for a moment")(partial(_frozen, _service, 1, 6))
    fault(f"{_name} frozen")(partial(_frozen, _service, 15, 25))


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


def _line(ground: Ground, where: str) -> Line:
    return ground.database_line if where == "database" else ground.store_line


async def _cut(where: str, ground: Ground, dice: random.Random) -> None:
    for _ in range(dice.randrange(1, 30)):
        _line(ground, where).hang_up()
        await asyncio.sleep(dice.random() / 5)


async def _closed(where: str, ground: Ground, dice: random.Random) -> None:
    await _mood(_line(ground, where), dice, Mood.CLOSED)


async def _silent(where: str, ground: Ground, dice: random.Random) -> None:
    await _mood(_line(ground, where), dice, Mood.SILENT, 20)


for _where in ("database", "store"):
    for _how, _made in (("cut", _cut), ("closed", _closed), ("silent", _silent)):
        fault(f"line to the {_where} {_how}")(partial(_made, _where))


@fault("store answers 503")
async def store_busy(ground: Ground, dice: random.Random) -> None:
    await _mood(ground.store_line, dice, Mood.BUSY)


@fault("the store's last answer lost")
async def answer_lost(ground: Ground, dice: random.Random) -> None:
    for _ in range(6):
        ground.store_line.last_words = b"CompleteMultipartUpload"
        await asyncio.sleep(dice.random())
    ground.store_line.last_words = None
