"""tus 1.0 as headers: what a client says, and how it is answered (https://tus.io/protocols/resumable-upload)."""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import InternalServerException

from portal.domain import filenames
from portal.services.documents.writing import Checksum
from portal.web.bodies import TooSlow
from portal.web.headers import TUS
from portal.web.identity import AppRequest

EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
ALGORITHMS = {"sha1": 20, "sha256": 32}  # bytes of a digest
BYTES = "application/offset+octet-stream"
LONGEST_METADATA = 4096
KEY = re.compile(r"[!-+\--~]+")  # ASCII without space and comma
NUMBER = re.compile(r"[0-9]{1,18}")


def abilities(limit: int) -> dict[str, str]:
    """The headers of an OPTIONS answer; `limit` in bytes."""
    return {
        "Tus-Version": TUS,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(limit),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def require_version(request: AppRequest) -> None:
    """Refuse (412) a client of another version of the protocol."""
    if request.headers.get("tus-resumable") != TUS:
        raise HTTPException(status_code=412, headers={"Tus-Version": TUS})


def require_bytes(request: AppRequest) -> None:
    """Refuse (415) a body that does not say that it is a piece of a file."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BYTES:
        raise HTTPException(status_code=415)


def number(request: AppRequest, name: str) -> int:
    """The whole number in the header `name`; else 400."""
    value = request.headers.get(name, "")
    if not NUMBER.fullmatch(value):
        raise HTTPException(status_code=400, detail=f"{name} must be a whole number")
    return int(value)


def announced(request: AppRequest) -> int | None:
    """Bytes of the body, where the client says so."""
    return number(request, "content-length") if "content-length" in request.headers else None


def checksum(request: AppRequest) -> Checksum | None:
    """What the body must give; 400 for an unknown algorithm or no digest of it."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError:  # no Base64, or no ASCII at all
        digest = b""
    if len(digest) != ALGORITHMS.get(algorithm, -1):
        raise HTTPException(status_code=400, detail="Upload-Checksum must be sha1 or sha256 and its digest in Base64")
    return Checksum(algorithm, digest)


def metadata(request: AppRequest) -> dict[str, str]:
    """The values of Upload-Metadata by key; 400 for what is malformed, 431 for more than anyone needs."""
    header = request.headers.get("upload-metadata", "")
    if len(header) > LONGEST_METADATA:
        raise HTTPException(status_code=431)
    values: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _, encoded = pair.partition(" ")
        if not KEY.fullmatch(key) or key in values:
            raise HTTPException(status_code=400, detail="a key of Upload-Metadata is malformed or stands twice")
        try:
            value = base64.b64decode(encoded, validate=True)
            values[key] = filenames.decoded(value) if key == "filename" else value.decode("utf-8")
        except ValueError:  # no Base64, no UTF-8, or no ASCII at all
            raise HTTPException(status_code=400, detail="a value of Upload-Metadata is no UTF-8 in Base64") from None
    return values


def length(request: AppRequest) -> int:
    """Bytes of the file to come; it must be known from the beginning."""
    if "upload-defer-length" in request.headers:
        raise HTTPException(status_code=400, detail="Upload-Length must be known from the beginning")
    return number(request, "upload-length")


def has_body(request: AppRequest) -> bool:
    """Whether the request brings bytes."""
    return "transfer-encoding" in request.headers or bool(announced(request))


def standing(row: Mapping[str, Any]) -> dict[str, str]:
    """How an upload stands: what is acknowledged; until when it can go on (RFC 9110 §5.6.7), or what became of it."""
    headers = {"Upload-Offset": str(row["received"])}
    if row["ended_as"] is None:
        return {**headers, "Upload-Expires": format_datetime(row["expires_at"].astimezone(UTC), usegmt=True)}
    return {**headers, "Content-Location": f"/documents/{row['id']}"}


def too_slow(request: AppRequest) -> bool:
    """Whether the body was given up because it came too slowly; what had come of it is kept."""
    return "too_slow" in request.scope


async def body(request: AppRequest) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        ConnectionError: the line was cut before its end, or is too slow (see `too_slow`).
    """
    expected, came = announced(request), 0
    try:
        async for chunk in request.stream():
            came += len(chunk)
            if chunk:
                yield chunk
    except TooSlow as error:
        request.scope["too_slow"] = True  # type: ignore[typeddict-unknown-key]
        raise ConnectionResetError from error
    except InternalServerException as error:
        raise ConnectionResetError from error
    if expected is not None and came < expected:
        raise ConnectionResetError
