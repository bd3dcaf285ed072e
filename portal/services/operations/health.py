"""Whether this node can do its work now: both stores take what is written, and the clocks agree."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.storage import trial
from portal.storage.calls import StoreUnavailable
from portal.storage.objects import ObjectStore
from portal.tables.places import Province

KEPT = 2.0  # seconds for which a finding holds: whoever asks often writes no more for it
PATIENCE = 5.0  # seconds
MOST_APART = timedelta(seconds=2)  # of the clocks; codes allow 30 s either side

# What does not fit into the least memory goes to the database's disk: a full one is told by that, and nothing is left.
LITTLE_MEMORY = "SET LOCAL work_mem = '64kB'"
LOOK = """
SELECT clock_timestamp() AS at, current_setting('transaction_read_only')::boolean AS is_read_only,
       (SELECT count(*) FROM generate_series(1, 50000)) AS spilled
"""
COMMITTED = "SELECT pg_logical_emit_message(true, 'daraje', 'ready')"  # a commit that waits for the disk, of no row

_log = logging.getLogger(__name__)


class Wanting(Exception):
    """Something is not as it should be; the text is one line for whoever operates the portal."""


@dataclass(slots=True)
class Watch:
    """One thing that is looked at, by one look at a time: whoever asks meanwhile waits for the same answer."""

    what: str
    look: Callable[[], Awaitable[None]]
    kept: float = KEPT
    patience: float = PATIENCE
    _looking: "asyncio.Task[str | None] | None" = None
    _since: float = field(default=0.0)

    async def finding(self) -> str | None:
        """What is wrong, in a line; None: nothing is."""
        if self._looking is None or (self._looking.done() and time.monotonic() - self._since > self.kept):
            self._looking = asyncio.create_task(self._look())
        await asyncio.wait({self._looking}, timeout=self.patience)
        if not self._looking.done():
            return f"{self.what}: no answer within {self.patience:.0f} s"
        return self._looking.result()

    async def _look(self) -> str | None:
        try:
            await self.look()
        except Wanting as error:
            return str(error)
        except StoreUnavailable as error:
            _log.warning("the store does not take what is written: %s", error)
            said = error.code or "no answer"
        except Exception as error:
            _log.warning("the %s does not answer: %s: %s", self.what, type(error).__name__, error)
            said = type(error).__name__
        else:
            return None
        finally:
            self._since = time.monotonic()
        return f"{self.what}: {said}"


@dataclass(slots=True)
class Health:
    """The health of one worker. `clock` is the one by which codes are judged here."""

    clock: Callable[[], datetime]
    kept: float = KEPT
    _watches: dict[str, Watch] = field(default_factory=dict)

    async def findings(self, store: ObjectStore) -> list[str]:
        """What is wrong, a line each."""
        looks = {"database": lambda: look_at_database(self.clock), "store": lambda: trial.write(store)}
        watches = [self._watches.setdefault(what, Watch(what, look, self.kept)) for what, look in looks.items()]
        found = await asyncio.gather(*(each.finding() for each in watches))
        return [each for each in found if each]


async def look_at_database(clock: Callable[[], datetime]) -> None:
    """Write to the database what leaves nothing behind, and compare its clock with `clock`.

    Raises:
        Wanting: it takes no writing, or the clocks are apart. The database's own exceptions pass.
    """
    async with Province._meta.db.transaction():
        await Province.raw(LITTLE_MEMORY)
        before = clock()
        row = (await Province.raw(LOOK))[0]
        after = clock()
        if row["is_read_only"]:
            raise Wanting("database: it takes no writing")
        await Province.raw(COMMITTED)
    if (apart := offset(row["at"], before, after)) is not None:
        side = "ahead of" if apart > timedelta(0) else "behind"
        seconds = abs(apart.total_seconds())
        raise Wanting(
            f"clock: this node's clock is {seconds:.1f} s {side} the database's, and right codes may be refused"
        )


def offset(theirs: datetime, before: datetime, after: datetime) -> timedelta | None:
    """How far our clock is ahead of theirs, which was read between `before` and `after`; None: they agree."""
    between = (after - before) / 2
    apart = before + between - theirs
    return apart if abs(apart) > MOST_APART + between else None
