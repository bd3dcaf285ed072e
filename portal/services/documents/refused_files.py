"""Refused files, counted by reason and by the program that made them, so that a wrong refusal is noticed.

Nothing of a case is in what is read here: whoever looks after the portal sees no case.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.domain.producers import family
from portal.tables.events import Event

WINDOWS = (7, 30, 365)  # days
MOST = 20_000  # refusals that are counted, the newest
NEWEST = 20  # examples
PROGRAMS = 20  # names of programs, the most frequent

# The journal grows by position, and by instant with it: the first position of a window bounds what is read of a kind
# (indexes events_at, events_kind). A statement that was tampered with is no JSON, and is left out.
FIRST = "SELECT position FROM events WHERE at >= {} ORDER BY at, position LIMIT 1"
TAKEN = "SELECT count(*) AS taken FROM events WHERE kind = 'DocumentAdded' AND position >= {}"
SAID = """
SELECT position, at,
    CASE WHEN pg_input_is_valid(statement, 'jsonb') THEN statement::jsonb -> 'intent' -> 'values' END AS said
FROM events WHERE kind = 'DocumentRefused' AND position >= {} ORDER BY position DESC LIMIT {}
"""
COUNTED = f"""
SELECT said ->> 'reason_code' AS reason, coalesce(said -> 'facts' ->> 'producer', '') AS producer, count(*) AS count
FROM ({SAID}) AS refused WHERE said ->> 'reason_code' IS NOT NULL GROUP BY 1, 2
"""
SHOWN = f"""
SELECT position, at, said ->> 'reason_code' AS reason, coalesce(said -> 'facts' ->> 'producer', '') AS producer,
    said ->> 'media_type' AS media_type, said ->> 'size' AS size
FROM ({SAID}) AS refused WHERE said ->> 'reason_code' IS NOT NULL ORDER BY position DESC
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Refusals of one kind: how many, and their most frequent reason or family of programs."""

    name: str
    count: int
    mostly: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Refusals of a window: `reasons` by code, `families` by `Family`, `programs` by the name that files carry.

    `taken` is how many files were taken in the same time. `newest` rows hold position, at, reason, producer, media_type
    and size (bytes, or None).
    """

    taken: int
    count: int
    reasons: list[Share]
    families: list[Share]
    programs: list[Share]
    newest: list[dict[str, Any]]

    @property
    def is_capped(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= MOST


async def within(days: int, *, now: datetime) -> Refused:
    """What was refused in the `days` before `now`."""
    first = await Event.raw(FIRST, now - timedelta(days=days))
    if not first:
        return Refused(0, 0, [], [], [], [])
    position = first[0]["position"]
    taken = (await Event.raw(TAKEN, position))[0]["taken"]
    rows = await Event.raw(COUNTED, position, MOST)
    told = [(row["reason"], family(row["producer"]), row["producer"], row["count"]) for row in rows]
    return Refused(
        taken=taken,
        count=sum(count for *_, count in told),
        reasons=_shares((reason, of, count) for reason, of, _, count in told),
        families=_shares((of, reason, count) for reason, of, _, count in told),
        programs=_shares((name, reason, count) for reason, _, name, count in told if name)[:PROGRAMS],
        newest=[_example(row) for row in await Event.raw(SHOWN, position, NEWEST)],
    )


def _shares(told: Iterable[tuple[str, str, int]]) -> list[Share]:
    """The most frequent first, each with what it mostly goes with."""
    by_name: dict[str, Counter[str]] = {}
    for name, other, count in told:
        by_name.setdefault(name, Counter())[other] += count
    shares = [Share(name, others.total(), others.most_common(1)[0][0]) for name, others in by_name.items()]
    return sorted(shares, key=lambda share: (-share.count, share.name))


def _example(row: dict[str, Any]) -> dict[str, Any]:
    size = row["size"] or ""
    return row | {"size": int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None}
