"""The faults, each of which breaks something, holds it for a while and mends it; here those of nodes and clients."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import Any

from bench.campaign.ground import Ground
from bench.campaign.processes import Service

Fault = Callable[[Ground, random.Random], Awaitable[None]]
FAULTS: dict[str, Fault] = {}
NEEDS_SMALL_DISK = "disk full"
ENDS_WITHIN = 12.0  # seconds that a node takes at most to end


def fault(name: str) -> Callable[[Fault], Fault]:
    """Enter a fault under its name."""

    def enter(made: Fault) -> Fault:
        FAULTS[name] = made
        return made

    return enter


async def hold(dice: random.Random, least: float = 0.5, most: float = 4.0) -> None:
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
