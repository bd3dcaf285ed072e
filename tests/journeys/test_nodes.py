"""Nodes are stateless: one case travels the whole way, its requests alternating between two portal processes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from portal.embedded.servers import Embedded
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.client import Hurried, Visitor
from tests.world.clock import Clock
from tests.world.journey import walk
from tests.world.nodes import Node, environment, free_port


@dataclass
class Alternating(httpx.AsyncBaseTransport):
    """Sends every request to the next node: a balancer without any affinity."""

    ports: list[int]
    inner: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    def __post_init__(self) -> None:
        self.turn = cycle(self.ports)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=next(self.turn))
        return await self.inner.handle_async_request(request)


@pytest.fixture
async def nodes(engine: Settings, servers: Embedded, people: Cast, tmp_path: Path) -> AsyncIterator[list[int]]:
    """Two `portal serve` on separately started servers, told by environment alone."""
    running = [Node(free_port(), environment(engine, servers, tmp_path / "var")) for _ in range(2)]
    try:
        await asyncio.gather(*(node.start() for node in running))
        yield [node.port for node in running]
    finally:
        for node in running:
            node.stop()


async def test_one_case_travels_over_two_nodes(nodes: list[int]) -> None:
    clients: list[httpx.AsyncClient] = []

    async def as_(username: str) -> Visitor:
        client = httpx.AsyncClient(transport=Alternating(nodes), base_url=f"http://127.0.0.1:{nodes[0]}", timeout=30)
        clients.append(client)
        return await Hurried(client, None).sign_in(username)

    number = await walk(as_)
    notice = await (await as_("auditor")).get(f"/cases/{number}/notice")
    assert notice.status == 200
    for client in clients:
        await client.aclose()


async def test_one_intent_at_both_nodes_at_once_is_recorded_once(
    nodes: list[int], people: Cast, store: ObjectStore
) -> None:
    """Two presses on a slow line: a balancer gives each of them to another node, at once and one after the other."""
    number = await Builder(people, store, Clock(datetime.now(UTC) - timedelta(hours=1))).draft()
    base = f"http://127.0.0.1:{nodes[0]}"
    async with httpx.AsyncClient(transport=Alternating(nodes), base_url=base, timeout=30) as client:
        clerk = await Hurried(client, None).sign_in("clerk")
        url = f"/cases/{number}/submission"
        form = {**(await clerk.get(url)).hidden(url), "code": clerk.code()}
        answers = await asyncio.gather(*(client.post(url, data=form) for _ in range(2)))
        answers += [await client.post(url, data=form) for _ in range(2)]
        assert [(each.status_code, each.headers["location"]) for each in answers] == [(303, f"/cases/{number}")] * 4
        assert "ثبت شده است" in (await clerk.get(f"/cases/{number}")).words()
    kinds = [row["kind"] for row in await Event.select(Event.kind)]
    assert (kinds.count("CaseSubmitted"), kinds.count("CodeReplayed")) == (1, 0)
