"""The object store: one bucket of any S3 service, reached through the MinIO SDK.

With `calls` beside it, the only module that knows the SDK; its multipart calls are private there (its version is
pinned, `tests/storage` covers them). What is large arrives in parts (`portal.storage.writer`) and leaves in pieces of
`PIECE` bytes, so memory stays flat.
"""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import urllib3
from minio.commonconfig import ENABLED, Tags
from minio.datatypes import Part
from minio.error import S3Error
from minio.helpers import MIN_PART_SIZE
from minio.versioningconfig import VersioningConfig

from portal.settings import S3Settings
from portal.storage import calls
from portal.storage.calls import Caller, Missing, StoreRefuses, StoreUnavailable
from portal.storage.spool import Running, Stored

PIECE = 256 * 1024
LISTED = 1000  # keys of one listing
PAUSES = (0.2, 1.0, 3.0)
BINARY = "application/octet-stream"
OURS_ALREADY = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}

_log = logging.getLogger(__name__)


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

    `pauses`: seconds before whoever can make a call twice makes it again, `deadline` seconds in all; a call that is
    made once has as many.
    """

    def __init__(
        self,
        settings: S3Settings,
        *,
        patience: urllib3.Timeout = calls.PATIENCE,
        pauses: Sequence[float] = PAUSES,
        deadline: float = calls.DEADLINE,
    ) -> None:
        self.bucket = settings.bucket
        self.pauses = pauses
        self.deadline = deadline
        self._caller = Caller(settings, patience=patience, deadline=deadline)
        self._client, self._call = self._caller.client, self._caller.call

    def close(self) -> None:
        """Lets the worker threads go; calls under way end first."""
        self._caller.close()

    async def ready(self) -> None:
        """Makes the bucket if it is missing and switches versioning on. Raises StoreUnavailable."""
        try:
            is_versioned = await self._is_versioned()
        except StoreRefuses as error:
            if error.code != "NoSuchBucket":
                raise
            await self._call(self._make)
            is_versioned = await self._is_versioned()
        if not is_versioned:
            await self._call(self._client.set_bucket_versioning, self.bucket, VersioningConfig(ENABLED))
            await self.check()

    async def check(self) -> None:
        """Asks for the bucket: some services make one that is missing at the first writing, without versions.

        Raises:
            StoreUnavailable: it does not answer, or the bucket is gone, or keeps no versions.
        """
        if not await self._is_versioned():
            raise StoreRefuses("the bucket keeps no versions", "NotVersioned")

    async def _is_versioned(self) -> bool:
        return bool((await self._call(self._client.get_bucket_versioning, self.bucket)).status == ENABLED)

    async def put_bytes(self, key: str, data: bytes, media_type: str = BINARY) -> Stored:
        """Stores `data` under a fresh `key` in one go; raises StoreUnavailable.

        Whoever is refused within the deadline may try again under the same key: nothing takes it back any more.
        """
        until = _now() + self.deadline
        known = Running()
        await asyncio.to_thread(known.add, data)
        putting = asyncio.ensure_future(self._put(key, data, media_type))  # never cancelled: what it leaves is found
        try:
            await asyncio.shield(putting)
        except StoreUnavailable:
            taking_back = asyncio.ensure_future(self.take_back(key))
            calls.leave_behind(taking_back)
            await asyncio.wait({taking_back}, timeout=max(0.0, until - _now()))
            raise
        except BaseException:
            await calls.to_the_end(self._take_back_after(putting, key))
            raise
        return known.stored(key, len(data))

    async def _put(self, key: str, data: bytes, media_type: str) -> None:
        """One PUT. Whatever becomes of its answer: an object that is whole is whole."""
        until = _now() + self.deadline
        put, part = self._client.put_object, max(len(data), MIN_PART_SIZE)
        try:
            await self._call(put, self.bucket, key, io.BytesIO(data), len(data), media_type, part_size=part)
        except StoreUnavailable as error:
            with suppress(StoreUnavailable):
                if await self.is_whole(key, len(data), seconds=until - _now()):
                    return _log.info("the object %s is whole, though its writing failed: %s", key, error)
            raise

    async def _take_back_after(self, putting: "asyncio.Future[None]", key: str) -> None:
        await asyncio.gather(putting, return_exceptions=True)
        await self.take_back(key)

    async def take_back(self, key: str, parts: str | None = None) -> None:
        """Removes what a writing that failed has left; what a store that is gone keeps of it, no row will ever name."""
        try:
            if parts:
                await self.abort_parts(key, parts)
            await self.remove(key)
        except StoreUnavailable as error:
            _log.warning("remains of %s stay in the store: %s", key, error)

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
        response = await self._call(self._client.get_object, self.bucket, key, offset=start, length=length or 0)
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

    async def is_whole(self, key: str, size: int, *, seconds: float) -> bool:
        """Whether the object under `key`, which nobody else writes, is there with `size` bytes, or soon is.

        Raises:
            StoreUnavailable: the store does not say so within so many seconds.
        """

        async def look() -> bool:
            try:
                return await self.size(key) == size
            except Missing:
                return False

        return await calls.soon(look, seconds)

    async def remove(self, key: str) -> None:
        """Removes every version of a key that no row ever recorded; a missing one is no error.

        Raises:
            StoreUnavailable
        """
        await self._call(self._remove_versions, key)

    async def open_parts(self, key: str) -> str:
        """Begins an object that arrives in parts; its multipart id. Raises StoreUnavailable."""
        return await self._call(self._client._create_multipart_upload, self.bucket, key, {"Content-Type": BINARY})

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
        until = _now() + self.deadline

        async def has_it() -> bool:
            return await self.labelled(key) == sha256

        try:
            await self._call(self._client.set_object_tags, self.bucket, key, tags)
        except StoreUnavailable as error:
            with suppress(StoreUnavailable):
                if await calls.soon(has_it, until - _now()):
                    return
            raise error

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
        found: list[OpenParts] = []
        after = None
        while True:
            listed = self._client._list_multipart_uploads
            page = await self._call(listed, self.bucket, prefix=prefix, key_marker=after)
            found += [OpenParts(each.object_name, each.upload_id or "", each.initiated_time) for each in page.uploads]
            if not page.is_truncated or page.next_key_marker == after:
                return found
            after = page.next_key_marker

    def _make(self) -> None:
        try:
            self._client.make_bucket(self.bucket)
        except S3Error as error:  # another node was quicker
            if error.code not in OURS_ALREADY:
                raise

    def _list(self, prefix: str, after: str) -> list[Listed]:
        found = self._client.list_objects(self.bucket, prefix=prefix, recursive=True, start_after=after or None)
        return [Listed(each.object_name, each.size, each.last_modified) for each in islice(found, LISTED)]

    def _remove_versions(self, key: str) -> None:
        for found in self._client.list_objects(self.bucket, prefix=key, recursive=True, include_version=True):
            if found.object_name == key:
                self._client.remove_object(self.bucket, key, version_id=found.version_id)


def _now() -> float:
    return asyncio.get_running_loop().time()
