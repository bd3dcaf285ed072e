"""The writer of parts, with a keeper and without, against a real S3 service. `test_objects` has `put`."""

import hashlib
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from portal.domain.uploads import BeyondLength
from portal.storage import keys
from portal.storage.calls import Missing
from portal.storage.kept import NOTHING, Kept
from portal.storage.objects import ObjectStore
from portal.storage.spool import Running
from portal.storage.writer import Plan, Writer

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024
PART = 5 * MIB
DATA = bytes(range(256)) * (12 * MIB // 256)


@dataclass
class Memory:
    """A keeper that remembers every state."""

    name: str
    states: list[Kept] = field(default_factory=list)

    def tail(self, received: int) -> str:
        return f"uploads/{self.name}/{received}"

    async def keep(self, kept: Kept) -> None:
        self.states.append(kept)

    @property
    def last(self) -> Kept:
        return self.states[-1] if self.states else NOTHING


def plan(*, length: int = len(DATA), holds: bool = False) -> Plan:
    key = keys.document_key("1405-00018", uuid4())
    return Plan(key, f"{key}-alone", PART, 3, length, (), holds)


async def send(writer: Writer, data: bytes) -> None:
    await writer.open()
    for at in range(0, len(data), MIB):
        await writer.add(data[at : at + MIB])


async def test_what_is_kept_grows_part_by_part_and_ends_in_a_tail(store: ObjectStore) -> None:
    memory, wanted = Memory(str(uuid4())), plan()
    writer = Writer(store, wanted, Running(), keeper=memory)
    await send(writer, DATA[: 11 * MIB])
    await writer.keep_rest()
    await writer.close()
    assert [(each.received // MIB, len(each.tags), each.tail is not None) for each in memory.states] == [
        (0, 0, False),  # the multipart id alone, before any part
        (5, 1, False),
        (10, 2, False),
        (11, 2, True),
    ]
    assert memory.last.tail is not None
    assert await store.get_bytes(memory.last.tail) == DATA[10 * MIB : 11 * MIB]
    assert writer.age == 0.0


async def test_another_writer_goes_on_behind_what_is_kept(store: ObjectStore) -> None:
    memory, wanted = Memory(str(uuid4())), plan()
    first = Writer(store, wanted, Running(), keeper=memory)
    await send(first, DATA[: 6 * MIB])
    await first.keep_rest()
    await first.close()
    tail = memory.last.tail
    assert tail is not None
    second = Writer(store, wanted, None, memory.last, memory)
    await send(second, DATA[6 * MIB :])
    stored = await second.finish()
    await second.close()
    assert (stored.key, stored.size) == (wanted.key, len(DATA))
    assert stored.sha256 == hashlib.sha256(DATA).hexdigest(), "read back, as nobody knew the digest"
    assert await store.get_bytes(wanted.key) == DATA
    with pytest.raises(Missing):
        await store.get_bytes(tail)


async def test_what_is_shorter_than_a_part_lies_alone(store: ObjectStore) -> None:
    wanted, memory = plan(length=1000), Memory(str(uuid4()))
    writer = Writer(store, wanted, Running(), keeper=memory)
    await send(writer, DATA[:1000])
    stored = await writer.finish()
    await writer.close()
    assert (stored.key, stored.sha256) == (wanted.alone, hashlib.sha256(DATA[:1000]).hexdigest())
    assert await store.get_bytes(wanted.alone) == DATA[:1000]
    assert memory.states == []


async def test_nothing_is_kept_before_the_checksum_agrees(store: ObjectStore) -> None:
    memory = Memory(str(uuid4()))
    writer = Writer(store, plan(holds=True), Running(), keeper=memory)
    await send(writer, DATA[: 11 * MIB])
    assert [each.tags for each in memory.states] == [()], "the multipart id alone, so that it can be aborted"
    await writer.keep_rest()
    await writer.close()
    assert (memory.last.received, len(memory.last.tags)) == (11 * MIB, 2)


async def test_the_last_byte_is_left_to_the_end(store: ObjectStore) -> None:
    memory = Memory(str(uuid4()))
    writer = Writer(store, plan(), Running(), keeper=memory)
    await send(writer, DATA)
    await writer.keep_rest()
    assert memory.last.received == 10 * MIB
    with pytest.raises(BeyondLength):
        await writer.add(b"x")
    await writer.abandon()


async def test_whoever_abandons_leaves_nothing(store: ObjectStore) -> None:
    wanted = plan()
    writer = Writer(store, wanted, Running())
    await send(writer, DATA[: 11 * MIB])
    await writer.abandon()
    whole = Writer(store, wanted, Running())
    await send(whole, DATA)
    await whole.finish()
    await whole.abandon()
    assert await store.listing(wanted.key) == []
    assert [each for each in await store.open_uploads("cases/") if each.key == wanted.key] == []
