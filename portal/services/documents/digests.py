"""What this process knows of unfinished uploads between two requests: the running SHA-256, and a spool of the bytes.

Another process that takes an upload over knows neither, and reads the object.
"""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

from portal.storage import spool
from portal.storage.spool import Running

REMEMBERED = 512  # uploads of one process
RESTING = 60.0  # seconds for which a spool waits for the next piece

_resting: OrderedDict[UUID, tuple[Running, asyncio.TimerHandle]] = OrderedDict()


def recall(row: dict[str, Any]) -> Running | None:
    """What is known of what is kept of the upload `row`, which is forgotten then; None: the object will be read."""
    running = _taken_out(row["id"])
    if running and running.parts == len(row["tags"]):
        return running
    if running:
        running.drop_spool()
    return None if row["tags"] else Running(spool.begin(row["length"]))


def remember(upload: UUID, running: Running, *, spooled: bool) -> None:
    """Keep for the next piece what is known; not `spooled` where the line was cut: nobody knows until when."""
    if not spooled:
        running.drop_spool()
    _resting[upload] = running, asyncio.get_running_loop().call_later(RESTING, running.drop_spool)
    while len(_resting) > REMEMBERED:
        forget(next(iter(_resting)))


def forget(upload: UUID) -> None:
    """Let go of what is known of an upload that has ended, or that nobody goes on with."""
    if running := _taken_out(upload):
        running.drop_spool()


def close() -> None:
    """Forget every upload: the process leaves."""
    for each in tuple(_resting):
        forget(each)


def _taken_out(upload: UUID) -> Running | None:
    running, timer = _resting.pop(upload, (None, None))
    if timer:
        timer.cancel()
    return running
