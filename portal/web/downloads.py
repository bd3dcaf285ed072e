"""Files as they are sent: whole, in part, or not at all where the reader has them already (RFC 9110 §13, §14)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from litestar import MediaType, Response
from litestar.response import Stream

from portal.web import validators
from portal.web.heads import fields, is_head
from portal.web.identity import AppRequest
from portal.web.responses import begun
from portal.web.validators import Validators

Read = Callable[[int, int | None], AsyncIterator[bytes]]
"""The bytes from a start on, so many of them (None: to the end)."""
SANDBOXED: Mapping[str, str] = MappingProxyType({"Content-Security-Policy": "default-src 'none'; sandbox"})
"""Of a file that somebody sent: whatever is in it runs nothing and loads nothing."""
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
}


@dataclass(frozen=True, slots=True)
class File:
    """What is to be sent. `is_settled`: made again, it has the same bytes, so that a download can be taken up again."""

    media_type: str
    size: int
    known: Validators
    read: Read
    headers: Mapping[str, str] = field(default_factory=dict)
    is_settled: bool = True


async def sent(request: AppRequest, file: File, note: Callable[[], Awaitable[None]]) -> Response[Any]:
    """The answer to GET or HEAD. `note` leaves the line in the access log, once bytes go out or are found current."""
    asked = fields(request)
    common = {"Accept-Ranges": validators.UNITS if file.is_settled else "none", **file.known.as_headers()}
    refused = validators.refusal(asked, file.known)
    if refused == 304:
        if not is_head(request):
            await note()
        return Stream(_nothing(), status_code=304, headers={**common, **_kept(file)})
    if refused:
        return Response("", status_code=refused, media_type=MediaType.TEXT, headers=common)
    wanted = validators.part(asked, file.known, file.size) if file.is_settled and not is_head(request) else None
    if wanted and not wanted.length:
        unmet = {**common, "Content-Range": f"{validators.UNITS} */{file.size}"}
        return Response("", status_code=416, media_type=MediaType.TEXT, headers=unmet)
    headers = {**common, **file.headers, "Content-Length": str(wanted.length if wanted else file.size)}
    if is_head(request):
        return Stream(_nothing(), media_type=file.media_type, headers=headers)
    if wanted:
        headers["Content-Range"] = wanted.content_range
    pieces = await begun(file.read(wanted.start, wanted.length) if wanted else file.read(0, None))
    await note()
    return Stream(pieces, status_code=206 if wanted else 200, media_type=file.media_type, headers=headers)


def named_for(filename: str, media_type: str) -> str:
    """The name under which a file is handed out: whatever it was called, its ending says what its bytes are."""
    endings = ENDINGS[media_type]
    return filename if filename.casefold().endswith(endings) else filename + endings[0]


async def unnoted() -> None:
    """No line of the access log: of a file that holds nothing of a case's papers."""


def in_memory(data: bytes) -> Read:
    """How to read bytes that are here."""

    async def read(start: int, length: int | None) -> AsyncIterator[bytes]:
        yield data[start : None if length is None else start + length]

    return read


def _kept(file: File) -> dict[str, str]:
    """Of the file's own fields those that a 304 repeats (§15.4.5)."""
    return {name: value for name, value in file.headers.items() if name in ("Cache-Control", "Vary")}


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
