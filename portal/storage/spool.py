"""Files on their way, kept on local disk too until they were looked at: the check need not fetch them from the store.

A spool has no name in any folder, so that nothing stays behind when the process is killed. It is a convenience alone:
where there is no room, or the disk fails, whoever wants the bytes reads the object.
"""

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

HEAD = 64 * 1024
SPARE = 512 * 1024 * 1024  # bytes of the disk that are left to others

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_most = 0
_taken = 0
_closing = ThreadPoolExecutor(1, thread_name_prefix="spool")  # to free a large file takes the kernel a while


def take_at_most(size: int) -> None:
    """Sets how many bytes the spools of this process may take together; 0 for none (`PORTAL_SPOOL_LIMIT`)."""
    global _most
    _most = size


def taken() -> int:
    """Bytes that are promised to the spools of this process."""
    return _taken


class Spool:
    """A file of at most `room` bytes on its way. What goes wrong on the disk ends its spool, and nothing else.

    Safe between threads.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._file: IO[bytes] | None = None
        self._size = 0
        self._is_over = False
        self._lock = threading.Lock()

    def __del__(self) -> None:
        self.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Adds `data` at the end. Blocking: as a rule a copy into the page cache."""
        if self._is_over:
            return
        try:
            with self._lock:
                self._write(memoryview(data))
        except OSError as error:
            _log.warning("a file on its way is no longer kept on local disk: %s", error)
            self.close()

    def _write(self, rest: memoryview) -> None:
        if self._is_over:
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="daraje-", buffering=0)  # noqa: SIM115 it lives on
        descriptor, left = self._file.fileno(), self._room - self._size
        if len(rest) > left:
            raise OSError("it is longer than was said")
        if _free(descriptor) < left + SPARE:
            raise OSError("the disk is nearly full")
        while rest:
            written = os.write(descriptor, rest)
            self._size += written
            rest = rest[written:]

    @contextmanager
    def opened(self, size: int) -> Iterator[Path | None]:
        """A path at which the file can be opened within the block; None unless all its `size` bytes are here."""
        descriptor = self._reopened(size)
        try:
            yield None if descriptor is None else Path(f"/proc/self/fd/{descriptor}")
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _reopened(self, size: int) -> int | None:
        """A descriptor of its own, for reading: whoever holds it is not concerned by `close`."""
        with self._lock, suppress(OSError):
            if self._file is not None and not self._is_over:
                descriptor = os.open(f"/proc/self/fd/{self._file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
                if self._size == size == os.fstat(descriptor).st_size:
                    return descriptor
                os.close(descriptor)
        return None

    def close(self) -> None:
        """Gives the bytes up, and the room back soon; twice is once. Does not wait for the disk."""
        if self._is_over:
            return
        self._is_over = True
        try:
            _closing.submit(self._release)
        except RuntimeError:  # the process is about to leave, and takes the file along
            return

    def _release(self) -> None:
        global _taken
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None
        with _lock:
            _taken -= self._room


def begin(room: int) -> Spool | None:
    """A spool for a file of at most `room` bytes; None where the limit has no room for it."""
    global _taken
    with _lock:
        if _taken + room > _most:
            return None
        _taken += room
    return Spool(room)


def _free(descriptor: int) -> int:
    """Bytes of the disk that an ordinary process may still fill."""
    disk = os.fstatvfs(descriptor)
    return disk.f_bavail * disk.f_frsize


@dataclass(slots=True)
class Running:
    """What is known of the first bytes of a file: their SHA-256, `head`, the first 64 KiB, and a spool of them or None.

    One call hands the same buffer to the digest and to the spool: what is looked at is what the digest speaks of.
    `parts` is for whoever cuts the file into parts: how many whole ones it has taken in.
    """

    spool: Spool | None = None
    parts: int = 0
    head: bytes = b""
    sha256: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes | bytearray) -> None:
        """Takes the next bytes in. Blocking."""
        self.sha256.update(data)
        if len(self.head) < HEAD:
            self.head += bytes(memoryview(data)[: HEAD - len(self.head)])
        if self.spool:
            self.spool.write(data)

    def drop_spool(self) -> None:
        """Gives up what lies on the disk; digest and head go on."""
        if self.spool:
            self.spool.close()

    def stored(self, key: str, size: int) -> "Stored":
        """The object of `size` bytes that these are, once it is whole under `key`."""
        return Stored(key, size, self.sha256.hexdigest(), self.head, self.spool)


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
