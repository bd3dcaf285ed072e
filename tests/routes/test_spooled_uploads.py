"""The check looks at what came through this process, and fetches from the store what did not; neither stays."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.sandbox import inspection
from portal.services.documents import digests
from portal.storage import spool
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from tests.world.documents import draft, only_document
from tests.world.lines import Mood
from tests.world.portal import Portal
from tests.world.road import Road
from tests.world.tus import checksum, pdf
from tests.world.uploads import MIB, clerk


class Counting(ObjectStore):
    """A store that counts what was read from it."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.fetched: list[str] = []
        self.opened: list[str] = []

    async def fetch(self, key: str, path: Path) -> None:
        self.fetched.append(key)
        await super().fetch(key, path)

    async def read(self, key: str, *args: Any, **options: Any) -> AsyncIterator[bytes]:
        self.opened.append(key)
        async for piece in super().read(key, *args, **options):
            yield piece


@pytest.fixture
def store(portal: Portal) -> Iterator[Counting]:
    """The portal's own store, counted; all room on the disk is given back afterwards."""
    assert portal.settings.s3 is not None
    counting = portal.app.state.store = Counting(portal.settings.s3)
    yield counting
    counting.close()
    assert free()


def free() -> bool:
    spool._closing.submit(lambda: None).result(10)
    return spool.taken() == 0


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bytes of every file that the cage was given."""
    seen: list[bytes] = []
    inspect = inspection.inspect

    async def look(path: Path, *args: Any) -> Any:
        seen.append(path.read_bytes())
        return await inspect(path, *args)

    monkeypatch.setattr(inspection, "inspect", look)
    return seen


@pytest.mark.parametrize("size", [700, 5 * MIB, 6 * MIB, 15 * MIB + 1])
async def test_a_file_in_one_piece_is_not_read_back(
    portal: Portal, store: Counting, looked_at: list[bytes], size: int
) -> None:
    tus, data = await clerk(portal), pdf(size)
    url = await tus.begin(size)
    assert (await tus.patch(url, 0, data)).status_code == 204
    row = await only_document()
    assert (store.fetched, store.opened) == ([], [])
    assert looked_at == [data]
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data
    assert free()


@pytest.mark.parametrize("step", [1 * MIB, 5 * MIB, 7 * MIB])
async def test_pieces_of_one_process_are_not_fetched(
    portal: Portal, store: Counting, looked_at: list[bytes], step: int
) -> None:
    """The tail behind the last whole part is, as before: it is shorter than a part."""
    tus, data = await clerk(portal), pdf(16 * MIB)
    url = await tus.begin(len(data))
    for offset in range(0, len(data), step):
        answer = await tus.patch(url, offset, data[offset : offset + step])
        assert answer.status_code == 204, answer.text
    row = await only_document()
    assert store.fetched == []
    assert row["key"] not in store.opened
    assert looked_at == [data]
    assert await portal.store.get_bytes(row["key"]) == data


async def test_what_another_process_wrote_is_fetched(portal: Portal, store: Counting, looked_at: list[bytes]) -> None:
    tus, data = await clerk(portal), pdf(16 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 6 * MIB])).status_code == 204
    digests.forget(UUID(url.rsplit("/", 1)[1]))
    assert free()
    assert (await tus.patch(url, 6 * MIB, data[6 * MIB :])).status_code == 204
    row = await only_document()
    assert store.fetched == [row["key"]]
    assert looked_at == [data]
    assert row["sha256"] == hashlib.sha256(data).hexdigest()


async def test_a_part_that_another_process_wrote_in_between_is_noticed(portal: Portal, store: Counting) -> None:
    """This process comes back with a spool that lacks the other one's part."""
    tus, data = await clerk(portal), pdf(22 * MIB)
    url = await tus.begin(len(data))
    upload = UUID(url.rsplit("/", 1)[1])
    assert (await tus.patch(url, 0, data[: 6 * MIB])).status_code == 204
    mine = digests._resting.pop(upload)
    assert (await tus.patch(url, 6 * MIB, data[6 * MIB : 11 * MIB])).status_code == 204
    digests.forget(upload)
    digests._resting[upload] = mine
    assert (await tus.patch(url, 11 * MIB, data[11 * MIB :])).status_code == 204
    row = await only_document()
    assert store.fetched == [row["key"]]
    assert row["sha256"] == hashlib.sha256(data).hexdigest()


async def test_a_cut_gives_the_spool_up_at_once(portal: Portal, store: Counting) -> None:
    tus, data = await clerk(portal), pdf(16 * MIB)
    url = await tus.begin(len(data))

    async def cut() -> AsyncIterator[bytes]:
        yield data[: 7 * MIB]

    await tus.patch(url, 0, cut(), Content_Length=str(len(data)))
    assert free()
    kept = await tus.offset(url)
    assert kept == 7 * MIB
    assert (await tus.patch(url, kept, data[kept:])).status_code == 204
    row = await only_document()
    assert store.fetched == [row["key"]]
    assert row["sha256"] == hashlib.sha256(data).hexdigest()


async def test_a_spool_waits_a_while_for_the_next_piece(
    portal: Portal, store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus, data = await clerk(portal), pdf(16 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 6 * MIB])).status_code == 204
    assert not free()
    monkeypatch.setattr(digests, "RESTING", 0.0)
    assert (await tus.patch(url, 6 * MIB, data[6 * MIB : 7 * MIB])).status_code == 204
    await tus.offset(url)
    assert free()
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB :])).status_code == 204
    row = await only_document()
    assert store.fetched == [row["key"]]
    assert row["key"] not in store.opened[:-1], "the digest went on"


async def test_a_wrong_checksum_leaves_no_spool(portal: Portal, store: Counting, looked_at: list[bytes]) -> None:
    """What was hashed and spooled of a piece that is not kept is no part of the file."""
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    wrong = bytes(7 * MIB)
    assert (await tus.patch(url, 0, wrong, Upload_Checksum=checksum("sha1", b""))).status_code == 460
    assert free()
    right = {"Upload_Checksum": checksum("sha1", data)}
    assert (await tus.patch(url, 0, data, **right)).status_code == 204
    assert looked_at == [data]
    assert store.fetched == []


@pytest.mark.parametrize("limit", [0, 6 * MIB - 1])
async def test_without_room_the_file_is_fetched(
    portal: Portal, store: Counting, limit: int, looked_at: list[bytes]
) -> None:
    spool.take_at_most(limit)
    tus, data = await clerk(portal), pdf(6 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data)).status_code == 204
    row = await only_document()
    assert store.fetched == [row["key"]]
    assert store.opened == [row["key"]], "the head is known"
    assert looked_at == [data]


async def test_refused_and_terminated_uploads_leave_nothing(portal: Portal, store: Counting) -> None:
    tus = await clerk(portal)
    url = await tus.begin(6 * MIB)
    assert (await tus.patch(url, 0, bytes(6 * MIB))).status_code == 422
    assert free()
    url = await tus.begin(6 * MIB, sha256=hashlib.sha256(b"").hexdigest())
    assert (await tus.patch(url, 0, pdf(6 * MIB))).status_code == 422
    assert free()
    url = await tus.begin(12 * MIB)
    assert (await tus.patch(url, 0, pdf(12 * MIB)[: 6 * MIB])).status_code == 204
    assert not free()
    assert (await tus.ask("DELETE", url)).status_code == 204
    assert free()


async def test_a_store_that_is_gone_leaves_no_spool(portal: Portal, road: Road) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    road.turn(Mood.CLOSED, after=6 * MIB)
    assert (await tus.patch(url, 0, data)).status_code == 503
    assert free()


@pytest.mark.parametrize("size", [700, 9 * MIB])
async def test_the_plain_form_is_not_read_back(
    portal: Portal, store: Counting, looked_at: list[bytes], size: int
) -> None:
    visitor, number = await draft(portal)
    data = pdf(size)
    files = {"file": ("scan.pdf", data, "application/pdf")}
    answer = await visitor.http.post(f"/cases/{number}/documents", data={"kind": "census"}, files=files)
    assert answer.status_code == 303
    row = await only_document()
    assert (store.fetched, store.opened) == ([], [])
    assert looked_at == [data]
    assert await portal.store.get_bytes(row["key"]) == data
    assert free()


@pytest.mark.parametrize(("kind", "data"), [("census", bytes(9 * MIB)), ("no-such-kind", pdf(9 * MIB))])
async def test_the_plain_form_leaves_nothing_of_what_is_refused(
    portal: Portal, store: Counting, kind: str, data: bytes
) -> None:
    visitor, number = await draft(portal)
    files = {"file": ("scan.pdf", data, "application/pdf")}
    answer = await visitor.http.post(f"/cases/{number}/documents", data={"kind": kind}, files=files)
    assert answer.status_code == 422
    assert await Document.count() == 0
    assert free()


async def test_a_portal_that_stops_keeps_no_spool(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 6 * MIB])).status_code == 204
    assert not free()
    digests.close()
    assert free()
