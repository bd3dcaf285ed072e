"""A database that falls silent: every request of a node is answered all the same, and it works on afterwards."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from portal.embedded.servers import Embedded
from portal.services.operations import health
from portal.settings import Settings
from tests.world.cast import Cast
from tests.world.lines import Line, Mood, line
from tests.world.nodes import Node, environment, free_port

COOKIE = {"cookie": "daraje_session=nobody"}  # it is looked up


@pytest.fixture
async def wire(engine: Settings) -> AsyncIterator[Line]:
    port = urlsplit(engine.database_url or "").port
    assert port is not None
    async with line(port) as wire:
        yield wire


@pytest.fixture
async def node(
    engine: Settings, servers: Embedded, people: Cast, wire: Line, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A node that reaches its database over the line."""
    url = urlsplit(engine.database_url or "")
    there = urlunsplit(url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{wire.port}"))
    node = Node(free_port(), environment(replace(engine, database_url=there), servers, tmp_path / "var"))
    await node.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", timeout=60, headers=COOKIE) as client:
        yield client
    node.stop()


async def test_nobody_waits_for_a_silent_database(node: httpx.AsyncClient, wire: Line) -> None:
    async def ask(path: str) -> int:
        return (await node.get(path)).status_code

    paths = ["/health/ready", "/", "/login", "/cases"] * 6
    assert set(await asyncio.gather(*map(ask, paths))) == {200, 303}
    wire.turn(Mood.SILENT)
    await asyncio.sleep(health.KEPT + 0.5)  # what *ready* has found stands so long
    assert set(await asyncio.gather(*map(ask, paths))) == {503}
    assert await ask("/health/live") == 200
    wire.turn(Mood.OPEN)
    wire.hang_up()
    for _ in range(20):
        if await ask("/health/ready") == 200:
            break
        await asyncio.sleep(0.5)
    assert set(await asyncio.gather(*map(ask, paths))) == {200, 303}
