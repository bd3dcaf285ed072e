"""Uploads by their verbs: begun, written piece by piece, refused, given up, expired."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.errors import Invalid, NotFound, TooLarge
from portal.domain.uploads import LIFETIME, BeyondLength, Gone, OffsetDiffers
from portal.sandbox import scanner
from portal.services.cases import cases
from portal.services.documents import uploads
from portal.services.documents.writing import Chunk
from portal.storage.calls import Missing, StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.uploads import Upload
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.tus import pdf
from tests.world.uploads import announced

MIB = 1024 * 1024


class World:
    """A clerk's open case, and files on their way into it."""

    def __init__(self, people: Cast, store: ObjectStore, clock: Clock) -> None:
        self.by, self.store, self.clock, self.number = people["clerk"], store, clock, ""

    async def begin(self, length: int, *, sha256: str | None = None, limit: int = 100 * MIB) -> UUID:
        if not self.number:
            self.number = await cases.open_case(by=self.by, now=self.clock())
        return await uploads.begin(self.number, announced(length, sha256), by=self.by, limit=limit, now=self.clock())

    async def append(self, upload: UUID, offset: int, data: bytes, announced: int | None = None) -> dict[str, object]:
        async def chunks() -> AsyncIterator[bytes]:
            yield data

        piece = Chunk(offset, chunks(), announced)
        return await uploads.append(
            upload, piece, by=self.by, store=self.store, memory=32 * MIB, clock=lambda: self.clock.tick(1)
        )


@pytest.fixture
def world(people: Cast, store: ObjectStore, clock: Clock) -> World:
    return World(people, store, clock)


async def test_the_last_piece_makes_the_document(world: World) -> None:
    data = pdf(12 * MIB)
    upload = await world.begin(len(data), sha256=hashlib.sha256(data).hexdigest())
    row = await world.append(upload, 0, data[: 7 * MIB])
    assert (row["received"], row["ended_as"], row["checked_for"]) == (7 * MIB, None, 0.0)
    assert len(await uploads.unfinished(row["case"], now=world.clock())) == 1  # type: ignore[arg-type]
    row = await world.append(upload, 7 * MIB, data[7 * MIB :])
    assert (row["received"], row["ended_as"], row["parts"], row["tail"]) == (len(data), "recorded", None, None)
    document = await Document.select().first()
    assert document is not None
    assert (document["id"], document["agreed"], document["size"]) == (upload, True, len(data))
    assert await world.store.get_bytes(document["key"]) == data
    again = await world.append(upload, len(data), b"")
    assert again["ended_as"] == "recorded", "whoever lost the answer asks once more"
    assert await Document.count() == 1


async def test_what_no_case_takes_is_not_begun(world: World, people: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await world.begin(0)
    assert refused.value.errors == {"file": "empty"}
    with pytest.raises(TooLarge) as large:
        await world.begin(11, limit=10)
    assert large.value.facts == {"size": 10}
    upload = await world.begin(10)
    world.by = people["abroad"]
    with pytest.raises(NotFound):
        await world.begin(10)
    for verb in (uploads.find(upload, world.by), uploads.find(uuid4(), world.by)):
        with pytest.raises(NotFound):
            await verb
    assert await Upload.count() == 1


async def test_a_piece_goes_on_where_the_acknowledged_bytes_end(world: World) -> None:
    upload = await world.begin(1000)
    with pytest.raises(OffsetDiffers) as differs:
        await world.append(upload, 1, b"x")
    assert differs.value.facts == {"offset": 0}
    with pytest.raises(BeyondLength):
        await world.append(upload, 0, b"", announced=1001)
    with pytest.raises(BeyondLength):
        await world.append(upload, 0, bytes(1001))


async def test_a_refusal_leaves_its_reason_and_no_bytes(world: World) -> None:
    upload = await world.begin(700)
    with pytest.raises(Invalid):
        await world.append(upload, 0, bytes(700))
    row = await Upload.select().where(Upload.id == upload).first()
    assert row is not None
    with pytest.raises(Missing):
        await world.store.size(row["key"])
    with pytest.raises(Gone) as gone:
        await uploads.look(upload, by=world.by, now=world.clock())
    assert (gone.value.code, gone.value.facts) == ("refused", {"refusal": {"errors": {"file": "unknown-type"}}})
    assert await Event.count().where(Event.kind == "DocumentRefused") == 1


async def test_bytes_that_are_not_those_of_the_sender_are_refused(world: World) -> None:
    upload = await world.begin(700, sha256="0" * 64)
    with pytest.raises(Invalid) as refused:
        await world.append(upload, 0, pdf(700))
    assert refused.value.errors == {"sha256": "digest-differs"}
    assert await Document.count() == 0


async def test_a_file_that_nobody_could_look_at_stays(world: World) -> None:
    data = pdf(700)
    upload = await world.begin(len(data))
    scanner.ask_at("127.0.0.1:1")
    try:
        with pytest.raises(StoreUnavailable):
            await world.append(upload, 0, data)
    finally:
        scanner.ask_at(None)
    assert await Event.count().where(Event.kind == "DocumentRefused") == 0
    row = await world.append(upload, 0, data)
    assert row["ended_as"] == "recorded"


async def test_what_is_given_up_or_abandoned_is_gone(world: World) -> None:
    data = pdf(6 * MIB)
    first, second = await world.begin(len(data)), await world.begin(len(data))
    row = await world.append(first, 0, data[: 5 * MIB])
    await uploads.terminate(first, by=world.by, store=world.store, now=world.clock())
    with pytest.raises(Missing):
        await world.store.put_part(str(row["key"]), str(row["parts"]), 2, b"x")
    with pytest.raises(Gone, match="terminated"):
        await uploads.terminate(first, by=world.by, store=world.store, now=world.clock())
    late = world.clock() + LIFETIME + timedelta(seconds=1)
    with pytest.raises(Gone, match="expired"):
        await uploads.look(second, by=world.by, now=late)
    assert await uploads.expire(store=world.store, now=late) == 1
    assert await uploads.expire(store=world.store, now=late + LIFETIME) == 0
    assert await Upload.count() == 0, "the ended ones are forgotten"
