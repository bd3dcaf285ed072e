"""The object store, against a real S3 service."""

import asyncio
import hashlib
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3

from portal.domain.errors import TooLarge
from portal.embedded.servers import Embedded
from portal.storage import calls, keys, trial, writer
from portal.storage.calls import Missing, StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.storage.spool import HEAD, Stored
from portal.storage.writer import PART

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024
BLOCK = os.urandom(MIB)


async def blocks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield BLOCK


async def broken_after(count: int) -> AsyncIterator[bytes]:
    async for block in blocks(count):
        yield block
    raise ConnectionResetError


def fresh_key() -> str:
    return keys.document_key("1405-00017", uuid4())


def remains(store: ObjectStore, key: str) -> list[str]:
    """What the store still knows of `key`: versions, delete markers and open uploads."""
    found = store._client.list_objects(store.bucket, prefix=key, recursive=True, include_version=True)
    uploads = store._client._list_multipart_uploads(store.bucket, prefix=key).uploads
    return [f"version {each.version_id}" for each in found] + [f"upload {each.upload_id}" for each in uploads]


@pytest.mark.parametrize("size", [0, 1, HEAD + 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 5])
async def test_bytes_come_back_as_they_went(store: ObjectStore, size: int) -> None:
    key, data = fresh_key(), (BLOCK * 17)[:size]
    stored = await store.put_bytes(key, data, "application/pdf")
    assert stored == Stored(key, size, hashlib.sha256(data).hexdigest(), data[:HEAD])
    assert await store.size(key) == size
    assert await store.get_bytes(key) == data
    assert not [line for line in remains(store, key) if line.startswith("upload")]


async def test_a_range_is_read_without_the_rest(store: ObjectStore) -> None:
    key = fresh_key()
    await writer.put(store, key, blocks(20), limit=20 * MIB)
    whole = BLOCK * 20
    for start, length in [(0, 10), (9 * MIB + 3, MIB), (20 * MIB - 7, None), (5, 0), (0, None)]:
        read = b"".join([piece async for piece in store.read(key, start, length)])
        assert read == whole[start : None if length is None else start + length]


async def test_a_range_behind_the_end_is_refused(store: ObjectStore) -> None:
    key = fresh_key()
    await store.put_bytes(key, b"0123456789")
    with pytest.raises(ValueError, match="range"):
        await anext(store.read(key, 11))


async def test_a_reader_may_leave_early(store: ObjectStore) -> None:
    key = fresh_key()
    await writer.put(store, key, blocks(20), limit=20 * MIB)
    for _ in range(calls.THREADS + 4):
        reader = store.read(key)
        await anext(reader)
        assert isinstance(reader, AsyncGenerator)
        await reader.aclose()
    assert await store.size(key) == 20 * MIB


async def test_fetch_writes_a_file_or_leaves_none(store: ObjectStore, tmp_path: Path) -> None:
    key = fresh_key()
    await writer.put(store, key, blocks(3), limit=3 * MIB)
    await store.fetch(key, tmp_path / "scan.pdf")
    assert (tmp_path / "scan.pdf").read_bytes() == BLOCK * 3
    with pytest.raises(Missing):
        await store.fetch(fresh_key(), tmp_path / "none.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["scan.pdf"]


async def test_remove_takes_every_version(store: ObjectStore) -> None:
    key = fresh_key()
    await store.put_bytes(key, b"one")
    await store.put_bytes(key, b"two")
    await store.put_bytes(f"{key}.pdf", b"a neighbour with a longer name")
    assert len(remains(store, key)) == 3
    await store.remove(key)
    await store.remove(key)
    with pytest.raises(Missing):
        await store.size(key)
    with pytest.raises(Missing):
        await store.get_bytes(key)
    assert len(remains(store, key)) == 1
    assert await store.get_bytes(f"{key}.pdf")


@pytest.mark.parametrize("limit", [0, MIB - 1, 5 * MIB, 3 * PART])
async def test_too_large_leaves_nothing(store: ObjectStore, limit: int) -> None:
    key = fresh_key()
    with pytest.raises(TooLarge) as refusal:
        await writer.put(store, key, blocks(30), limit=limit)
    assert refusal.value.facts == {"limit": limit}
    assert remains(store, key) == []


@pytest.mark.parametrize("count", [0, 3, 9, 30])
async def test_a_broken_stream_leaves_nothing(store: ObjectStore, count: int) -> None:
    key = fresh_key()
    with pytest.raises(ConnectionResetError):
        await writer.put(store, key, broken_after(count), limit=100 * MIB)
    assert remains(store, key) == []


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.2, 0.3])
async def test_a_cancelled_upload_leaves_nothing(store: ObjectStore, delay: float) -> None:
    key = fresh_key()
    upload = asyncio.create_task(writer.put(store, key, blocks(400), limit=400 * MIB))
    await asyncio.sleep(delay)
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert remains(store, key) == []


async def test_a_small_upload_cancelled_at_its_end_leaves_nothing(store: ObjectStore) -> None:
    for _ in range(10):
        key = fresh_key()
        upload = asyncio.create_task(writer.put(store, key, blocks(5), limit=5 * MIB))
        await asyncio.sleep(0.005)
        upload.cancel()
        await asyncio.gather(upload, return_exceptions=True)
        assert upload.cancelled()
        assert remains(store, key) == []


async def test_memory_stays_flat(store: ObjectStore) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before, highest = resident(), 0

    async def watched() -> AsyncIterator[bytes]:
        nonlocal highest
        async for block in blocks(256):
            highest = max(highest, resident())
            yield block

    key = fresh_key()
    stored = await writer.put(store, key, watched(), limit=256 * MIB)
    assert stored.size == 256 * MIB
    assert highest - before < 64 * MIB
    await store.remove(key)


def test_keys_hold_no_name_that_a_person_typed() -> None:
    number, some_id = "1405-00017", uuid4()
    for key in (f(number, some_id) for f in (keys.document_key, keys.letter_key)):
        assert key.isascii()
        assert number in key
        assert str(some_id) in key


async def test_a_store_that_is_gone_is_told(servers: Embedded) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = ObjectStore(replace(servers.s3, endpoint=f"127.0.0.1:{unused.getsockname()[1]}"))
        for attempt in (gone.ready(), trial.write(gone), gone.put_bytes("a", b"b"), anext(gone.read("a"))):
            with pytest.raises(StoreUnavailable):
                await attempt


async def test_a_store_that_hangs_is_told_when_patience_ends(servers: Embedded) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"127.0.0.1:{silent.getsockname()[1]}"
        patience = urllib3.Timeout(connect=0.5, read=0.5)
        hung = ObjectStore(replace(servers.s3, endpoint=endpoint), patience=patience, deadline=600)
        with pytest.raises(StoreUnavailable):
            await hung.get_bytes("a")


async def test_wrong_credentials_are_the_offices_fault_not_the_persons(servers: Embedded) -> None:
    with pytest.raises(StoreUnavailable):
        await ObjectStore(replace(servers.s3, secret_key="wrong")).put_bytes("a", b"b")


async def test_a_missing_bucket_is_unavailable(servers: Embedded) -> None:
    with pytest.raises(StoreUnavailable):
        await trial.write(ObjectStore(replace(servers.s3, bucket="never-made")))


async def test_two_nodes_may_get_ready_at_once(servers: Embedded) -> None:
    nodes = [ObjectStore(replace(servers.s3, bucket=f"two-{os.getpid()}")) for _ in range(2)]
    await asyncio.gather(*(node.ready() for node in nodes))
    await asyncio.gather(*(trial.write(node) for node in nodes))
    await asyncio.gather(*(node.check() for node in nodes))
    key = fresh_key()
    await nodes[0].put_bytes(key, b"of one for both")
    assert await nodes[1].get_bytes(key) == b"of one for both"
