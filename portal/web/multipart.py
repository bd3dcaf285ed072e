"""A multipart form whose file never lies in memory or on disk: fields are kept, the file is handed on as it comes."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias, TypeVar

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from portal.domain import filenames
from portal.domain.errors import Invalid, TooLarge
from portal.web.forms import Typed
from portal.web.identity import AppRequest

T = TypeVar("T")
Event: TypeAlias = MultipartSegment | bytearray | bytes | None

FIELD_LIMIT = 4096  # bytes of one field's text
FIELDS = 20
LINE_LIMIT = 16 * 1024  # bytes of one header of a segment: an office's names of files are long
AS_BYTES = "latin-1"  # how the parser keeps a header's bytes as they came
EXTENDED = re.compile(r";\s*filename\*\s*=\s*[\w-]*'[\w-]*'([^;\s]*)", re.IGNORECASE)  # RFC 5987
BARE = re.compile(r";\s*filename\s*=([^;\"]*)", re.IGNORECASE)  # without quotation marks, which the parser wants
NUMBER = re.compile(r"[0-9]{1,18}")
OVERHEAD = 64 * 1024  # what boundaries and fields may add to a file
DRAIN = 1024 * 1024 * 1024  # a browser hears no answer until it has sent its body: how much is read and let go


async def read(
    request: AppRequest, name: str, limit: int, receive: Callable[[str, AsyncIterator[bytes]], Awaitable[T]]
) -> tuple[Typed, str, T]:
    """The form's fields, the name of the file in the field `name`, and what `receive(filename, chunks)` made of it.

    Raises:
        Invalid: no such file came, or the form is malformed.
        TooLarge: the body is announced as larger than `limit` bytes of file.
    """
    fields: Typed = {}
    request.scope["typed"] = fields  # type: ignore[typeddict-unknown-key]
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary")
    if not boundary:
        raise Invalid({name: "no-file"})
    if (announced(request) or 0) > limit + OVERHEAD:
        raise TooLarge("file-too-large", size=limit)
    found: list[tuple[str, T]] = []
    try:
        with _parser(boundary, limit) as parser:
            events = _events(request, parser)
            async for event in events:
                if isinstance(event, MultipartSegment):
                    filename = _filename(event)
                    if event.name == name and filename is not None and not found:
                        found.append((filename, await receive(filename, _body(events))))
                    else:
                        fields.setdefault(_plain(event.name), []).append(await _text(events))
    except MultipartError as error:
        raise Invalid({name: "not-whole"}) from error
    if not found:
        raise Invalid({name: "no-file"})
    return fields, *found[0]


def _parser(boundary: str, limit: int) -> PushMultipartParser:
    return PushMultipartParser(
        boundary,
        max_segment_count=FIELDS,
        max_segment_size=limit + OVERHEAD,
        max_header_size=LINE_LIMIT,
        header_charset=AS_BYTES,
    )


def _filename(segment: MultipartSegment) -> str | None:
    """The name of the file in `segment`, in whichever way its program wrote it; None for a field that is no file."""
    said = segment.header("Content-Disposition", "")
    if extended := EXTENDED.search(said):
        return filenames.decoded(extended[1].encode(AS_BYTES))
    if segment.filename is not None:
        return filenames.decoded(segment.filename.encode(AS_BYTES))
    bare = BARE.search(said)
    return filenames.decoded(bare[1].strip().encode(AS_BYTES)) if bare else None


def _plain(name: str | None) -> str:
    return (name or "").encode(AS_BYTES).decode("utf-8", "replace")


def announced(request: AppRequest) -> int | None:
    """Bytes of the whole body, where the client says so."""
    length = request.headers.get("content-length", "")
    return int(length) or None if NUMBER.fullmatch(length) else None


def _chunks(request: AppRequest) -> AsyncIterator[bytes]:
    """The body's one stream: whoever comes later goes on where the last one stopped."""
    chunks: AsyncIterator[bytes] | None = request.scope.get("chunks")  # type: ignore[assignment]
    if chunks is None:
        chunks = request.stream()
        request.scope["chunks"] = chunks  # type: ignore[typeddict-unknown-key]
    return chunks


async def _events(request: AppRequest, parser: PushMultipartParser) -> AsyncIterator[Event]:
    async for chunk in _chunks(request):
        for event in parser.parse(chunk):
            yield event
    for event in parser.parse(b""):
        yield event


async def _body(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """The payload of the segment that has just begun."""
    async for event in events:
        if event is None:
            return
        assert not isinstance(event, MultipartSegment)
        yield bytes(event)


async def _text(events: AsyncIterator[Event]) -> str:
    text = bytearray()
    async for chunk in _body(events):
        text += chunk
        if len(text) > FIELD_LIMIT:
            raise MultipartError("a field is too long")
    return text.decode("utf-8", "replace")


async def drain(request: AppRequest) -> None:
    """Read what is left of a refused body, so that the browser comes to read the answer."""
    read_so_far = 0
    async for chunk in _chunks(request):
        read_so_far += len(chunk)
        if read_so_far > DRAIN:
            return
