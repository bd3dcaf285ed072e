"""One-time links, by which a person sets a password: for a new account, or (a reset) when the way in is lost."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.domain.errors import Conflict, NotFound
from portal.domain.events import Kind
from portal.services import accounts, enrolment, passwords, sessions
from portal.services.people import Identity
from portal.tables.people import Invitation, Person

GOOD_FOR = timedelta(days=7)
INVITATION, RESET = "invitation", "reset"


async def invite(person: UUID, *, purpose: str, by: Identity | None, now: datetime) -> str:
    """A one-time link's token, shown once; links made before it are void. `by` is None for the command line.

    Raises:
        NotFound: no such account.
        Conflict: it is closed, or has a password already and would need a reset.
    """
    await accounts.find(person)
    token = sessions.new_token()
    async with Person._meta.db.transaction():
        account = (await Person.select().where(Person.id == person).lock_rows("UPDATE"))[0]
        if account["ended_at"] is not None:
            raise Conflict("account-closed")
        if purpose == INVITATION and account["password_hash"] is not None:
            raise Conflict("entered-already")
        await Invitation.update({Invitation.used_at: now}).where(
            (Invitation.person == person) & Invitation.used_at.is_null()
        )
        await Invitation(
            id=uuid4(),
            token=accounts.digest(token),
            person=person,
            purpose=purpose,
            made_by=by.id if by else None,
            made_at=now,
            expires_at=now + GOOD_FOR,
        ).save()
    return token


async def find(token: str, now: datetime) -> dict[str, Any]:
    """The invitation behind a link, its account's names beside it, and whether it still `stands`. Changes nothing.

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
        .where(Invitation.token == accounts.digest(token))
        .first()
    )
    if row is None:
        raise NotFound("invitation")
    row["stands"] = row["used_at"] is None and row["closed_at"] is None and row["expires_at"] > now
    return row


async def accept(token: str, *, password: str, now: datetime) -> UUID:
    """Set the password by a link that is used up with it; a reset ends the authenticator and all sessions too.

    Returns:
        The person's id.

    Raises:
        NotFound: the link is unknown, used or late.
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
        if row["purpose"] == RESET:
            await enrolment.end_factors(person, by=None, reason=RESET, now=now)
        made_by = str(row["made_by"]) if row["made_by"] else None
        await accounts.record(Kind.PASSWORD_SET, person, None, {"by": row["purpose"], "link_made_by": made_by}, now)
    return person
