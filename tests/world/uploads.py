"""Uploads: announced, begun and slow ones, whose they are, and what is left of them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.services.cases import cases
from portal.services.documents import uploads
from portal.services.documents.uploads import Announced
from portal.services.identity.identity import Identity
from tests.world.clock import Clock
from tests.world.documents import draft
from tests.world.portal import Portal
from tests.world.tus import Tus

MIB = 1024 * 1024


async def clerk(portal: Portal) -> Tus:
    """A clerk who uploads into an empty draft."""
    return Tus(*await draft(portal))


def announced(length: int, sha256: str | None = None) -> Announced:
    """A file of so many bytes, as its sender announces it; `sha256` in hex, where they know it."""
    return Announced(Filing(DocumentKind.OTHER, None, None, "سند.pdf"), length, sha256, "")


async def begun(by: Identity, length: int, clock: Clock) -> UUID:
    """An upload of so many bytes on its way into an empty case that `by` opens."""
    number = await cases.open_case(by=by, now=clock())
    return await uploads.begin(number, announced(length), by=by, limit=length, now=clock())


def remains(portal: Portal) -> list[str]:
    """Objects, versions and open multipart uploads of the test's bucket that belong to this test's uploads."""
    client, bucket = portal.store._client, portal.store.bucket
    listed = client.list_objects(bucket, recursive=True, include_version=True)
    begun = client._list_multipart_uploads(bucket).uploads
    return [str(each.object_name) for each in listed] + [f"parts of {each.object_name}" for each in begun]


class Slow:
    """A body whose second half waits for a word."""

    def __init__(self, data: bytes) -> None:
        self.data, self.begun, self.go = data, asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self.data) // 2
        yield self.data[:half]
        self.begun.set()
        await self.go.wait()
        yield self.data[half:]
