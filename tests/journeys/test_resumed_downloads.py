"""curl takes downloads of a real node up again where a line cut them, and asks by HEAD what there is."""

import asyncio
import shutil
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from portal.domain.lifecycle import State
from portal.embedded.servers import Embedded
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.web.identity import COOKIE
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.client import Hurried
from tests.world.clock import Clock
from tests.world.lines import line
from tests.world.nodes import Node, environment, free_port

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
MIB = 1024 * 1024


@dataclass
class Scene:
    node: Node
    cookie: str
    number: str
    document: str
    data: bytes
    folder: Path

    async def curl(self, port: int, path: str, *more: str) -> tuple[int, str]:
        """Ask curl; its exit code, and what it says on standard output."""
        told = ["-sS", "--path-as-is", "-b", f"{COOKIE}={self.cookie}", *more, f"http://127.0.0.1:{port}{path}"]
        process = await asyncio.create_subprocess_exec("curl", *told, stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode()


@pytest.fixture
async def scene(
    engine: Settings, servers: Embedded, people: Cast, clock: Clock, store: ObjectStore, tmp_path: Path
) -> AsyncIterator[Scene]:
    number = await Builder(people, store, clock).case(State.NOTIFIED)
    row = (await Document.select().order_by(Document.id))[0]
    data = bytes(range(256)) * (40 * MIB // 256)  # more than the sockets on its way hold, and than a late cut lets by
    await store.put_bytes(row["key"], data)
    await Document.update({Document.size: len(data)}).where(Document.id == row["id"])
    node = Node(free_port(), environment(engine, servers, tmp_path / "var"))
    await node.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", timeout=60) as client:
            await Hurried(client, None).sign_in("clerk")
            yield Scene(node, client.cookies[COOKIE], number, str(row["id"]), data, tmp_path)
    finally:
        node.stop()


async def test_curl_goes_on_where_the_line_was_cut(scene: Scene) -> None:
    for path, ending in ((f"/documents/{scene.document}", "pdf"), (f"/cases/{scene.number}/archive.zip", "zip")):
        target = scene.folder / f"download.{ending}"
        async with line(scene.node.port) as road:
            began = asyncio.create_task(scene.curl(road.port, path, "-o", str(target), "--limit-rate", "4M"))
            while not target.exists() or target.stat().st_size < MIB:
                assert not began.done(), began.result()
                await asyncio.sleep(0.05)
            road.hang_up()
            assert (await began)[0] != 0, "it was cut"
            half = target.stat().st_size
            code, said = await scene.curl(
                road.port, path, "-C", "-", "-o", str(target), "-w", "%{http_code} %{size_download}"
            )
        assert (code, said.split()[0]) == (0, "206")
        assert int(said.split()[1]) == target.stat().st_size - half, "the rest alone was sent"
        if ending == "pdf":
            assert target.read_bytes() == scene.data
        else:
            assert zipfile.ZipFile(target).testzip() is None
        _, said = await scene.curl(scene.node.port, path, "-C", "-", "-o", str(target), "-w", "%{http_code}")
        assert said == "416", "there is no more"


async def test_curl_asks_by_head_and_by_tag(scene: Scene) -> None:
    path = f"/documents/{scene.document}"
    _, fields = await scene.curl(scene.node.port, path, "-I")
    lines = dict(each.split(": ", 1) for each in fields.splitlines()[1:] if ": " in each)
    named = {name.lower(): value for name, value in lines.items()}
    assert fields.startswith("HTTP/1.1 200")
    assert named["content-length"] == str(len(scene.data))
    tag = named["etag"]
    out = ("-o", str(scene.folder / "answer"), "-w", "%{http_code} %{size_download}")
    for name, value, said in (
        ("If-None-Match", tag, "304 0"),
        ("If-Match", '"x"', "412 0"),
        ("Range", "bytes=0-9", "206 10"),
        ("Range", "bytes=99999999-", "416 0"),
    ):
        assert (await scene.curl(scene.node.port, path, "-H", f"{name}: {value}", *out))[1] == said, name
    _, fields = await scene.curl(scene.node.port, f"/cases/{scene.number}", "-I")
    assert fields.startswith("HTTP/1.1 200")
    _, fields = await scene.curl(scene.node.port, "/static/css/base.css", "-I")
    assert fields.startswith("HTTP/1.1 200")
