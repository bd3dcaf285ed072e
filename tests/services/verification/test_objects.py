"""Bytes against digests: what was swapped or is gone in the store is named."""

from portal.services.verification import objects
from portal.tables.documents import Document
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


async def test_every_object_is_read_and_every_swapped_one_named(world: World) -> None:
    assert await objects.count() == 6 + 6 + 1
    rows = await Document.select(Document.key).order_by(Document.id)
    for row in rows:
        await world.store.put_bytes(row["key"], b"another scan")
    assert await wrong_objects(world.store) == [("object-differs", row["key"]) for row in rows]
