"""What a municipality may send within a day, counted in one place, whichever way it comes.

What fills the store or the machine counts: each file that is begun, whether it is taken in the end or not, and its
bytes. The bytes that are announced are reserved, and what of them never came is given back.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from portal.domain import persian
from portal.domain.errors import TooMany
from portal.domain.lifecycle import State
from portal.services.identity.identity import Identity
from portal.tables.uploads import IntakeDay, Upload

GIB = 1024**3
STEP = 8 * 1024 * 1024  # bytes that are reserved at once where nobody says how many will come
REMEMBERED = timedelta(days=31)
GOING = (State.DRAFT, State.SUBMITTED, State.RETURNED)
"""The states of a case that may still take documents: its uploads end with them."""


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Of one municipality: files and bytes of a calendar day in Tehran, and uploads on their way at once."""

    documents: int = 500
    size: int = 10 * GIB
    uploads: int = 64


_limits = IntakeLimits()

RESERVE = """
INSERT INTO intake_days (municipality, day, documents, size) VALUES ({}, {}, {}, {})
ON CONFLICT (municipality, day) DO UPDATE
SET documents = intake_days.documents + excluded.documents, size = intake_days.size + excluded.size
WHERE intake_days.documents + excluded.documents <= {} AND intake_days.size + excluded.size <= {}
RETURNING documents
"""
GIVE_BACK = "UPDATE intake_days SET size = greatest(0, size - {}) WHERE municipality = {} AND day = {}"
GIVE_BACK_REST = """
UPDATE intake_days i SET size = greatest(0, i.size - (u.length - u.received))
FROM uploads u JOIN cases c ON c.id = u."case"
WHERE i.municipality = c.municipality AND i.day = {} AND u.id = {}
"""
HANGING = """
SELECT count(*) AS hanging, min(u.expires_at) AS until FROM uploads u JOIN cases c ON c.id = u."case"
WHERE c.municipality = {} AND u.ended_at IS NULL AND c.state = ANY({})
"""


def allow(limits: IntakeLimits) -> None:
    """Set what municipalities may send."""
    global _limits
    _limits = limits


def limits() -> IntakeLimits:
    """What municipalities may send."""
    return _limits


async def reserve(by: Identity, size: int, now: datetime, *, documents: int = 1) -> None:
    """Count `documents` more files and `size` more bytes of the municipality of `by`, or nothing at all.

    One statement: of those that come at once none slips past the limit. Inside a transaction the others wait for it.

    Raises:
        TooMany: `intake-documents`, `intake-size`, `until` the next day begins in Tehran.
    """
    day = persian.tehran_date(now)
    fits = documents <= _limits.documents and size <= _limits.size
    if fits and await IntakeDay.raw(RESERVE, by.municipality, day, documents, size, _limits.documents, _limits.size):
        return
    mine = (IntakeDay.municipality == by.municipality) & (IntakeDay.day == day)
    row = await IntakeDay.select(IntakeDay.documents).where(mine).first()
    is_full = row is not None and row["documents"] + documents > _limits.documents
    facts = {"documents": _limits.documents} if is_full else {"size": _limits.size}
    raise TooMany("intake-documents" if is_full else "intake-size", **facts, **_wait(_tomorrow(now), now))


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(persian.tehran_date(now) + timedelta(days=1), time(), persian.TEHRAN)


def _wait(until: datetime, now: datetime) -> dict[str, Any]:
    """When it may go on, and in how many seconds that is."""
    return {"until": until, "seconds": max(1, ceil((until - now).total_seconds()))}


async def give_back(municipality: str | None, size: int, day: date) -> None:
    """`size` bytes that were reserved on `day` never came."""
    if size > 0:
        await IntakeDay.raw(GIVE_BACK, size, municipality, day)


async def give_back_rest(upload: UUID, begun_at: datetime) -> None:
    """What of `upload`, which has ended, never came is not counted on the day on which it began."""
    await IntakeDay.raw(GIVE_BACK_REST, persian.tehran_date(begun_at), upload)


async def require_room(by: Identity, now: datetime) -> None:
    """Refuse one more upload on its way; after `reserve`, in the same transaction, so that they come one by one.

    Raises:
        TooMany: `intake-uploads`, `until` the first of them expires.
    """
    (row,) = await Upload.raw(HANGING, by.municipality, [str(each) for each in GOING])
    if row["hanging"] >= _limits.uploads:
        raise TooMany("intake-uploads", most=_limits.uploads, **_wait(row["until"], now))


async def counted(
    chunks: AsyncIterator[bytes], announced: int | None, *, by: Identity, now: datetime
) -> AsyncGenerator[bytes, None]:
    """`chunks` of one file, each handed on once it is counted; `announced` bytes are reserved before the first.

    Whoever stops before the end closes it.

    Raises:
        TooMany.
    """
    reserved, came = STEP if announced is None else announced, 0
    await reserve(by, reserved, now)
    try:
        async for chunk in chunks:
            came += len(chunk)
            if came > reserved:
                more = max(STEP, came - reserved)
                await reserve(by, more, now, documents=0)
                reserved += more
            yield chunk
    finally:
        await give_back(by.municipality, reserved - came, persian.tehran_date(now))


async def forget(now: datetime) -> None:
    """Let the counts of days long past go."""
    await IntakeDay.delete().where(IntakeDay.day < persian.tehran_date(now - REMEMBERED))
