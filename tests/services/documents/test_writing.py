"""The bytes of one request: kept, held back for their checksum, cut, or the last ones."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from portal.domain.uploads import BeyondLength, ChecksumDiffers, OffsetDiffers
from portal.services.documents import leases, writing
from portal.services.documents.writing import Checksum, Chunk
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.uploads import Upload
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.uploads import begun

MIB = 1024 * 1024
DATA = bytes(range(256)) * (12 * MIB // 256)

Write = Callable[[Chunk], "asyncio.Future[Stored | None]"]


@pytest.fixture
async def upload(people: Cast, clock: Clock) -> UUID:
    return await begun(people["clerk"], len(DATA), clock)


@pytest.fixture
def write(upload: UUID, store: ObjectStore, clock: Clock) -> Write:
    async def writes(piece: Chunk) -> Stored | None:
        async with leases.held(upload, clock) as lease:
            return await writing.write(piece, lease, store=store, memory=16 * MIB)

    return lambda piece: asyncio.ensure_future(writes(piece))


async def body(data: bytes, *, is_cut: bool = False) -> AsyncIterator[bytes]:
    for at in range(0, len(data), MIB):
        yield data[at : at + MIB]
    if is_cut:
        raise ConnectionResetError


async def received() -> int:
    row = await Upload.select(Upload.received).first()
    assert row is not None
    return int(row["received"])


async def test_the_whole_comes_with_the_last_piece(write: Write, store: ObjectStore) -> None:
    assert await write(Chunk(0, body(DATA[: 7 * MIB]))) is None
    assert await received() == 7 * MIB
    stored = await write(Chunk(7 * MIB, body(DATA[7 * MIB :])))
    assert stored is not None
    assert (stored.size, stored.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert stored.head == DATA[: 64 * 1024]
    assert await store.get_bytes(stored.key) == DATA
    assert await received() == 10 * MIB, "its whole parts; the last byte is acknowledged with the document"
    stored.drop_spool()


async def test_a_cut_keeps_what_came(write: Write) -> None:
    assert await write(Chunk(0, body(DATA[: 6 * MIB], is_cut=True), len(DATA))) is None
    assert await received() == 6 * MIB


async def test_a_piece_that_does_not_fit_is_refused_under_the_lease_too(write: Write) -> None:
    assert await write(Chunk(0, body(DATA[:1000]))) is None
    with pytest.raises(OffsetDiffers) as differs:
        await write(Chunk(0, body(DATA)))
    assert differs.value.facts == {"offset": 1000}
    with pytest.raises(BeyondLength):
        await write(Chunk(1000, body(DATA), len(DATA)))
    with pytest.raises(BeyondLength):
        await write(Chunk(1000, body(DATA + b"x")))


@pytest.mark.parametrize("is_cut", [False, True])
async def test_a_checksum_stands_for_all_bytes_or_none(write: Write, is_cut: bool) -> None:
    piece = DATA[: 6 * MIB]
    wrong = Checksum("sha1", hashlib.sha1(piece if is_cut else b"", usedforsecurity=False).digest())
    with pytest.raises(ChecksumDiffers):
        await write(Chunk(0, body(piece, is_cut=is_cut), None, wrong))
    assert await received() == 0
    right = Checksum("sha256", hashlib.sha256(piece).digest())
    assert await write(Chunk(0, body(piece), None, right)) is None
    assert await received() == 6 * MIB


async def test_what_a_silent_line_has_brought_is_kept(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "STALLED", 0.1)

    async def halting() -> AsyncIterator[bytes]:
        async for data in body(DATA[: 11 * MIB]):
            yield data
        while await received() < 11 * MIB:
            await asyncio.sleep(0.01)
        yield DATA[11 * MIB :]

    async with asyncio.timeout(60):
        stored = await write(Chunk(0, halting()))
    assert stored is not None
    assert stored.sha256 == hashlib.sha256(DATA).hexdigest()
    stored.drop_spool()
