"""A node loses workers and serves on; told to end, or killed, it leaves nothing, whatever it was doing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from portal.embedded.datadir import is_alive
from portal.embedded.servers import Embedded
from portal.settings import Settings
from tests.world.nodes import Node, children, environment, free_port

pytestmark = pytest.mark.anyio
SOON = 30.0  # seconds; a second or two is usual

BELL = """
import os, signal, sys, threading, time
from portal.cli.node import Bell, wait
bell, rung = Bell(), 0
def ring(*_):
    global rung
    rung += 1
    bell.set()
def ring_beside():
    while True:
        bell.set()
        time.sleep(0.0001)
threading.Thread(target=ring_beside, daemon=True).start()
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
while rung < 1000:
    wait([bell.ear])
    bell.clear()
signal.setitimer(signal.ITIMER_REAL, 0)
os._exit(0)
"""


def workers(node: Node) -> set[int]:
    """Of the node's children those that serve: forked, so they have its own command line."""
    assert node.process is not None
    mine = Path(f"/proc/{node.process.pid}/cmdline").read_bytes()
    found = set()
    for pid in children(node.process.pid):
        with suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes() == mine:
                found.add(pid)
    return found


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def answers(node: Node) -> bool:
    """Whether a new connection gets an answer."""
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{node.port}/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


def listening(node: Node) -> int:
    """How many sockets of this machine listen on the node's port: each worker has its own."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return sum(row[3] == "0A" and row[1].endswith(f":{node.port:04X}") for row in rows)


async def until_it_answers(node: Node) -> None:
    deadline = time.monotonic() + SOON
    while not await answers(node):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


@pytest.fixture
async def node(engine: Settings, servers: Embedded, tmp_path: Path) -> AsyncIterator[Node]:
    """Not started yet; what it says on its error stream lies in `said(node)`."""
    made = Node(free_port(), {**environment(engine, servers, tmp_path / "var"), "PORTAL_WORKERS": "2"})
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def begin(node: Node, log: Path) -> int:
    """Starts the node and does not wait until it serves."""
    with log.open("wb") as out:
        node.process = subprocess.Popen(
            [sys.executable, "-m", "portal", "serve"],
            env={**node.environment, "PORTAL_PORT": str(node.port)},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return node.process.pid


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
async def test_a_worker_that_ends_is_started_again_and_the_node_serves_on(node: Node, blow: signal.Signals) -> None:
    await node.start()
    await until(lambda: listening(node) == 2)
    before = workers(node)
    victim = min(before)
    os.kill(victim, blow)
    await until(lambda: not is_alive(victim))
    for _ in range(20):
        assert await answers(node)
    await until(lambda: len(workers(node)) == 2)
    assert victim not in workers(node)
    node.stop()


async def test_all_workers_at_once_are_started_again(node: Node) -> None:
    await node.start()
    for _ in range(2):
        before = workers(node)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await until(lambda before=before: len(workers(node) - before) == 2)  # type: ignore[misc]
        await until_it_answers(node)
    node.stop()


async def test_workers_that_never_last_end_the_node_with_one_sentence(node: Node, tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    begin(node, log)
    assert node.process is not None
    await until(lambda: len(workers(node)) == 2)
    spawned = set()
    deadline = time.monotonic() + 2 * SOON
    while node.process.poll() is None:
        assert time.monotonic() < deadline
        for pid in workers(node):
            spawned.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.01)
    assert node.process.returncode == 1
    assert 4 < len(spawned) < 40
    last = log.read_text().splitlines()[-1]
    assert last.startswith("پردازش‌های سامانه هر بار بلافاصله پس از شروع پایان یافتند")


@pytest.mark.parametrize(
    ("blow", "whole"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, True)],
)
async def test_it_ends_when_told_and_leaves_nothing(
    node: Node, tmp_path: Path, blow: signal.Signals, whole: bool
) -> None:
    log = tmp_path / "node.log"
    pid = begin(node, log)
    assert node.process is not None
    await until_it_answers(node)
    left = children(pid)
    assert len(left) >= 2
    (os.killpg if whole else os.kill)(pid, blow)
    await until(lambda: node.process is not None and node.process.poll() is not None)
    assert node.process.returncode == 0
    await until(lambda: not any(map(is_alive, left)))
    said = log.read_text()
    assert "Unexpected" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("moment", [0.0, 0.7])
@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL])
async def test_it_ends_while_its_workers_start(node: Node, tmp_path: Path, blow: signal.Signals, moment: float) -> None:
    pid = begin(node, tmp_path / "node.log")
    await until(lambda: len(workers(node)) == 2)
    await asyncio.sleep(moment)
    left = children(pid)
    os.kill(pid, blow)
    assert node.process is not None
    await until(lambda: node.process is not None and node.process.poll() is not None)
    await until(lambda: not any(map(is_alive, left)))


async def test_a_worker_told_to_stop_while_it_starts_stops(node: Node, tmp_path: Path) -> None:
    begin(node, tmp_path / "node.log")
    await until(lambda: len(workers(node)) == 2)
    first = min(workers(node))
    os.kill(first, signal.SIGTERM)
    await until(lambda: not is_alive(first))
    await until_it_answers(node)
    node.stop()


async def test_nothing_outlives_a_killed_node(node: Node) -> None:
    await node.start()
    assert node.process is not None
    left = children(node.process.pid)
    node.process.kill()
    await until(lambda: not any(map(is_alive, left)))
    assert not await answers(node)


def test_a_bell_rings_in_a_handler_whatever_its_thread_is_at() -> None:
    """A handler that needs a lock waits for ever where its own thread holds it: Granian's did, with a node in it."""
    subprocess.run([sys.executable, "-c", BELL], timeout=SOON, check=True)
