"""A portal that a real Chromium visits: served by Granian in the test's own loop, so that tests move its clock."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.async_api import Browser, async_playwright

from portal.app import create_app
from portal.settings import Settings
from tests.world.client import Visitor
from tests.world.clock import Clock
from tests.world.databases import Populated
from tests.world.nodes import free_port
from tests.world.portal import Portal

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The Chromium that there is; `make test` has seen to it."""
    wanted = os.environ.get("PORTAL_CHROMIUM")
    found = wanted or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium, or name one in PORTAL_CHROMIUM.")
    return found


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
