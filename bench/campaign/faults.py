"""The faults: each breaks something, holds it for a while and mends it."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from signal import SIGCONT, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, Signals
from typing import Any

import asyncpg

from bench.campaign.ground import Ground
from bench.campaign.processes import Service
from portal.services.journal import LOCK
from tests.lines import Line, Mood

Fault = Callable[[Ground, random.Random], Awaitable[None]]
FAULTS: dict[str, Fault] = {}
NEEDS_SMALL_DISK = "disk full"
ENDS_WITHIN = 12.0  # seconds that a node takes at most to end
PENDING_READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = on"


def fault(name: str) -> Callable[[Fault], Fault]:
    """Enter a fault under its name."""

    def enter(made: Fault) -> Fault:
        FAULTS[name] = made
        return made

    return enter


async def hold(dice: random.Random, least: float = 1.0, most: float = 6.0) -> None:
    """Let it be broken for a while."""
    await asyncio.sleep(dice.uniform(least, most))


async def _node_ends(ground: Ground, dice: random.Random, number: Signals, *, group: bool) -> None:
    node = dice.choice(ground.nodes)
    took = await node.end(number, group=group)
    if took > ENDS_WITHIN:
        ground.ledger.blame(f"a node does not end within {ENDS_WITHIN:.0f} s")
    await hold(dice, 0, 3)
    node.start()


@fault("node killed")
async def node_killed(ground: Ground, dice: random.Random) -> None:
    await _node_ends(ground, dice, SIGKILL, group=True)


@fault("node's main process killed")
async def main_killed(ground: Ground, dice: random.Random) -> None:
    """Its workers must end by themselves."""
    await _node_ends(ground, dice, SIGKILL, group=False)


@fault("node told to stop")
async def node_stopped(ground: Ground, dice: random.Random) -> None:
    await _node_ends(ground, dice, SIGTERM, group=False)


@fault("node's whole group told to stop")
async def group_stopped(ground: Ground, dice: random.Random) -> None:
    await _node_ends(ground, dice, SIGTERM, group=True)


@fault("node told to stop while it starts")
async def stopped_while_starting(ground: Ground, dice: random.Random) -> None:
    node = dice.choice(ground.nodes)
    await node.end(SIGKILL, group=True)
    node.start()
    await hold(dice, 0.2, 3)
    if await node.end(SIGTERM, group=False) > ENDS_WITHIN:
        ground.ledger.blame(f"a starting node does not end within {ENDS_WITHIN:.0f} s")
    node.start()


@fault("both nodes told to stop, one after the other")
async def rolling(ground: Ground, dice: random.Random) -> None:
    for node in ground.nodes:
        await node.end(SIGTERM, group=False)
        node.start()
        await hold(dice, 3, 6)


async def _worker(ground: Ground, dice: random.Random, number: Signals) -> None:
    node = dice.choice(ground.nodes)
    workers = node.workers()
    if not workers:
        ground.ledger.blame("a node has no worker")
        return
    worker = dice.choice(workers)
    with suppress(ProcessLookupError):
        Service("worker", worker).send(number)
    await hold(dice)
    with suppress(ProcessLookupError, FileNotFoundError):
        Service("worker", worker).send(SIGCONT)
    if node.process is not None and node.process.poll() is not None:
        ground.ledger.blame("one worker's end ended its node")
        node.start()


@fault("worker killed")
async def worker_killed(ground: Ground, dice: random.Random) -> None:
    await _worker(ground, dice, SIGKILL)


@fault("worker frozen")
async def worker_frozen(ground: Ground, dice: random.Random) -> None:
    await _worker(ground, dice, SIGSTOP)


@fault("node frozen")
async def node_frozen(ground: Ground, dice: random.Random) -> None:
    node = dice.choice(ground.nodes)
    frozen = Service("node", node.pid)
    frozen.send(SIGSTOP, whole=True)
    await hold(dice)
    frozen.send(SIGCONT, whole=True)


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


@fault("many who send slowly")
async def slow_senders(ground: Ground, dice: random.Random) -> None:
    node = dice.choice(ground.nodes)
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    held = []
    for _ in range(200):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", node.port)
            writer.write(head + b"Content-Length: 5000\r\n\r\nu")
            held.append(writer)
    for _ in range(dice.randrange(2, 8)):
        await asyncio.sleep(1)
        for writer in held:
            writer.write(b"s")
    for writer in held:
        writer.close()


@fault(NEEDS_SMALL_DISK)
async def disk_full(ground: Ground, dice: random.Random) -> None:
    """Nothing more fits on the disk that database, store and spool lie on."""
    ballast = ground.var.parent / "ballast"

    def fill() -> None:
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(1024 * 1024))
                file.flush()

    await asyncio.to_thread(fill)
    for _ in range(dice.randrange(3, 9)):
        await asyncio.sleep(1)
        if shutil.disk_usage(ground.var).free:
            await asyncio.to_thread(_append_all, ballast)
    ballast.unlink(missing_ok=True)


def _append_all(ballast: Any) -> None:
    with suppress(OSError), ballast.open("ab") as file:
        while True:
            file.write(bytes(64 * 1024))
            file.flush()
