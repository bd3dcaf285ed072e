"""Turns at one kind of work: nobody's upload waits for the pages that others read, and no crowd takes the processor."""

import anyio
from anyio.lowlevel import RunVar


def turns_at(kind: RunVar[anyio.CapacityLimiter], most: int) -> anyio.CapacityLimiter:
    """The limit of the event loop that runs, `most` at a time."""
    try:
        return kind.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(most)
        kind.set(limiter)
        return limiter
