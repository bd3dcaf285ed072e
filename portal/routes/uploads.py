"""Uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) for files that must survive a bad line."""

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import HttpMethod, MediaType, Response, delete, get, head, patch, post, route
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException

from portal.domain.documents import Filing
from portal.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.domain.uploads import BeyondLength, ChecksumDiffers, Gone, Locked, OffsetDiffers
from portal.services.cases import signing
from portal.services.documents import uploads
from portal.services.documents.uploads import Announced
from portal.services.documents.writing import Chunk
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.storage.calls import StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.web import errors, forms, tus
from portal.web.bodies import TooSlow
from portal.web.dependencies import Now
from portal.web.filing import FilingForm
from portal.web.guards import SignInNeeded
from portal.web.identity import AppRequest
from portal.web.responses import with_pause
from portal.web.words import error_messages

UPLOADERS = roles_of(Act.DOCUMENT)
SHA256 = re.compile(r"[0-9a-f]{64}")
STATUS: dict[type[DomainError], int] = {
    SignInNeeded: 401,
    Forbidden: 403,
    NotFound: 404,
    OffsetDiffers: 409,
    Gone: 410,
    TooLarge: 413,
    BeyondLength: 413,
    Conflict: 422,  # 409 is the offset's alone
    Invalid: 422,
    Locked: 423,
    TooMany: 429,
    ChecksumDiffers: 460,
    Unavailable: 503,
}


def refused(request: AppRequest, error: Exception) -> Response[str]:
    """A refusal as one plain sentence: programs read the status, and the page shows the sentence beside the file."""
    headers: dict[str, str] = {}
    match error:
        case SignInNeeded():
            return _plain(401, "", headers)
        case Gone():
            headers["Upload-Ended"] = error.code
            return _plain(410, _ended(error), headers)
        case OffsetDiffers():
            headers["Upload-Offset"] = str(error.facts["offset"])
        case HTTPException():
            return _plain(error.status_code, error.detail, error.headers or {})
    if isinstance(error, DomainError):
        return with_pause(_plain(STATUS[type(error)], _sentence(error), headers), error)
    page = errors.broke(request, error)
    return _plain(page.status_code or 500, error_messages.sentence("try-later"), dict(page.headers))


def _plain(status: int, text: str, headers: dict[str, str]) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.TEXT, headers=headers)


def _sentence(error: DomainError) -> str:
    if isinstance(error, Invalid):
        return " ".join(error_messages.of_error(error).values())
    if isinstance(error, NotFound):
        return error_messages.sentence("no-upload")
    return error_messages.sentence(error.code, error.facts)


def _ended(error: Gone) -> str:
    refusal = error.facts["refusal"]
    if refusal is None:
        return error_messages.sentence(f"upload-{error.code}")
    if "errors" in refusal:
        return _sentence(Invalid(refusal["errors"]))
    return error_messages.sentence(refusal["code"], refusal["facts"])


REFUSALS: Any = {DomainError: refused, HTTPException: refused, Exception: refused}


@route(
    ["/uploads", "/uploads/{upload:uuid}"],
    http_method=[HttpMethod.OPTIONS],
    public=True,
    exception_handlers=REFUSALS,
    name="upload-abilities",
)
async def abilities(settings: Settings) -> Response[None]:
    """What the protocol's server can do."""
    return Response(None, status_code=204, headers=tus.abilities(settings.upload_limit))


@post("/uploads", may=UPLOADERS, request_max_body_size=None, exception_handlers=REFUSALS)
async def begin(request: AppRequest, by: Identity, store: ObjectStore, settings: Settings, now: Now) -> Response[None]:
    """Make room for a file; what comes along with the request is its first piece."""
    tus.require_version(request)
    has_body = tus.has_body(request)
    if has_body:
        tus.require_bytes(request)
    checksum, length = tus.checksum(request), tus.length(request)
    given = tus.metadata(request)
    number = given.get("case", "")
    if not number.isprintable():
        raise NotFound("case")
    await signing.approach(number, Act.DOCUMENT, by)
    file = Announced(filing_of(given), length, digest_of(given), request.headers.get("upload-metadata", ""))
    upload = await uploads.begin(number, file, by=by, limit=settings.upload_limit, now=now)
    row = await uploads.look(upload, by=by, now=now)
    if has_body:
        with suppress(StoreUnavailable):  # the room is there: the client goes on from what is acknowledged
            piece = Chunk(0, tus.body(request), tus.announced(request), checksum)
            row = await _append(request, upload, piece, by, store, settings)
    background = BackgroundTask(uploads.expire, store=store, now=now, most=20)
    headers = {"Location": f"/uploads/{upload}", **tus.standing(row)}
    return Response(None, status_code=201, headers=headers, background=background)


def filing_of(given: dict[str, str]) -> Filing:
    """Where the file belongs; raises Invalid."""
    typed = {name: [given.get(name, "")] for name in ("kind", "year", "replaces", "once")}
    return forms.parse(typed, FilingForm).filing(given.get("filename", ""))


def digest_of(given: dict[str, str]) -> str | None:
    """SHA-256 of the file as the sender computed it, in hex; raises Invalid for what is none."""
    digest = given.get("sha256", "").lower()
    if digest and not SHA256.fullmatch(digest):
        raise Invalid({"sha256": "digest-shape"})
    return digest or None


async def _append(
    request: AppRequest, upload: UUID, piece: Chunk, by: Identity, store: ObjectStore, settings: Settings
) -> dict[str, Any]:
    clock = request.app.state.clock
    try:
        return await uploads.append(upload, piece, by=by, store=store, memory=settings.upload_memory, clock=clock)
    except ChecksumDiffers as error:
        if tus.too_slow(request):
            raise TooSlow({"Upload-Offset": str(piece.offset)}) from error
        raise


@head("/uploads/{upload:uuid}", may=UPLOADERS, exception_handlers=REFUSALS)
async def look(request: AppRequest, upload: UUID, by: Identity, now: Now) -> Response[None]:
    """How much is acknowledged."""
    tus.require_version(request)
    row = await uploads.look(upload, by=by, now=now)
    headers = {"Upload-Length": str(row["length"]), "Upload-Metadata": row["metadata"], "Cache-Control": "no-store"}
    return Response(None, status_code=200, headers={**headers, **tus.standing(row)})


@get("/uploads/{upload:uuid}", may=UPLOADERS, exception_handlers=REFUSALS)
async def tell(upload: UUID, by: Identity, now: Now) -> Response[str]:
    """How the upload stands, in words: why it was refused, for whoever lost the answer on the way."""
    row = await uploads.look(upload, by=by, now=now)
    return Response("", status_code=200, media_type=MediaType.TEXT, headers=tus.standing(row))


@patch("/uploads/{upload:uuid}", may=UPLOADERS, request_max_body_size=None, exception_handlers=REFUSALS)
async def append(
    request: AppRequest, upload: UUID, by: Identity, store: ObjectStore, settings: Settings
) -> Response[None]:
    """Take a piece of the file; the last one is acknowledged once the document is recorded."""
    tus.require_version(request)
    tus.require_bytes(request)
    piece = Chunk(
        tus.number(request, "upload-offset"), tus.body(request), tus.announced(request), tus.checksum(request)
    )
    row = await _append(request, upload, piece, by, store, settings)
    if tus.too_slow(request):
        raise TooSlow(tus.standing(row))
    timing = {"Server-Timing": f"check;dur={row['checked_for'] * 1000:.0f}"}
    return Response(None, status_code=204, headers={**tus.standing(row), **timing})


@delete("/uploads/{upload:uuid}", may=UPLOADERS, status_code=204, exception_handlers=REFUSALS)
async def terminate(request: AppRequest, upload: UUID, by: Identity, store: ObjectStore, now: Now) -> Response[None]:
    """Let go of an upload."""
    tus.require_version(request)
    await uploads.terminate(upload, by=by, store=store, now=now)
    return Response(None, status_code=204)


@post("/uploads/{upload:uuid}", may=UPLOADERS, request_max_body_size=None, exception_handlers=REFUSALS)
async def override(
    request: AppRequest, upload: UUID, by: Identity, store: ObjectStore, settings: Settings, now: Now
) -> Response[Any]:
    """The same for clients that can send nothing but POST (X-HTTP-Method-Override)."""
    answer: Response[Any]
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            answer = await append.fn(request, upload, by, store, settings)
        case "DELETE":
            answer = await terminate.fn(request, upload, by, store, now)
        case "HEAD":
            answer = await look.fn(request, upload, by, now)
        case _:
            raise HTTPException(status_code=405, headers={"Allow": "HEAD, GET, PATCH, DELETE, OPTIONS"})
    return answer


HANDLERS = [abilities, begin, look, tell, append, terminate, override]
