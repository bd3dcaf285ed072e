"""Somebody must administer the portal, today and on the day after whatever is ended."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.domain.errors import Conflict
from portal.domain.lifecycle import Role
from portal.services.identity import mandates
from portal.tables.mandates import Mandate
from portal.tables.people import Person

_GRANTED = (Mandate.role == Role.ADMINISTRATOR) & Mandate.confirmed_at.is_not_null() & Mandate.ended_at.is_null()


async def _standing(now: datetime) -> list[dict[str, Any]]:
    """The administrators' mandates, of open accounts, that are in force or still to come."""
    unending = Mandate.ends_on.is_null() | (Mandate.ends_on >= mandates.today_or(None, now))
    return await Mandate.select().where(_GRANTED & Mandate.person.ended_at.is_null() & unending)


async def of_today(now: datetime) -> set[UUID]:
    """The open accounts that administer the portal today."""
    today = mandates.today_or(None, now)
    return {row["person"] for row in await _standing(now) if row["starts_on"] <= today}


async def is_last(now: datetime, *, person: UUID, mandate: UUID | None = None, last_day: date | None = None) -> bool:
    """Whether nobody would administer the portal after `last_day` (None: from now on) without this account, or

    without this one of its mandates: no other outlasts that day, and has begun by the next one.
    """
    today = mandates.today_or(None, now)
    end, by = last_day or today, last_day + timedelta(days=1) if last_day else today
    rows = await _standing(now)
    ending = [row for row in rows if row["person"] == person and mandate in (None, row["id"])]
    others = [row for row in rows if row not in ending and row["starts_on"] <= by]
    return bool(ending) and all(row["ends_on"] is not None and row["ends_on"] <= end for row in others)


async def lock(person: UUID) -> None:
    """Lock the account `person` and those of all administrators, in one order: of the last two, ended at once, one

    remains. Inside a transaction, before `is_last`.

    Raises:
        Conflict: `account-closed`.
    """
    candidates = {row["person"] for row in await Mandate.select(Mandate.person).where(_GRANTED)} | {person}
    standing = await (
        Person.select(Person.id)
        .where(Person.ended_at.is_null() & Person.id.is_in(list(candidates)))
        .order_by(Person.id)
        .lock_rows("UPDATE")
    )
    if person not in {row["id"] for row in standing}:
        raise Conflict("account-closed")


async def require_another(
    now: datetime, *, person: UUID, mandate: UUID | None = None, last_day: date | None = None
) -> None:
    """Refuse to lose the last administrator (`Conflict`), as `is_last` says."""
    if await is_last(now, person=person, mandate=mandate, last_day=last_day):
        raise Conflict("last-administrator")
