"""Uploads over a store that answers 503, falls silent, or dies between two parts: nothing acknowledged is lost."""

import asyncio
import hashlib
import socket
from dataclasses import replace

import pytest
import urllib3

from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.uploads import Upload
from tests.world.documents import draft, only_document
from tests.world.lines import Line, Mood
from tests.world.portal import Portal
from tests.world.road import Road
from tests.world.tus import pdf
from tests.world.uploads import MIB, clerk, remains


async def test_a_line_that_turns_while_a_connection_is_being_made_carries_nothing_on_it() -> None:
    carried = asyncio.Event()
    server = await asyncio.start_server(lambda _reader, _writer: carried.set(), "127.0.0.1", 0)
    bad = Line(server.sockets[0].getsockname()[1])
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    carrying = asyncio.create_task(bad.carry(*await asyncio.open_connection(sock=theirs)))
    await asyncio.sleep(0)  # it waits for the other end now
    bad.turn(Mood.CLOSED)
    await asyncio.wait_for(carried.wait(), 5)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    await carrying
    writer.close()
    server.close()


BAD = pytest.mark.parametrize("mood", [Mood.BUSY, Mood.SILENT, Mood.CLOSED], ids=lambda mood: mood.name.lower())


@BAD
@pytest.mark.parametrize("after", [1 * MIB, 8 * MIB, 14 * MIB])
async def test_a_store_that_fails_between_two_parts_loses_nothing(
    portal: Portal, road: Road, mood: Mood, after: int
) -> None:
    tus, data = await clerk(portal), pdf(24 * MIB)
    url = await tus.begin(len(data))
    road.turn(mood, after=after)
    answer = await tus.patch(url, 0, data)
    assert answer.status_code == 503
    assert "حفظ شده" in answer.text
    assert await Document.count() == 0
    kept = await tus.offset(url)
    assert kept % (5 * MIB) == 0
    assert kept <= road.line.carried
    assert (await tus.patch(url, kept, data[kept:])).status_code == 503  # still
    assert await tus.offset(url) == kept, "a line that is bad carries no part"
    road.turn(Mood.OPEN)
    answer = await tus.patch(url, kept, data[kept:])
    assert answer.status_code == 204, answer.text
    row = await only_document()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data
    assert not [each for each in remains(portal) if str(row["id"]) in each and each != row["key"]]


@BAD
async def test_a_store_that_comes_back_soon_is_not_noticed(portal: Portal, road: Road, mood: Mood) -> None:
    tus, data = await clerk(portal), pdf(24 * MIB)
    url = await tus.begin(len(data))
    portal.app.state.store.pauses = (0.3,) * 30
    road.line.turn(mood, after=8 * MIB)
    road.line.mend_after(0.6)
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert road.line.failed > 0
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()


@BAD
@pytest.mark.parametrize("before_the_end", [2600, 2000, 1400, 800, 200])
async def test_a_store_that_fails_at_the_end_records_the_document_once(
    portal: Portal, road: Road, mood: Mood, before_the_end: int
) -> None:
    """The parts are all there: joining them, labelling the object or looking at it fails."""
    tus, data = await clerk(portal), pdf(12 * MIB)
    needed = 0
    for kind in ("last_grade", "justification"):  # the first one may carry what is asked only once
        rehearsal, begun = await tus.begin(len(data), kind=kind), road.line.carried
        assert (await tus.patch(rehearsal, 0, data)).status_code == 204
        needed = road.line.carried - begun
    url = await tus.begin(len(data))
    road.turn(mood, after=needed - before_the_end)
    assert (await tus.patch(url, 0, data)).status_code == 503
    kept = await tus.offset(url)
    assert 0 < kept < len(data)
    assert await Document.count() == 2
    road.turn(Mood.OPEN)
    assert (await tus.patch(url, kept, data[kept:])).status_code == 204
    row = await Document.select().where(Document.kind == "census").first()
    assert row is not None
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data
    assert await Document.count() == 3


async def test_a_small_file_waits_for_its_store(portal: Portal, road: Road) -> None:
    tus, data = await clerk(portal), pdf(2000)
    url = await tus.begin(len(data))
    road.turn(Mood.CLOSED)
    assert (await tus.patch(url, 0, data)).status_code == 503
    assert await tus.offset(url) == 0
    assert (await tus.create(len(data), data, kind="justification")).status_code == 201  # the room is there
    road.turn(Mood.OPEN)
    assert (await tus.patch(url, 0, data)).status_code == 204
    assert (await only_document())["kind"] == "census"


async def test_a_store_that_lost_the_parts_is_told(portal: Portal) -> None:
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    assert (await tus.patch(url, 0, data[: 7 * MIB])).status_code == 204
    row = await Upload.select().first()
    assert row is not None
    await portal.store.abort_parts(row["key"], row["parts"])
    answer = await tus.patch(url, 7 * MIB, data[7 * MIB :])
    assert answer.status_code == 410
    assert "دیگر موجود نیست" in answer.text
    assert await Document.count() == 0


async def test_an_object_that_was_made_is_found_though_the_store_hears_no_part_of_it_any_more(
    portal: Portal, road: Road
) -> None:
    """To a part of an upload that is over versitygw says so at once and closes: all that is heard is a reset."""
    tus, data = await clerk(portal), pdf(12 * MIB)
    url = await tus.begin(len(data))
    road.line.hasty_words = b"tagging="
    assert (await tus.patch(url, 0, data)).status_code == 503
    kept = await tus.offset(url)
    road.line.hasty_words = b"partNumber="
    assert (await tus.patch(url, kept, data[kept:])).status_code == 204
    row = await only_document()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()


HASTY = pytest.mark.parametrize(
    "hasty",
    [b"", b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"],
    ids=["closes", "answers-early"],
)


@HASTY
@pytest.mark.parametrize(("size", "words"), [(12 * MIB, b"<CompleteMultipartUpload"), (2000, b"PUT /")])
async def test_an_object_that_is_whole_is_taken_whatever_its_store_said_of_the_last_step(
    portal: Portal, road: Road, size: int, words: bytes, hasty: bytes
) -> None:
    """versitygw answers early and closes, as often as it is asked: the object lies there all the same."""
    tus, data = await clerk(portal), pdf(size)
    url = await tus.begin(len(data))
    road.line.hasty_words, road.line.hasty = words, hasty
    answer = await tus.patch(url, 0, data)
    assert answer.status_code == 204, answer.text
    row = await only_document()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert await portal.store.get_bytes(row["key"]) == data


@HASTY
@pytest.mark.parametrize(("size", "words"), [(12 * MIB, b"<CompleteMultipartUpload"), (2000, b"PUT /")])
async def test_the_plain_form_takes_an_object_that_is_whole(
    portal: Portal, road: Road, size: int, words: bytes, hasty: bytes
) -> None:
    visitor, number = await draft(portal)
    road.line.hasty_words, road.line.hasty = words, hasty
    data = pdf(size)
    page = await visitor.send(number, "census", data)
    assert page.status == 303, page.words()
    row = await only_document()
    assert await portal.store.get_bytes(row["key"]) == data


async def test_a_silent_store_has_one_deadline_for_all_tries(portal: Portal, road: Road) -> None:
    tus, data = await clerk(portal), pdf(24 * MIB)
    url = await tus.begin(len(data))
    settings = replace(portal.settings.s3, endpoint=f"127.0.0.1:{road.line.port}")  # type: ignore[type-var]
    assert (await tus.patch(url, 0, data[: 7 * MIB])).status_code == 204
    slow = urllib3.Timeout(connect=600, read=600)
    portal.app.state.store = ObjectStore(settings, patience=slow, pauses=(0.2,) * 9, deadline=1.0)  # type: ignore[arg-type]
    road.line.turn(Mood.SILENT, after=6 * MIB)
    assert (await tus.patch(url, 7 * MIB, data[7 * MIB :])).status_code == 503, "no try has ended by itself"
    kept = await tus.offset(url)
    assert kept >= 7 * MIB, "what arrived is kept"
    road.turn(Mood.OPEN)
    assert (await tus.patch(url, kept, data[kept:])).status_code == 204
    assert (await only_document())["sha256"] == hashlib.sha256(data).hexdigest()
