"""Whoever announces a body and sends it byte by byte is answered 408, and keeps nothing and nobody waiting."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.embedded.servers import Embedded
from portal.settings import Settings
from portal.web import bodies
from tests.world.cast import Cast
from tests.world.documents import draft
from tests.world.nodes import Node, environment, free_port
from tests.world.portal import Portal
from tests.world.tus import checksum, pdf
from tests.world.uploads import MIB, clerk, remains

URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "2000"}
FORM = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 2000\r\n\r\nusername="
)
HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


async def slowly(data: bytes, pause: float, piece: int = 1) -> AsyncIterator[bytes]:
    for at in range(0, len(data), piece):
        yield data[at : at + piece]
        await asyncio.sleep(pause)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, in less time."""
    monkeypatch.setattr(bodies, "FORM_WITHIN", 1.0)
    monkeypatch.setattr(bodies, "OVER", 1.0)


@pytest.mark.usefixtures("hurry")
async def test_a_form_that_does_not_come_is_answered_408_without_a_query(portal: Portal) -> None:
    page = await portal.visit().post("/login", content=slowly(b"a" * 2000, 0.1), headers=URL_ENCODED)
    assert (page.status, page.response.headers["connection"]) == (408, "close")
    assert "کند" in page.words()


@pytest.mark.usefixtures("hurry")
async def test_a_form_that_comes_in_pieces_is_read_whole(portal: Portal) -> None:
    body = b"username=clerk&password=wrong"
    page = await portal.visit().post(
        "/login", content=slowly(body, 0.01), headers={**URL_ENCODED, "Content-Length": str(len(body))}
    )
    assert page.status == 422


@pytest.mark.usefixtures("hurry")
async def test_a_form_kept_after_its_session_is_whole_in_time_too(portal: Portal) -> None:
    visitor = await portal.as_("clerk")
    portal.clock.tick(3600)  # longer than a session may rest
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Content-Length": "900000"}
    page = await visitor.post("/cases/1405-00001/documents", content=slowly(b"--edge\r\n" * 4000, 0.1), headers=headers)
    assert page.status == 408


async def test_a_form_that_is_too_long_is_refused_though_it_does_not_say_so(portal: Portal) -> None:
    async def long() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(MIB // 16)

    kind = {"Content-Type": URL_ENCODED["Content-Type"]}
    for more in ({}, {"Content-Length": str(40 * MIB)}):
        page = await portal.visit().post("/login", content=long(), headers={**kind, **more})
        assert page.status == 413
    assert bodies._held == 0


async def test_large_forms_together_fill_no_memory(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "ROOM", MIB)
    over = asyncio.Event()

    async def large() -> AsyncIterator[bytes]:
        yield b"a" * (MIB // 2)
        await over.wait()

    headers = {**URL_ENCODED, "Content-Length": str(MIB)}
    asking = [asyncio.create_task(portal.visit().post("/login", content=large(), headers=headers)) for _ in range(6)]
    await asyncio.sleep(0.5)
    small = await portal.visit().post("/login", {"username": "clerk", "password": "wrong"})
    over.set()
    answers = sorted(page.status for page in await asyncio.gather(*asking))
    assert (small.status, answers.count(503)) == (422, 4), answers
    assert bodies._held == 0


@pytest.mark.usefixtures("hurry")
async def test_of_a_slow_upload_what_arrived_is_kept(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(MIB)
    url = await tus.begin(MIB)
    answer = await tus.patch(url, 0, slowly(data, 0.2, 100))
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    came = int(answer.headers["upload-offset"])
    assert 0 < came < 4000
    assert await tus.offset(url) == came
    assert (await tus.patch(url, came, data[came:])).status_code == 204


@pytest.mark.usefixtures("hurry")
async def test_of_a_slow_upload_with_a_checksum_nothing_is_kept(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(MIB)
    url = await tus.begin(MIB)
    said = {"Upload_Checksum": checksum("sha256", data)}
    answer = await tus.patch(url, 0, slowly(data, 0.2, 100), **said)
    assert (answer.status_code, answer.headers["upload-offset"]) == (408, "0")
    assert await tus.offset(url) == 0


@pytest.mark.usefixtures("hurry")
async def test_a_slow_plain_upload_leaves_nothing(portal: Portal) -> None:
    visitor, number = await draft(portal)
    before = remains(portal)
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Content-Length": str(MIB)}
    content = slowly(head + bytes(MIB), 0.2, 100)
    page = await visitor.post(f"/cases/{number}/documents", content=content, headers=headers)
    assert page.status == 408
    assert sorted(remains(portal)) == sorted(before)


async def test_a_node_ends_slow_connections(engine: Settings, servers: Embedded, people: Cast, tmp_path: Path) -> None:
    node = Node(free_port(), environment(engine, servers, tmp_path / "var"))
    await node.start()
    try:
        form, head, *silent = await asyncio.gather(
            _be_slow(node.port, FORM),
            _be_slow(node.port, HEAD),
            _be_slow(node.port, b"", drip=b""),
            _be_slow(node.port, PREFACE, drip=b""),
        )
    finally:
        node.stop()
    assert form.startswith(b"HTTP/1.1 408")
    assert [head, *silent] == [b"", b"", b""]


async def _be_slow(port: int, words: bytes, drip: bytes = b"a") -> bytes:
    """What is answered until the connection is closed, on which `drip` is sent all the while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = bytearray()
    writer.write(words)
    while True:
        try:
            piece = await asyncio.wait_for(reader.read(4096), 1)
        except TimeoutError:
            writer.write(drip)
            continue
        except ConnectionError:
            break
        if not piece:
            break
        answer += piece
    writer.close()
    return bytes(answer)


@pytest.mark.usefixtures("hurry")
async def test_the_answer_is_in_the_visitors_language(portal: Portal) -> None:
    for chosen, word in (("en", "slowly"), ("fa", "کند")):
        visitor = portal.visit()
        visitor.http.cookies.set("daraje_language", chosen)
        page = await visitor.post("/login", content=slowly(b"a" * 2000, 0.1), headers=URL_ENCODED)
        assert page.status == 408
        assert word in page.words()
