"""The doors before every act on somebody's account: who asks, whose account it is, and what is signed about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.errors import Conflict, Forbidden
from portal.domain.lifecycle import Role
from portal.services.authentication import factor_confirmations
from portal.services.identity import accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter
from portal.tables.people import Person


def require_administrator(by: Identity) -> None:
    """Refuse everyone else (`Forbidden`)."""
    if by.role is not Role.ADMINISTRATOR:
        raise Forbidden("role", act="account")


async def require_manageable(person: UUID, by: Identity, *, locked: bool = False) -> dict[str, Any]:
    """The row of an account that the administrator `by` may act on: open, and not their own; `locked` in a transaction.

    Raises:
        Forbidden, NotFound.
        Conflict: `account-closed`, `own-account`.
    """
    require_administrator(by)
    if locked:
        await Person.select(Person.id).where(Person.id == person).lock_rows("UPDATE")
    row = await accounts.find(person)
    if row["ended_at"] is not None:
        raise Conflict("account-closed")
    if person == by.id:
        raise Conflict("own-account")
    return row


def subject_of(row: dict[str, Any], before: str | None = None, **facts: Any) -> Matter:
    """The account of `row` as what is signed."""
    office = {name: row[name] for name in ("username", "role", "title")}
    office["place"] = row["town"] or row["province_name"] or ""
    return Matter("account", str(row["id"]), before, facts={"title": row["full_name"], "office": office, **facts})


async def overview(person: UUID, now: datetime) -> dict[str, Any]:
    """What the page of an account shows besides its row and sessions."""
    held = await mandates.of_person(person)
    factors = await factor_confirmations.of_person(person)
    return {
        "mandates": [{**row, "status": mandates.status(row, now)} for row in held],
        "factors": factors,
        "offices": (offices := await mandates.approvers(person, now)),
        "confirmed": offices <= frozenset().union(*(each.heard_by for each in factors)),
    }
