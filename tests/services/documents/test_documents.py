"""Documents whose recording is cut short: a row always has its bytes."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from asyncpg import PostgresConnectionError

from portal import piccolo_conf
from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.services.documents import documents
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from tests.world.builders import Builder, scan
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.lines import Line, line


@pytest.fixture
async def wire(engine: Settings) -> AsyncIterator[Line]:
    """The line between the services and their database."""
    assert engine.database_url is not None
    url = urlsplit(engine.database_url)
    assert url.port is not None
    async with line(url.port) as wire:
        here = f"{url.username}:{url.password}@127.0.0.1:{wire.port}"
        await piccolo_conf.DB.close_connection_pool()
        piccolo_conf.aim(urlunsplit(url._replace(netloc=here)))
        await piccolo_conf.start_pool(least=1, most=5)
        yield wire


async def test_a_lost_answer_to_the_commit_leaves_the_row_its_bytes(
    wire: Line, people: Cast, store: ObjectStore, clock: Clock
) -> None:
    by, number, data = people["clerk"], await Builder(people, store, clock).draft(), scan()

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    document, stored = await documents.receive(
        number, by=by, chunks=chunks(), limit=len(data), store=store, now=clock()
    )
    filing = Filing(DocumentKind.OTHER, None, None, "سند.pdf")
    wire.last_words = b"COMMIT"
    adding = documents.add(number, document, stored, filing, by=by, store=store, now=clock.tick(1))
    with pytest.raises(PostgresConnectionError):
        await asyncio.create_task(adding)  # a request of its own: the broken transaction stays within it
    row = await Document.select().where(Document.id == document).first()
    assert row is not None
    assert await store.get_bytes(row["key"]) == data
