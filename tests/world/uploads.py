"""Uploads over HTTP: whose they are, what is left of them, and slow ones."""

import asyncio
from collections.abc import AsyncIterator

from tests.world.documents import draft
from tests.world.portal import Portal
from tests.world.tus import Tus

MIB = 1024 * 1024


async def clerk(portal: Portal) -> Tus:
    """A clerk who uploads into an empty draft."""
    return Tus(*await draft(portal))


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
