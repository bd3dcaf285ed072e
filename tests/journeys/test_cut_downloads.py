"""A download whose store fails in the middle is cut, so that nobody takes a half for the whole."""

import asyncio
from pathlib import Path

import httpx
import pytest

from portal.domain.lifecycle import State
from portal.embedded.servers import Embedded
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.client import Hurried
from tests.world.clock import Clock
from tests.world.lines import Line, Mood, line
from tests.world.nodes import Node, environment, free_port

MIB = 1024 * 1024


@pytest.mark.parametrize("asked", ["whole", "part"])
@pytest.mark.parametrize("mood", [Mood.CLOSED, Mood.SILENT], ids=lambda mood: mood.name.lower())
async def test_half_a_download_never_looks_whole(
    engine: Settings,
    servers: Embedded,
    people: Cast,
    clock: Clock,
    store: ObjectStore,
    tmp_path: Path,
    mood: Mood,
    asked: str,
) -> None:
    await Builder(people, store, clock).case(State.SUBMITTED)
    row = (await Document.select().order_by(Document.id))[0]
    data = bytes(48 * MIB)  # more than all buffers on the way hold
    await store.put_bytes(row["key"], data)
    await Document.update({Document.size: len(data)}).where(Document.id == row["id"])
    assert engine.s3 is not None
    async with line(int(engine.s3.endpoint.rpartition(":")[2])) as bad:
        told = {**environment(engine, servers, tmp_path / "var"), "PORTAL_S3_ENDPOINT": f"127.0.0.1:{bad.port}"}
        node = Node(free_port(), told)
        await node.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", timeout=60) as client:
                visitor = await Hurried(client, None).sign_in("clerk")
                headers = {"Range": "bytes=1-"} if asked == "part" else {}
                came: list[int] = []
                with pytest.raises(httpx.RemoteProtocolError):
                    await take(visitor.http, f"/documents/{row['id']}", headers, bad, mood, came)
                assert 0 < sum(came) < len(data) - 1
                assert (await client.get("/health/live")).status_code == 200
        finally:
            node.stop()


async def take(
    client: httpx.AsyncClient, url: str, headers: dict[str, str], bad: Line, mood: Mood, came: list[int]
) -> None:
    """Download; the line turns once the first bytes are here."""
    async with client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == (206 if headers else 200)
        async for piece in answer.aiter_raw():
            came.append(len(piece))
            if bad.mood is Mood.OPEN:
                bad.turn(mood)
            await asyncio.sleep(0)
