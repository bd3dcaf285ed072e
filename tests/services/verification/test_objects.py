"""Bytes against digests: what was swapped or is gone in the store is named."""

from portal.services.verification import objects
from portal.tables.acts import LetterScan, LetterSeal
from portal.tables.documents import Document
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.letter_scans import attach
from tests.world.seals import seal_all
from tests.world.verification import World, wrong_objects


async def test_an_object_swapped_or_gone_in_the_store(world: World) -> None:
    rows = await Document.select(Document.id, Document.key).order_by(Document.id)
    swapped, gone = rows[0], rows[1]
    await world.store.put_bytes(swapped["key"], b"another scan")
    await world.store.remove(gone["key"])
    assert await world.found() == [
        f"object-differs document {swapped['id']}",
        f"object-missing document {gone['id']}",
    ]


async def test_a_scan_of_a_letter_swapped_in_the_store(world: World, people: Cast, clock: Clock) -> None:
    await attach(Builder(people, world.store, clock), world.number)
    assert await world.found() == []
    (row,) = await LetterScan.select()
    await world.store.put_bytes(row["key"], b"another scan")
    assert await world.found() == [f"object-differs letter scan {row['id']}"]


async def test_every_object_is_read_and_every_swapped_one_named(world: World) -> None:
    assert await objects.count() == 6 + 6 + 1
    rows = await Document.select(Document.key).order_by(Document.id)
    for row in rows:
        await world.store.put_bytes(row["key"], b"another scan")
    assert await wrong_objects(world.store) == [("object-differs", row["key"]) for row in rows]


async def test_a_sealed_letter_swapped_in_the_store(world: World, clock: Clock) -> None:
    await seal_all(world.store, clock.tick())
    assert await world.found() == []
    (row,) = await LetterSeal.select()
    await world.store.put_bytes(row["key"], b"another letter")
    assert await world.found() == [f"object-differs sealed letter {row['id']}"]
