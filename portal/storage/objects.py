"""The object store: one bucket of any S3 service, reached through the MinIO SDK. The only module that knows the SDK.

Bytes arrive in parts of `PART` bytes and leave in pieces of `PIECE` bytes, so memory stays flat whatever the size.
The parts are sent here and not by `Minio.put_object(length=-1)`: that one keeps a thread for as long as a slow
client takes, and after a failure leaves its threads behind and may still be sending a part while it aborts. The
multipart calls are private to the SDK (its version is pinned in pyproject.toml and `tests/storage` covers them).
"""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, Tags
from minio.datatypes import Part
from minio.error import MinioException, S3Error
from minio.versioningconfig import VersioningConfig

from portal.domain.errors import TooLarge as TooLarge
from portal.settings import S3Settings
from portal.storage.spool import HEAD as HEAD
from portal.storage.spool import Running, Spool

PART = 8 * 1024 * 1024  # S3 takes 10,000 parts of at least 5 MiB
PARTS_UNDER_WAY = 2
PIECE = 256 * 1024
THREADS = 16
LISTED = 1000  # keys of one listing
PATIENCE = urllib3.Timeout(connect=2, read=10)  # seconds: a dead store is an answer, not a wait
PAUSES = (0.2, 1.0, 3.0)
RETRIES = urllib3.Retry(connect=1, read=0, other=0, status=1, backoff_factor=0.2, status_forcelist=[502, 503, 504])
BINARY = "application/octet-stream"
ABSENT = {"NoSuchKey", "NoSuchVersion", "NoSuchObject", "NoSuchUpload"}
OURS_ALREADY = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}

Headers: TypeAlias = "dict[str, str | list[str] | tuple[str]]"
P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)
_cleanups: set[asyncio.Task[None]] = set()


class StoreUnavailable(Exception):
    """The store does not answer, or refuses us: nothing is wrong with what the person sent (503)."""


class Missing(Exception):
    """There is no object under this key, though a row may say so."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is whole in the store. `size` in bytes, `sha256` in hex, `head` its first 64 KiB.

    `spool` holds the same bytes where they came through this process and there was room; whoever has them closes it.
    """

    key: str
    size: int
    sha256: str
    head: bytes
    spool: Spool | None = field(default=None, compare=False)

    def drop_spool(self) -> None:
        """Gives up what lies on the local disk."""
        if self.spool:
            self.spool.close()


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the bucket's listing; `size` in bytes, `at` when it was written."""

    key: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenParts:
    """A multipart upload that has not ended; `at` when it was begun, where the store says so."""

    key: str
    parts: str
    at: datetime | None


class ObjectStore:
    """The bucket of `settings`. Safe to share between tasks, not between processes.

    `pauses`: seconds before whoever can make a call twice makes it again.
    """

    def __init__(
        self, settings: S3Settings, *, patience: urllib3.Timeout = PATIENCE, pauses: Sequence[float] = PAUSES
    ) -> None:
        self.bucket = settings.bucket
        self.pauses = pauses
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self._client = Minio(
            settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            secure=settings.secure,
            region=settings.region,
            http_client=urllib3.PoolManager(maxsize=THREADS, timeout=patience, retries=RETRIES),
        )

    def close(self) -> None:
        """Lets the worker threads go; calls under way end first."""
        self._threads.shutdown(wait=False)

    async def ready(self) -> None:
        """Makes the bucket if it is missing and switches versioning on.

        Raises:
            StoreUnavailable
        """
        await self._call(self._prepare)

    async def check(self) -> None:
        """Asks the store for a sign of life.

        Raises:
            StoreUnavailable: it does not answer, or the bucket is gone.
        """
        if not await self._call(self._client.bucket_exists, self.bucket):
            raise StoreUnavailable("the bucket is missing")

    async def put(
        self,
        key: str,
        chunks: AsyncIterator[bytes],
        *,
        limit: int,
        media_type: str = BINARY,
        spool: Spool | None = None,
    ) -> Stored:
        """Streams `chunks` into a fresh `key`, hashing on the way, and into `spool`; at most `limit` bytes.

        Any failure, cancellation included, leaves neither an object nor an open upload nor a spool.

        Raises:
            TooLarge: more than `limit` bytes came.
            StoreUnavailable
        """
        upload = _Upload(self, key, media_type, Running(spool))
        try:
            async for chunk in chunks:
                if upload.size + len(chunk) > limit:
                    raise TooLarge("too-large", limit=limit)
                await upload.add(chunk)
            return await upload.finish()
        except BaseException:
            upload.known.drop_spool()
            await _to_the_end(upload.abandon())
            raise

    async def put_bytes(self, key: str, data: bytes, media_type: str = BINARY) -> Stored:
        """Stores `data` under a fresh `key`; raises StoreUnavailable."""
        return await self.put(key, _once(data), limit=len(data), media_type=media_type)

    async def get_bytes(self, key: str) -> bytes:
        """The whole object, for small ones. Raises Missing, StoreUnavailable."""
        return b"".join([piece async for piece in self.read(key)])

    async def read(
        self, key: str, start: int = 0, length: int | None = None, *, piece: int = PIECE
    ) -> AsyncIterator[bytes]:
        """The bytes from `start`, at most `length` of them, in pieces of `piece` bytes.

        Raises:
            Missing, StoreUnavailable: before the first piece where that is known by then.
            ValueError: `start` lies behind the end.
        """
        if length == 0:
            return
        opened = partial(self._client.get_object, self.bucket, key, offset=start, length=length or 0)
        response = await self._call(opened)
        try:
            while data := await self._call(response.read, piece):
                yield data
        finally:
            response.close()  # a connection whose body was left unread is not used again
            response.release_conn()

    async def fetch(self, key: str, path: Path) -> None:
        """Copies the object into the file `path`; on failure no file is left. Raises Missing, StoreUnavailable."""
        try:
            with path.open("wb") as file:
                async for piece in self.read(key):
                    await asyncio.to_thread(file.write, piece)
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise

    async def size(self, key: str) -> int:
        """The object's size in bytes. Raises Missing, StoreUnavailable."""
        found = await self._call(self._client.stat_object, self.bucket, key)
        return int(found.size or 0)

    async def remove(self, key: str) -> None:
        """Removes every version of a key that no row ever recorded; a missing one is no error.

        Raises:
            StoreUnavailable
        """
        await self._call(self._remove_versions, key)

    async def open_parts(self, key: str) -> str:
        """Begins an object that arrives in parts; its multipart id. Raises StoreUnavailable."""
        headers: Headers = {"Content-Type": BINARY}
        return await self._call(self._client._create_multipart_upload, self.bucket, key, headers)

    async def put_part(self, key: str, parts: str, number: int, data: bytes | bytearray) -> str:
        """Stores part `number` (from 1; another of that number is replaced); its tag.

        Raises:
            Missing: the multipart upload is over or was aborted.
            StoreUnavailable
        """
        put = self._client._upload_part
        return await self._call(put, self.bucket, key, data, None, parts, number)  # type: ignore[arg-type]

    async def join_parts(self, key: str, parts: str, tags: Sequence[str]) -> None:
        """Makes the object of its parts, whose tags stand in order. Raises Missing, StoreUnavailable."""
        whole = [Part(number, tag) for number, tag in enumerate(tags, 1)]
        await self._call(self._client._complete_multipart_upload, self.bucket, key, parts, whole)

    async def abort_parts(self, key: str, parts: str) -> None:
        """Lets go of the parts of an object that never became whole. Raises StoreUnavailable."""
        with suppress(Missing):
            await self._call(self._client._abort_multipart_upload, self.bucket, key, parts)

    async def label(self, key: str, sha256: str) -> None:
        """Ties its digest to the object, as the tag `sha256`. Raises Missing, StoreUnavailable."""
        tags = Tags.new_object_tags()
        tags["sha256"] = sha256
        await self._call(self._client.set_object_tags, self.bucket, key, tags)

    async def labelled(self, key: str) -> str | None:
        """The digest that is tied to the object. Raises Missing, StoreUnavailable."""
        tags = await self._call(self._client.get_object_tags, self.bucket, key)
        return tags.get("sha256") if tags else None

    async def listing(self, prefix: str, after: str = "") -> list[Listed]:
        """At most `LISTED` objects under `prefix` whose keys follow `after`, in the order of their bytes.

        Raises:
            StoreUnavailable
        """
        return await self._call(self._list, prefix, after)

    async def open_uploads(self, prefix: str) -> list[OpenParts]:
        """Multipart uploads under `prefix` that were begun and never ended. Raises StoreUnavailable."""
        return await self._call(self._list_uploads, prefix)

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking call of the SDK in a worker thread and words its failure in our terms."""
        work = partial(function, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except S3Error as error:
            raise _in_our_terms(error) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreUnavailable(str(error)) from error

    def _prepare(self) -> None:
        if not self._client.bucket_exists(self.bucket):
            try:
                self._client.make_bucket(self.bucket)
            except S3Error as error:  # another node was quicker
                if error.code not in OURS_ALREADY:
                    raise
        if self._client.get_bucket_versioning(self.bucket).status != ENABLED:
            self._client.set_bucket_versioning(self.bucket, VersioningConfig(ENABLED))

    def _list(self, prefix: str, after: str) -> list[Listed]:
        found = self._client.list_objects(self.bucket, prefix=prefix, recursive=True, start_after=after or None)
        return [Listed(each.object_name, each.size, each.last_modified) for each in islice(found, LISTED)]

    def _list_uploads(self, prefix: str) -> list[OpenParts]:
        found: list[OpenParts] = []
        after = None
        while True:
            page = self._client._list_multipart_uploads(self.bucket, prefix=prefix, key_marker=after)
            found += [OpenParts(each.object_name, each.upload_id or "", each.initiated_time) for each in page.uploads]
            if not page.is_truncated or page.next_key_marker == after:
                return found
            after = page.next_key_marker

    def _remove_versions(self, key: str) -> None:
        for found in self._client.list_objects(self.bucket, prefix=key, recursive=True, include_version=True):
            if found.object_name == key:
                self._client.remove_object(self.bucket, key, version_id=found.version_id)


class _Upload:
    """One object on its way: a single PUT if it fits into a part, a multipart upload otherwise.

    Each call to the store is a task of its own and is never cancelled, so that whatever it leaves can be found.
    """

    def __init__(self, store: ObjectStore, key: str, media_type: str, known: Running) -> None:
        self.size = 0
        self.known = known
        self._store = store
        self._place = (store.bucket, key)
        self._media_type = media_type
        self._waiting = bytearray()
        self._calls: list[asyncio.Task[Any]] = []
        self._opening: asyncio.Task[str] | None = None
        self._parts: list[asyncio.Task[str]] = []
        self._is_ending = False

    async def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._waiting += chunk
        while len(self._waiting) > PART:  # what is left is the last part, which must not be empty
            part = bytes(memoryview(self._waiting)[:PART])
            del self._waiting[:PART]
            await self._send(part)

    async def finish(self) -> Stored:
        last = bytes(self._waiting)
        self._waiting.clear()
        if self._opening is None:
            await self._put_whole(last)
        else:
            await self._send(last)
            await self._complete()
        known = self.known
        return Stored(self._place[1], self.size, known.sha256.hexdigest(), known.head, known.spool)

    async def abandon(self) -> None:
        """Takes back whatever reached the store. A store that is gone keeps it: no row will ever name it."""
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._opening and not self._opening.exception():
            await self._take_back(self._client._abort_multipart_upload, *self._place, self._opening.result())
        if self._is_ending:
            await self._take_back(self._store._remove_versions, self._place[1])

    async def _take_back(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await self._call(function, *args, **kwargs)
        except (StoreUnavailable, Missing) as error:
            _log.warning("remains of %s stay in the store: %s", self._place[1], error)

    async def _send(self, part: bytes) -> None:
        await self._call(self.known.add, part)
        if self._opening is None:
            headers: Headers = {"Content-Type": self._media_type}
            self._opening = self._start(self._client._create_multipart_upload, *self._place, headers)
        upload_id = await asyncio.shield(self._opening)
        if len(self._parts) >= PARTS_UNDER_WAY:
            await asyncio.shield(self._parts[-PARTS_UNDER_WAY])
        number = len(self._parts) + 1
        self._parts.append(self._start(self._client._upload_part, *self._place, part, None, upload_id, number))

    async def _complete(self) -> None:
        assert self._opening is not None
        parts = [Part(number, await asyncio.shield(part)) for number, part in enumerate(self._parts, 1)]
        self._is_ending = True
        await self._call(self._client._complete_multipart_upload, *self._place, self._opening.result(), parts)

    async def _put_whole(self, data: bytes) -> None:
        await self._call(self.known.add, data)
        self._is_ending = True
        await self._call(
            self._client.put_object, *self._place, io.BytesIO(data), len(data), content_type=self._media_type
        )

    @property
    def _client(self) -> Minio:
        return self._store._client

    def _start(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[T]:
        task = asyncio.ensure_future(self._store._call(function, *args, **kwargs))
        self._calls.append(task)
        return task

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.shield(self._start(function, *args, **kwargs))


def _in_our_terms(error: S3Error) -> Exception:
    if error.code in ABSENT:
        return Missing(error.object_name)
    if error.code == "InvalidRange":
        return ValueError("the range starts behind the end")
    return StoreUnavailable(f"{error.code}: {error.message}")


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Awaits `work`, which goes on even when whoever awaits it is cancelled once more."""
    task = asyncio.ensure_future(work)
    _cleanups.add(task)
    task.add_done_callback(_cleanups.discard)
    await asyncio.shield(task)
