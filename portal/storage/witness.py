"""Places outside the portal that keep a checkpoint: a folder, a bucket of another store, an address; and time stamps.

What is put there is never overwritten: a file of this name with other bytes is a refusal, and worth an alarm.
"""

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import anyio
import urllib3
from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from portal.settings import S3Settings
from portal.storage.calls import Missing, StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.variables import OperatorError, is_secure

PATIENCE = urllib3.Timeout(connect=5, read=20)  # seconds
LARGEST_TOKEN = 1024 * 1024


class WitnessError(OperatorError):
    """The place refuses, does not answer, or holds something else under this name."""


def without_secrets(target: str) -> str:
    """`target` as it may be shown and recorded: no user, no password, no query."""
    parts = urlsplit(target)
    if not parts.scheme:
        return target
    return f"{parts.scheme}://{_endpoint(parts)}{parts.path}"


def _endpoint(parts: SplitResult) -> str:
    """host:port, as it was written, without the user before it."""
    return parts.netloc.rpartition("@")[2]


async def put(target: str, name: str, data: bytes) -> None:
    """Put `data` as `name` at `target`: a folder's path, `s3://KEY:SECRET@host:port/bucket/prefix`, or `https://…`.

    Raises:
        WitnessError.
    """
    parts = urlsplit(target)
    match parts.scheme:
        case "s3":
            await _into_bucket(parts, name, data)
        case "http" | "https":
            await anyio.to_thread.run_sync(_to_address, target, name, data)
        case "" | "file":
            await anyio.to_thread.run_sync(_into_folder, Path(parts.path or target), name, data)
        case other:
            raise WitnessError(
                "“%(kind)s” is no kind of place for checkpoints: use a folder, s3:// or https://.", kind=other
            )


def _into_folder(folder: Path, name: str, data: bytes) -> None:
    """Whole or not at all: the file appears under its name once its bytes are on the disk."""
    target, partial = folder / name, folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            _require_same(target.read_bytes(), data, str(target))
            return
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    except OSError as error:
        raise WitnessError(
            "The checkpoint cannot be written (%(error)s): %(path)s", path=target, error=str(error.strerror)
        ) from error


async def _into_bucket(parts: SplitResult, name: str, data: bytes) -> None:
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not (parts.hostname and parts.username and parts.password and bucket):
        raise WitnessError("A bucket for checkpoints reads s3://KEY:SECRET@host:port/bucket/prefix")
    asked = {each: values[-1] for each, values in parse_qs(parts.query).items()}
    settings = S3Settings(
        _endpoint(parts),
        unquote(parts.username),
        unquote(parts.password),
        bucket,
        is_secure(asked.get("secure", "true")),
        asked.get("region", "us-east-1"),
    )
    store, key = ObjectStore(settings), f"{prefix}/{name}" if prefix else name
    try:
        _require_same(await store.get_bytes(key), data, without_secrets(parts.geturl()))
    except Missing:
        await _store(store, key, data)
    except StoreUnavailable as error:
        raise WitnessError("The bucket for checkpoints does not answer: %(error)s", error=str(error)) from error
    finally:
        store.close()


async def _store(store: ObjectStore, key: str, data: bytes) -> None:
    try:
        await store.put_bytes(key, data, "text/plain; charset=utf-8")
    except StoreUnavailable as error:
        raise WitnessError("The bucket for checkpoints does not answer: %(error)s", error=str(error)) from error


def _require_same(found: bytes, data: bytes, where: str) -> None:
    if found != data:
        raise WitnessError(
            "There is another checkpoint of the same size: the journal may have been changed. It is here: %(where)s",
            where=Path(where) if "://" not in where else where,
        )


def _to_address(target: str, name: str, data: bytes) -> None:
    parts = urlsplit(target)
    user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else None
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if user:
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"  # RFC 7617 §2.1: UTF-8
    address = f"{without_secrets(target).rstrip('/')}/{name}"
    try:
        answer = urllib3.request("PUT", address, body=data, headers=headers, timeout=PATIENCE, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise WitnessError("%(address)s does not answer: %(error)s", address=address, error=str(error)) from error
    if not 200 <= answer.status < 300:
        raise WitnessError("%(address)s refused the checkpoint: %(status)s", address=address, status=answer.status)


async def time_stamp(authority: str, data: bytes) -> bytes:
    """The authority's answer to `data` (RFC 3161, SHA-256, with its certificate), DER.

    Raises:
        WitnessError: it does not answer, refuses, or stamped something else.
    """
    return await anyio.to_thread.run_sync(_time_stamp, authority, data)


def _time_stamp(authority: str, data: bytes) -> bytes:
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        answer = urllib3.request(
            "POST", authority, body=request.as_bytes(), headers=headers, timeout=PATIENCE, retries=False
        )
        body = answer.data[: LARGEST_TOKEN + 1]
        response = decode_timestamp_response(body)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise WitnessError(
            "The time-stamp authority does not answer as it should: %(error)s", error=str(error)
        ) from error
    if response.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        raise WitnessError(
            "The time-stamp authority refused: %(why)s",
            why=str("; ".join(response.status_string) or response.status),
        )
    info = response.tst_info
    if info.message_imprint.message != hashlib.sha256(data).digest() or info.nonce != request.nonce:
        raise WitnessError("The time-stamp authority stamped something else.")
    return body
