"""Work that returns: registered here, run by every node in a task of its own, by one node at a time for each job.

Which node has a job, and since when, stands in the database and goes by the database's clock: a node that dies with a
job loses it once `within` is over, and a job that another node ran lately is not run again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.services.authentication import rate_limits
from portal.services.documents import sweeping
from portal.services.letters import seals
from portal.services.operations.starting import Start
from portal.services.signing import reviews
from portal.storage.objects import ObjectStore
from portal.tables.jobs import PeriodicJob

PAUSE = 60.0  # seconds between two looks at what is due

_TAKE = """
INSERT INTO periodic_jobs AS j (name, begun_at, until) VALUES ({}, clock_timestamp(), clock_timestamp() + {})
ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at, until = excluded.until
WHERE j.until <= excluded.begun_at AND j.begun_at <= excluded.begun_at - {}::interval
RETURNING begun_at
"""
_END = "UPDATE periodic_jobs SET until = clock_timestamp(), failure = {} WHERE name = {} AND begun_at = {}"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What `run` does with the store at an instant, `every` so long; cut off when `within` is over.

    What is cut off or fails is tried again in its next turn: `run` leaves nothing half done.
    """

    name: str
    run: Callable[[ObjectStore, datetime], Awaitable[object]]
    every: timedelta = timedelta(hours=1)
    within: timedelta = timedelta(minutes=10)


JOBS = (
    Job("end-abandoned-uploads", lambda store, now: sweeping.expired(store=store, now=now)),
    Job("drop-lapsed-reviews", lambda _, now: reviews.sweep(now=now)),
    Job("seal-letters", lambda store, now: seals.seal_due(store=store, now=now), every=timedelta(seconds=PAUSE)),
    Job("forget-sign-in-tries", lambda _, now: rate_limits.forget(now=now)),
)
"""Every job of the portal."""


async def run_due(jobs: Iterable[Job], store: ObjectStore, clock: Callable[[], datetime]) -> list[str]:
    """Run those of `jobs` that are due and that no other node has, one after another; the names of those that were run.

    A job's failure is logged and recorded, and keeps no other job from its turn.

    Raises:
        What the database says when it does not answer.
    """
    done = []
    for job in jobs:
        taken = await PeriodicJob.raw(_TAKE, job.name, job.within, job.every)
        if taken:
            failure = await _run(job, store, clock())
            await PeriodicJob.raw(_END, failure, job.name, taken[0]["begun_at"])
            done.append(job.name)
    return done


async def _run(job: Job, store: ObjectStore, now: datetime) -> str | None:
    """What went wrong, in a line."""
    try:
        async with asyncio.timeout(job.within.total_seconds()):
            await job.run(store, now)
    except Exception as error:
        _log.exception("the job %s has failed", job.name)
        return f"{type(error).__name__}: {error}".strip(": ")
    return None


@asynccontextmanager
async def running(start: Start, store: ObjectStore, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Meanwhile `JOBS` are run as they become due, once `start` is over; what runs at the end is cut off."""
    task = asyncio.create_task(_go_on(start, store, clock))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _go_on(start: Start, store: ObjectStore, clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(PAUSE)
        if start.is_over:
            try:
                await run_due(JOBS, store, clock)
            except Exception as error:  # a database that is away is asked again later
                _log.warning("no job can be taken: %s: %s", type(error).__name__, error)
