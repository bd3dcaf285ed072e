"""Two clients that know nothing of the portal upload over a line that cuts at random, while the server is kill -9ed.

The suite sends 24 MiB. PORTAL_TEST_UPLOAD_MIB=300 sends what the product promises; it takes a minute or two.
"""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from tusclient.client import TusClient

from portal.embedded.servers import Embedded
from portal.services.cases import cases
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.uploads import Upload
from portal.web.identity import COOKIE
from tests.world.cast import Cast
from tests.world.client import Hurried
from tests.world.lines import Line, line
from tests.world.nodes import Node, environment, free_port
from tests.world.tus import pdf

MIB = 1024 * 1024
SIZE = int(os.environ.get("PORTAL_TEST_UPLOAD_MIB", "24")) * MIB
NO_LINES = bytes(each if each > 31 else each + 32 for each in range(256))  # a PDF comment ends with its line
SEED = int(os.environ.get("PORTAL_TEST_SEED", "1405"))


@dataclass
class Scene:
    """A node behind a bad line, a case, a file, and the cookie of whoever may send it."""

    node: Node
    road: Line
    number: str
    path: Path
    token: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.road.port}"

    @property
    def metadata(self) -> dict[str, str]:
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return {"case": self.number, "kind": "census", "filename": "سند بزرگ.pdf", "sha256": digest}

    async def kill_midway(self) -> None:
        """kill -9 once about half of the file is acknowledged, and up again."""
        while True:
            row = await Upload.select(Upload.received).first()
            if row and row["received"] > SIZE * 0.4:
                break
            await asyncio.sleep(0.02)
        self.node.kill()
        await self.node.start()


def scan_of(size: int) -> bytes:
    """A PDF whose padding never repeats: a part in the wrong place would show."""
    data, source = bytearray(pdf(size)), random.Random(SEED)
    for start in range(400, size - 400, MIB):
        noise = source.randbytes(min(MIB, size - 400 - start))
        data[start : start + len(noise)] = noise.translate(NO_LINES)
    return bytes(data)


@pytest.fixture
async def scene(engine: Settings, servers: Embedded, people: Cast, tmp_path: Path) -> AsyncIterator[Scene]:
    number = await cases.open_case(by=people["clerk"], now=datetime.now(UTC))
    path = tmp_path / "scan.pdf"
    path.write_bytes(scan_of(SIZE))
    node = Node(free_port(), environment(engine, servers, tmp_path / "var") | {"PORTAL_UPLOAD_LIMIT": str(SIZE)})
    await node.start()
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}") as client,
        line(node.port, between=max(SIZE // 10, 2 * MIB), seed=SEED) as road,
    ):
        await Hurried(client, None).sign_in("clerk")
        yield Scene(node, road, number, path, client.cookies[COOKIE])
    node.stop()


async def endured(scene: Scene, engine: Settings, sending: Awaitable[Any]) -> None:
    """Await `sending` through cuts and a kill -9; then the document is what was sent."""
    killing = asyncio.create_task(scene.kill_midway())
    await sending
    await killing
    assert scene.road.cuts >= 2
    rows = await Document.select()
    assert len(rows) == 1
    digest = hashlib.sha256(scene.path.read_bytes()).hexdigest()
    assert (rows[0]["size"], rows[0]["sha256"], rows[0]["agreed"]) == (SIZE, digest, True)
    assert engine.s3 is not None
    store = ObjectStore(replace(engine.s3))
    stored = hashlib.sha256()
    async for piece in store.read(rows[0]["key"]):
        stored.update(piece)
    store.close()
    assert stored.hexdigest() == digest


@pytest.mark.parametrize("chunk", [SIZE, SIZE // 7], ids=["one piece", "pieces"])
async def test_tuspy_arrives(scene: Scene, engine: Settings, chunk: int) -> None:
    client = TusClient(f"{scene.address}/uploads", headers={"Cookie": f"{COOKIE}={scene.token}"})
    uploader = client.uploader(
        str(scene.path), chunk_size=chunk, metadata=scene.metadata, retries=400, retry_delay=0.1, upload_checksum=False
    )
    await endured(scene, engine, asyncio.to_thread(uploader.upload))


SEND = """([metadata]) => new Promise((resolve, reject) => {
  const file = document.querySelector("#file").files[0];
  new tus.Upload(file, {
    endpoint: "/uploads", metadata, retryDelays: Array(400).fill(100),
    onError: (error) => reject(String(error)), onSuccess: () => resolve("sent"),
  }).start();
})"""


async def test_tus_js_client_arrives(scene: Scene, engine: Settings, browser: Browser) -> None:
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": scene.token, "url": scene.address}])
    page = await context.new_page()
    await page.goto(f"{scene.address}/cases/{scene.number}")
    await page.add_script_tag(url="/static/vendor/tus.min.js")
    await page.evaluate(
        "document.body.append(Object.assign(document.createElement('input'), {type:'file', id:'file'}))"
    )
    await page.set_input_files("#file", scene.path)
    await endured(scene, engine, page.evaluate(SEND, [scene.metadata]))
