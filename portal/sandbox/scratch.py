"""Where a file lies while it is opened: on the local disk, or in memory while that is full."""

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
IN_MEMORY = 64 * 1024 * 1024  # bytes of memory for the files of a process that found no disk
SPARE = 1024 * 1024  # bytes that are left to others

_lock = threading.Lock()
_taken = 0


@contextmanager
def place(size: int) -> Iterator[Path]:
    """The path of a file to be written, for `size` bytes; it is gone after the block.

    Raises:
        OSError: ENOSPC, neither has room.
    """
    if (disk := _disk()) and _has_room(disk, size):
        with tempfile.TemporaryDirectory(prefix="daraje-", dir=disk) as folder:
            yield Path(folder) / "document"
        return
    _take(size)
    try:
        with tempfile.TemporaryDirectory(prefix="daraje-", dir=SHARED_MEMORY) as folder:
            yield Path(folder) / "document"
    finally:
        _take(-size)


def _disk() -> str | None:
    """The folder of `TMPDIR`, and so on; a full disk takes not even the empty file that finds it."""
    with suppress(OSError):
        return tempfile.gettempdir()
    return None


def _has_room(folder: str | Path, size: int) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(folder).free >= size + SPARE
    return False


def _take(size: int) -> None:
    global _taken
    with _lock:
        if size > 0 and (_taken + size > IN_MEMORY or not _has_room(SHARED_MEMORY, size)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _taken += size
