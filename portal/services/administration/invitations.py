"""One-time links, by which a person sets a password: for a new account, a forgotten password, or a lost device."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.domain.errors import Conflict, NotFound
from portal.domain.events import EventKind, OfficeAct
from portal.services.administration import access, links
from portal.services.authentication import enrolment, factor_confirmations, passwords, sessions
from portal.services.identity import account_events, accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.events import Event
from portal.tables.mandates import Restoration
from portal.tables.people import Invitation, Person

GOOD_FOR = timedelta(days=7)
INVITATION, RESET, RESTORATION = "invitation", "reset", "restoration"
_ACTS = {INVITATION: OfficeAct.INVITATION, RESET: OfficeAct.RESET}


async def invite(person: UUID, *, purpose: str, by: Identity | None, now: datetime) -> str:
    """A one-time link's token, shown once; links made before it are void. By whoever holds the machine.

    From the pages it is `prepare_link`.

    Raises:
        NotFound: no such account.
        Conflict: it is closed, or has a password already and would need a reset.
    """
    await accounts.find(person)
    async with Person._meta.db.transaction():
        account = (await Person.select().where(Person.id == person).lock_rows("UPDATE"))[0]
        _require_fit(account, purpose)
        token = await write(person, purpose, by=by, now=now)
        values = {"purpose": purpose, **({} if by else {"by": "machine"})}
        await account_events.record(EventKind.LINK_MADE, person, by, values, now)
    return token


async def prepare_link(person: UUID, purpose: str, *, by: Identity, now: datetime) -> Prepared[str]:
    """The first of two people lets the owner of an account set a password: a link's token, shown once.

    `purpose` is `invitation` or `reset`. Once the link is used the account signs nothing, until a second person has
    heard the fingerprint of its factor.

    Raises:
        Forbidden, NotFound.
        Conflict: the account is closed, one's own, or of the other kind.
    """

    async def look(locked: bool) -> Matter:
        row = await access.require_manageable(person, by, locked=locked)
        _require_fit(row, purpose)
        return access.subject_of(row)

    async def make(signed: Signed) -> str:
        token = await write(person, purpose, by=by, now=signed.now)
        await signed.record(EventKind.LINK_MADE)
        return token

    return await prepare(_ACTS[purpose], by, look, make, {})


def _require_fit(account: dict[str, Any], purpose: str) -> None:
    if account["ended_at"] is not None:
        raise Conflict("account-closed")
    if purpose == INVITATION and account["password_hash"] is not None:
        raise Conflict("entered-already")
    if purpose == RESET and account["password_hash"] is None:
        raise Conflict("not-entered")


async def write(person: UUID, purpose: str, *, by: Identity | None, now: datetime) -> str:
    """Write a link's row, and void those before it, a restoration's too; its token. Inside a transaction."""
    token = sessions.new_token()
    await revoke(person, now=now)
    await Invitation(
        id=uuid4(),
        token=sessions.digest(token),
        person=person,
        purpose=purpose,
        made_by=by.id if by else None,
        made_at=now,
        expires_at=now + GOOD_FOR,
    ).save()
    return token


async def revoke(person: UUID, *, now: datetime) -> None:
    """No link of `person` leads in any more, a restoration's neither. Inside a transaction."""
    await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "withdrawn"}).where(
        (Restoration.person == person) & Restoration.ended_at.is_null()
    )
    await Invitation.update({Invitation.used_at: now}).where(
        (Invitation.person == person) & Invitation.used_at.is_null()
    )


async def void_restoration(person: UUID, *, now: datetime) -> None:
    """Void the link of a restoration, since what `person` holds is not what it was asked for or agreed to.

    That of whoever holds the machine stays. Inside a transaction.
    """
    ended = (
        await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "withdrawn"})
        .where((Restoration.person == person) & Restoration.ended_at.is_null() & Restoration.begun_by.is_not_null())
        .returning(Restoration.invitation)
    )
    for row in ended:
        await Invitation.update({Invitation.used_at: now}).where(Invitation.id == row["invitation"])


async def find(token: str, now: datetime) -> dict[str, Any]:
    """The invitation behind a link, its account's names beside it, and whether it still `stands`. Changes nothing.

    Of a restoration `opens_at` says from when on it stands; None while the second person has not agreed.

    Raises:
        NotFound: no such link.
    """
    row = (
        await Invitation.select(
            Invitation.id,
            Invitation.person,
            Invitation.purpose,
            Invitation.made_by,
            Invitation.used_at,
            Invitation.expires_at,
            Invitation.person.username.as_alias("username"),
            Invitation.person.full_name.as_alias("full_name"),
            Invitation.person.ended_at.as_alias("closed_at"),
        )
        .where(Invitation.token == sessions.digest(token))
        .first()
    )
    if row is None:
        raise NotFound("invitation")
    row["maker_stands"] = await links.maker_stands(row["made_by"], now)
    is_open = row["used_at"] is None and row["closed_at"] is None and row["expires_at"] > now
    row["stands"] = is_open and row["maker_stands"]
    row["waits"] = False
    if row["purpose"] == RESTORATION and row["stands"]:
        restoration = await Restoration.select().where(Restoration.invitation == row["id"]).first()
        row["opens_at"] = restoration["opens_at"] if restoration else None
        row["waits"] = row["opens_at"] is None or row["opens_at"] > now
        row["stands"] = not row["waits"] and restoration is not None and await _could_object(restoration, now)
    return row


async def _could_object(restoration: dict[str, Any], now: datetime) -> bool:
    """Whether the owner has held one office since the second person agreed: without any they cannot sign in to object.

    Nobody is asked where the holder of the machine began it.
    """
    if restoration["begun_by"] is None:
        return True
    agreed_at: datetime = restoration["confirmed_at"]
    held = await mandates.in_force(restoration["person"], now)
    return held is not None and held["starts_on"] <= mandates.today_or(None, agreed_at)


async def entered_at(person: UUID) -> datetime | None:
    """When the password of `person` was set by a link; None where it is their own choice since, or they have none."""
    row = (
        await Event.select(Event.at, Event.statement)
        .where((Event.subject == str(person)) & (Event.kind == EventKind.PASSWORD_SET))
        .order_by(Event.position, ascending=False)
        .first()
    )
    by_link = row and json.loads(row["statement"])["intent"]["values"]["by"] in (INVITATION, RESET, RESTORATION)
    return row["at"] if row and by_link else None


async def accept(token: str, *, password: str, now: datetime) -> UUID:
    """Set the password by a link that is used up with it.

    It ends all sessions, what was confirmed of the account and what waits to be enrolled; a restoration its factor too.

    Returns:
        The person's id.

    Raises:
        NotFound: the link is unknown, used, early or late.
        Invalid: the password is weak.
    """
    row = await find(token, now)
    await passwords.require_fit(row["person"], password)
    kept = await passwords.hashed(password)
    person: UUID = row["person"]
    async with Person._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == person).lock_rows("UPDATE")
        if not (await find(token, now))["stands"]:
            raise NotFound("invitation")
        await Invitation.update({Invitation.used_at: now}).where(Invitation.id == row["id"])
        await Person.update({Person.password_hash: kept}).where(Person.id == person)
        await sessions.end_all(person, now=now)
        await factor_confirmations.revoke(person, now=now)
        await enrolment.end_offers(person, now=now)
        if row["purpose"] == RESTORATION:
            await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "used"}).where(
                Restoration.invitation == row["id"]
            )
            await enrolment.end_factors(person, by=None, reason=RESTORATION, now=now)
        made_by = str(row["made_by"]) if row["made_by"] else None
        values = {"by": row["purpose"], "link_made_by": made_by, "hash_sha256": passwords.digest(kept)}
        await account_events.record(EventKind.PASSWORD_SET, person, None, values, now)
    return person
