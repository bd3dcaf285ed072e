"""The archive: finished cases, and the package of each."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
from litestar import Response, get
from litestar.response import Stream

from portal.domain.lifecycle import Role
from portal.services import archives, readings
from portal.services.people import Identity
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.responses import disposition, page

READERS = EVERYBODY - {Role.ADMINISTRATOR}
KEEPERS = frozenset({Role.ARCHIVIST, Role.AUDITOR})
CHUNK = 256 * 1024


@get("/archive", may=KEEPERS)
async def show(request: AppRequest, by: Identity) -> Response[Any]:
    return page(request, "archive/list.html", **await archives.listing(by, request.query_params.get("page", "")))


@get("/cases/{number:str}/archive.zip", may=READERS)
async def download(request: AppRequest, number: str, by: Identity, store: ObjectStore, now: Now) -> Response[Any]:
    """The package, made whole before its first byte is sent."""
    open_until_sent = AsyncExitStack()
    path = await open_until_sent.enter_async_context(archives.package(number, by=by, store=store, now=now))
    await readings.note("package", "downloaded", by=by, subject=number, number=number, now=now)
    headers = {
        "Content-Disposition": disposition(f"{number}.zip"),
        "Content-Length": str((await anyio.Path(path).stat()).st_size),
    }
    return Stream(_sent(path, open_until_sent), media_type="application/zip", headers=headers)


async def _sent(path: Path, until: AsyncExitStack) -> AsyncIterator[bytes]:
    async with until, await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(CHUNK):
            yield chunk


HANDLERS = [show, download]
