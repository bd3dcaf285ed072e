"""A large PDF is searched while it comes in: when its last byte is here, little is left to be looked at.

The child has the whole length of the spool before it from the beginning, and is told how much of it has come.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from portal.storage import inspection
from portal.storage.inspection import CageError, OpenFile, Unreadable
from portal.storage.spool import Running

LEAST = 64 * 1024 * 1024  # bytes; a smaller file is searched in less than a tenth of a second
STEP = 32 * 1024 * 1024  # bytes of one search
PAUSE = 0.05  # seconds
AT_ONCE = 4  # files of one process that are followed
PDF = "application/pdf"

_log = logging.getLogger(__name__)
_followed = 0


class Ahead:
    """Follows what comes in; `reading` is the file as it is open then, None where nobody could follow."""

    def __init__(self) -> None:
        self.reading: OpenFile | None = None

    def close(self) -> None:
        """Ends the child, if there is one."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None

    async def follow(self, running: Running, length: int) -> None:
        """Searches what has come of `length` bytes, until it is cancelled; a fault ends it, and is found again."""
        searched = 0
        with suppress(Unreadable, CageError, OSError):
            while running.spool is not None and not running.spool.is_over:
                if (here := running.spool.size) - searched < STEP:
                    await asyncio.sleep(PAUSE)
                    continue
                if self.reading is None:
                    if inspection.kind_of(running.head) != PDF:
                        return
                    with running.spool.opened_early(length) as path:
                        if path is None:
                            return
                        self.reading = await _opened(path)
                await self.reading.search(here)
                searched = here


async def _opened(path: Path) -> OpenFile:
    return await inspection.read(path, PDF)


@asynccontextmanager
async def following(running: Running | None, length: int) -> AsyncIterator[Ahead]:
    """Follows a file of `length` bytes within the block, as far as it comes there."""
    global _followed
    ahead = Ahead()
    if running is None or running.spool is None or length < LEAST or _followed >= AT_ONCE:
        yield ahead
        return
    _followed += 1
    task = asyncio.create_task(ahead.follow(running, length))
    try:
        yield ahead
    finally:
        _followed -= 1
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        ahead.close()
