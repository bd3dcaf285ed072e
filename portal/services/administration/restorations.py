"""A lost device: one person asks for a new way in, the superior place agrees, and its owner can object meanwhile."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain.errors import Conflict, NotFound
from portal.domain.events import EventKind, OfficeAct
from portal.services.administration import access, invitations
from portal.services.authentication import enrolment, sessions
from portal.services.identity import account_events, accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing import signoffs
from portal.services.signing.signoffs import Matter, Prepared, Signed
from portal.tables.mandates import Restoration
from portal.tables.people import Invitation, Person

_OPEN = Restoration.ended_at.is_null()


async def approach(person: UUID, by: Identity, now: datetime, *, locked: bool = False) -> Matter:
    """The doors before a restoration is begun.

    Raises:
        Forbidden, NotFound.
        Conflict: the account is closed, one's own, has no factor to lose, or its owner may be kept from objecting:
            their password was set by a link, and nobody has proved a factor with it yet (`never-entered-since`), or
            they hold no office today (`owner-out-of-office`).
    """
    row = await access.require_manageable(person, by, locked=locked)
    if not await enrolment.has_factor(person):
        raise Conflict("nothing-lost")
    if not await sessions.proved_since(person, await invitations.entered_at(person)):
        raise Conflict("never-entered-since")
    await _require_in_office(person, now)
    return access.subject_of(row)


async def _require_in_office(person: UUID, now: datetime) -> None:
    if await mandates.in_force(person, now) is None:
        raise Conflict("owner-out-of-office")


async def require_open(restoration: UUID, now: datetime) -> None:
    """The doors before the second person agrees to it.

    Raises:
        Conflict: it has grown old (`restoration-old`), or its owner cannot sign in to object (`owner-out-of-office`).
    """
    row = await Restoration.select(Restoration.person, Restoration.invitation.expires_at.as_alias("expires_at")).where(
        Restoration.id == restoration
    )
    if row[0]["expires_at"] <= now:
        raise Conflict("restoration-old")
    await _require_in_office(row[0]["person"], now)


async def prepare(person: UUID, *, reason: str, by: Identity, now: datetime) -> Prepared[str]:
    """Its beginning; a one-time link's token, shown once, that opens after the second person's agreement and the wait.

    Raises:
        Forbidden, NotFound, Conflict.
    """

    async def look(locked: bool) -> Matter:
        return await approach(person, by, now, locked=locked)

    async def write(signed: Signed) -> str:
        token = await _write(person, reason, by, signed.now)
        await signed.record(EventKind.RESTORATION_BEGUN)
        return token

    return await signoffs.prepare(OfficeAct.RESTORATION, by, look, write, {"reason": reason})


async def begin_by_machine(person: UUID, *, now: datetime) -> str:
    """By whoever holds the machine: a link that opens at once. The factor then needs its confirmation as ever.

    Raises:
        NotFound.
        Conflict: the account is closed.
    """
    row = await accounts.find(person)
    if row["ended_at"] is not None:
        raise Conflict("account-closed")
    async with Person._meta.db.transaction():
        token = await _write(person, "—", None, now)
        await Restoration.update({Restoration.confirmed_at: now, Restoration.opens_at: now}).where(
            _OPEN & (Restoration.person == person)
        )
        await account_events.record(EventKind.RESTORATION_BEGUN, person, None, {"by": "machine"}, now)
    return token


async def _write(person: UUID, reason: str, by: Identity | None, now: datetime) -> str:
    token = await invitations.write(person, invitations.RESTORATION, by=by, now=now)
    link = await Invitation.select(Invitation.id).where(Invitation.token == sessions.digest(token)).first()
    assert link is not None
    await Restoration(
        id=uuid4(),
        person=person,
        invitation=link["id"],
        reason=reason,
        begun_by=by.id if by else None,
        begun_at=now,
    ).save()
    return token


async def of_person(person: UUID) -> dict[str, Any] | None:
    """The restoration that stands for `person`, with the names of the two people behind it."""
    return await (
        Restoration.select(
            *Restoration.all_columns(),
            Restoration.begun_by.full_name.as_alias("beginner"),
            Restoration.confirmed_by.full_name.as_alias("confirmer"),
        )
        .where(_OPEN & (Restoration.person == person))
        .first()
    )


async def object_to(by: Identity, *, now: datetime) -> bool:
    """The owner says that their device is not lost: the link is void, and both people behind it can read so.

    False where they have said so already, of the last that was asked for.

    Raises:
        NotFound: nothing was asked for.
    """
    async with Person._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == by.id).lock_rows("UPDATE")
        row = await of_person(by.id)
        if row is None:
            if await _last_outcome(by.id) == "objected":
                return False
            raise NotFound("restoration")
        await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "objected"}).where(
            Restoration.id == row["id"]
        )
        await Invitation.update({Invitation.used_at: now}).where(Invitation.id == row["invitation"])
        await account_events.record(EventKind.RESTORATION_OBJECTED, by.id, by, {"restoration": str(row["id"])}, now)
    return True


async def _last_outcome(person: UUID) -> str | None:
    query = Restoration.select(Restoration.outcome).where(Restoration.person == person)
    row = await query.order_by(Restoration.begun_at, ascending=False).first()
    return row["outcome"] if row else None
