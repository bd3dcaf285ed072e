"""The archive: finished cases, and the package of each."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import anyio
from litestar import Response, get

from portal.domain.lifecycle import Role
from portal.services.archive import packages
from portal.services.cases import access_log
from portal.services.identity.identity import Identity
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.downloads import File, sent
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.responses import disposition, page
from portal.web.validators import Validators, quoted

KEEPERS = frozenset({Role.ARCHIVIST, Role.AUDITOR})
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveList:
    template: ClassVar = "archive/list.html"
    rows: list[dict[str, Any]]
    older: str | None


@get("/archive", may=KEEPERS)
async def show(request: AppRequest, by: Identity) -> Response[Any]:
    return page(request, ArchiveList(**await packages.listing(by, request.query_params.get("page", ""))))


@get("/cases/{number:str}/archive.zip", may=READERS)
async def download(request: AppRequest, number: str, by: Identity, store: ObjectStore, now: Now) -> Response[Any]:
    """The package, made whole before its first byte is sent, and by its digest the same one as long as it is."""
    async with AsyncExitStack() as made:
        path = await made.enter_async_context(packages.package(number, by=by, store=store))
        digest = await anyio.to_thread.run_sync(_digest, path)
        file = File(
            "application/zip",
            (await anyio.Path(path).stat()).st_size,
            Validators(quoted(digest)),
            partial(_read, path, made),
            {"Content-Disposition": disposition(f"{number}.zip")},
        )
        note = partial(access_log.note, "package", "downloaded", by=by, subject=number, number=number, now=now)
        return await sent(request, file, note)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _read(path: Path, made: AsyncExitStack, start: int, length: int | None) -> AsyncIterator[bytes]:
    """Bytes of the package; its folder goes once they are sent."""
    left = length
    async with made.pop_all(), await anyio.open_file(path, "rb") as file:
        await file.seek(start)
        while chunk := await file.read(CHUNK if left is None else min(CHUNK, left)):
            left = None if left is None else left - len(chunk)
            yield chunk


HANDLERS = [show, download]
