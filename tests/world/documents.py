"""Documents of a draft, and what lies of them in the store."""

import io
from typing import Any

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.sandbox.supervisor import Limits
from portal.services.documents import documents
from portal.storage.objects import ObjectStore
from portal.tables.documents import Document
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal

IMPATIENT = Limits(cpu=300, patience=0.3)
"""Limits under which a heavy page is soon given up."""


async def draft(portal: Portal) -> tuple[Visitor, str]:
    """A clerk with an empty draft."""
    clerk = await portal.as_("clerk")
    page = await clerk.submit("/cases", at="/cases/new")
    number = page.location.rsplit("/", 1)[-1]
    for left in objects(portal, number):  # of another test, whose database is gone
        await portal.store.remove(left)
    return clerk, number


async def held(portal: Portal, number: str) -> tuple[int, int]:
    """Rows of documents, and objects in the store, of a case."""
    return await Document.count(), len(objects(portal, number))


def objects(portal: Portal, number: str) -> list[str]:
    """The keys in the store under a case."""
    found = portal.store._client.list_objects(portal.store.bucket, prefix=f"cases/{number}/", recursive=True)
    return [str(each.object_name) for each in found]


async def only_document() -> dict[str, Any]:
    """The row of the one document that there is."""
    rows = await Document.select()
    assert len(rows) == 1
    row: dict[str, Any] = rows[0]
    return row


async def sent(builder: Builder, data: bytes, number: str | None = None) -> dict[str, Any]:
    """A document of these bytes in a draft; its row."""
    by = builder.people["clerk"]
    if number is None:
        number = await builder.draft()

    async def chunks() -> Any:
        yield data

    document, stored = await documents.receive(
        number, by=by, chunks=chunks(), limit=len(data), store=builder.store, now=builder.clock()
    )
    filing = Filing(DocumentKind.OTHER, None, None, "سند.pdf")
    await documents.add(number, document, stored, filing, by=by, store=builder.store, now=builder.clock.tick(1))
    row = await Document.select().where(Document.id == document).first()
    assert row is not None
    return row


def overwrite(store: ObjectStore, key: str, data: bytes) -> None:
    """What somebody with the keys of the store could do."""
    store._client.put_object(store.bucket, key, io.BytesIO(data), len(data))
