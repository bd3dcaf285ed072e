"""A portal that a real Chromium visits: served by Granian in the test's own loop, so that tests move its clock."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.async_api import Browser, async_playwright

from portal.app import create_app
from portal.settings import Settings
from tests.world.chromium import FLAGS, chromium
from tests.world.client import Visitor
from tests.world.clock import Clock
from tests.world.databases import Populated
from tests.world.nodes import free_port
from tests.world.portal import Portal


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def site(populated: Populated, fresh: Settings, clock: Clock) -> AsyncIterator[Portal]:
    """The portal behind a real port."""
    port = free_port()
    settings = replace(fresh, port=port, base_url=f"http://127.0.0.1:{port}")
    app = create_app(settings, clock=clock)
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    await _answers(port)
    yield Portal(app, clock, dict(populated.people), settings, app.state.store, _nobody)
    server.stop()  # type: ignore[no-untyped-call]
    await serving


def _nobody() -> Visitor:
    raise AssertionError("a site is visited with a browser")


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError("the portal does not answer")
