"""Somebody must administer the portal, today and on the day after whatever is ended."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.domain import persian
from portal.domain.approvals import Office, approver_of
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Role
from portal.services.authentication.factor_confirmations import CONFIRMED
from portal.services.identity import mandates
from portal.tables.mandates import Mandate
from portal.tables.people import Person

_APPROVER = approver_of(Office(Role.ADMINISTRATOR), None)
_GRANTED = (Mandate.role == Role.ADMINISTRATOR) & Mandate.confirmed_at.is_not_null() & Mandate.ended_at.is_null()


async def _standing(now: datetime) -> list[dict[str, Any]]:
    """The administrators' mandates, of open accounts, that are in force or still to come."""
    unending = Mandate.ends_on.is_null() | (Mandate.ends_on >= mandates.today_or(None, now))
    return await Mandate.select().where(_GRANTED & Mandate.person.ended_at.is_null() & unending)


async def of_today(now: datetime) -> list[dict[str, Any]]:
    """The open accounts that administer the portal today, by name: `id`, `full_name`, and whether they have `entered`.

    Entered has whoever can sign: a second person has heard the fingerprint of a factor of theirs.
    """
    today = mandates.today_or(None, now)
    people = {row["person"] for row in await _standing(now) if row["starts_on"] <= today}
    return await _with_entered(people)


async def _with_entered(people: Collection[UUID]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await Person.raw(
        f"SELECT p.id, p.full_name, {CONFIRMED} AS entered FROM people p"
        f" CROSS JOIN (SELECT '{_APPROVER.role}' AS approver, {{}}::text AS approver_province) o"
        " WHERE p.id = ANY({})",
        _APPROVER.province,
        list(people),
    )
    return sorted(rows, key=lambda row: (persian.order_key(row["full_name"]), row["id"]))


async def missing(
    now: datetime, *, person: UUID, mandate: UUID | None = None, last_day: date | None = None
) -> list[str] | None:
    """Who would have to enter first, so that somebody administers the portal without this account.

    After `last_day` (None: from now on), and without the account or this one of its mandates; an empty list where no
    other would be there at all. None: nobody has to. Another who has entered outlasts that day, and has begun by the
    next one; or this account's owner has not entered themselves, and another one is there.
    """
    today = mandates.today_or(None, now)
    end, by = last_day or today, last_day + timedelta(days=1) if last_day else today
    rows = await _standing(now)
    ending = [row for row in rows if row["person"] == person and mandate in (None, row["id"])]
    left = {row["person"] for row in rows if row not in ending and _bridges(row, end, by)}
    people = await _with_entered(left | {person})
    entered = {row["id"]: row["entered"] for row in people}
    if not ending or any(entered[each] for each in left) or (left and not entered[person]):
        return None
    return [row["full_name"] for row in people if row["id"] in left]


def _bridges(row: Mapping[str, Any], end: date, by: date) -> bool:
    """Whether a mandate outlasts the day `end`, and has begun on the day `by`."""
    return row["starts_on"] <= by and (row["ends_on"] is None or row["ends_on"] > end)


async def lock(person: UUID) -> None:
    """Lock the account `person` and those of all administrators, in one order.

    So of the last two, ended at once, one remains. Inside a transaction, before `missing`.

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
    """Refuse to lose the last administrator, as `missing` says.

    Raises:
        Conflict: `last-administrator`; `last-entered-administrator`, with the `names` of those who have not entered.
    """
    names = await missing(now, person=person, mandate=mandate, last_day=last_day)
    if names:
        raise Conflict("last-entered-administrator", names=names)
    if names is not None:
        raise Conflict("last-administrator")
