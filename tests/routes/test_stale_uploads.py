"""Whoever lost the right to write to an upload changes nothing any more; whoever has it loses nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from portal.services.documents import leases, writing
from portal.tables.uploads import Upload
from tests.world.documents import only_document
from tests.world.portal import Portal
from tests.world.road import Road
from tests.world.tus import Tus, checksum, pdf
from tests.world.uploads import MIB, Slow, clerk, remains

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def altered(data: bytes) -> bytes:
    """Another file of the same length."""
    return data.replace(b"200 200", b"300 300")


async def take_over(tus: Tus, url: str, data: bytes, **said: str) -> httpx.Response:
    """Send a piece as if the lease of whoever writes now had just run out."""
    while True:
        await Upload.update({Upload.writer_until: LONG_AGO}, force=True)
        answer = await tus.patch(url, await tus.offset(url), data, **said)
        if answer.status_code != 423:
            return answer


async def test_a_late_writer_is_turned_away_before_it_writes(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(3000)
    url, slow = await tus.begin(len(data)), Slow(altered(data))
    late = asyncio.create_task(tus.patch(url, 0, slow))
    await slow.begun.wait()
    assert (await take_over(tus, url, data)).status_code == 204
    slow.go.set()
    assert (await late).status_code == 423
    assert await portal.store.get_bytes((await only_document())["key"]) == data


async def test_a_late_write_to_the_store_touches_no_recorded_bytes(portal: Portal, road: Road) -> None:
    """The lease runs out while the object is on its way to the store."""
    tus, data = await clerk(portal), pdf(3 * MIB)
    url, quick = await tus.begin(len(data)), portal.store
    before, road.line.pace = road.line.carried, 64 * 1024
    late = asyncio.create_task(tus.patch(url, 0, altered(data)))
    while road.line.carried < before + 128 * 1024:
        await asyncio.sleep(0.05)
    portal.app.state.store = quick
    assert (await take_over(tus, url, data)).status_code == 204
    row, road.line.pace = await only_document(), None
    assert (await late).status_code == 423
    assert await quick.get_bytes(row["key"]) == data
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert remains(portal).count(row["key"]) == 1, "a version of it came later"


async def test_a_late_writer_replaces_no_part(portal: Portal, road: Road) -> None:
    """After a silence the lease is asked for before a part goes to the store."""
    tus, data = await clerk(portal), pdf(12 * MIB)
    url, slow = await tus.begin(len(data)), Slow(altered(data)[: 6 * MIB])
    late = asyncio.create_task(tus.patch(url, 0, slow, Upload_Checksum=checksum("sha1", slow.data)))
    await slow.begun.wait()
    portal.app.state.store = portal.store
    assert (await take_over(tus, url, data[: 7 * MIB])).status_code == 204
    before = road.line.carried
    await asyncio.sleep(leases.LEASE.total_seconds() / 2 + 1)
    slow.go.set()
    assert (await late).status_code == 423
    assert road.line.carried == before
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB :])).status_code == 204
    assert await portal.store.get_bytes((await only_document())["key"]) == data


async def test_a_request_ends_when_its_lease_is_lost_in_a_silence(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(3000)
    url, never = await tus.begin(len(data)), Slow(data)
    late = asyncio.create_task(tus.patch(url, 0, never))
    await never.begun.wait()
    assert (await take_over(tus, url, data[:1000])).status_code == 204
    assert (await late).status_code == 423  # although its body never ends
    assert await tus.offset(url) == 1000


@pytest.mark.parametrize("is_right", [True, False], ids=["cut", "wrong"])
async def test_a_stalled_piece_is_not_kept_before_its_checksum_agrees(portal: Portal, is_right: bool) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))

    async def stalling() -> AsyncIterator[bytes]:
        yield data[: 6 * MIB]
        await asyncio.sleep(writing.STALLED + 2)
        if not is_right:
            yield altered(data[: 7 * MIB])[6 * MIB :][:-1] + b"?"

    said = {"Upload_Checksum": checksum("sha1", data[: 7 * MIB]), "Content_Length": str(7 * MIB)}
    assert (await tus.patch(url, 0, stalling(), **said)).status_code == 460
    assert await tus.offset(url) == 0
    row = await Upload.select().first()
    assert row is not None
    assert (row["tags"], row["tail"]) == ([], None)


async def test_a_cut_takes_no_part_off_its_way_to_a_slow_store(portal: Portal, road: Road) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    before, road.line.pace = road.line.carried, MIB

    async def cut() -> AsyncIterator[bytes]:
        yield data[: 6 * MIB]
        while road.line.carried < before + MIB:  # what is here is being made durable, for seconds yet
            await asyncio.sleep(0.05)

    said = {"Content_Length": str(len(data))}
    await tus.patch(url, 0, cut(), **said)
    road.line.pace = None
    assert await tus.offset(url) == 6 * MIB
    assert (await tus.patch(url, 6 * MIB, data[6 * MIB :])).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()
