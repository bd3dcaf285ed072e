"""An account is opened: by one person's signature here, and by another's once its owner has enrolled a factor."""

from datetime import datetime
from uuid import UUID

from asyncpg import UniqueViolationError

from portal.domain.errors import Invalid
from portal.domain.events import Kind, OfficeAct
from portal.services import accounts, administration, invitations
from portal.services.accounts import NewAccount
from portal.services.people import Identity
from portal.services.signoffs import Matter, Proof, signing_about
from portal.tables.people import Person


def about(person: UUID) -> Matter:
    """What is signed, before a name is typed: an account that is not there yet."""
    return Matter("account", str(person), facts={"title": "—"})


async def open_account(person: UUID, new: NewAccount, *, by: Identity, proof: Proof, now: datetime) -> str:
    """Open the account `person` (an id drawn by the form) with its first mandate; its one-time link's token.

    Raises:
        Forbidden: `by` is no administrator.
        Invalid: as `accounts.checked`; the id is taken.
        ProofRefused, CodeAwaited.
    """
    administration.require_administrator(by)
    new = await accounts.checked(new, now)

    async def look(locked: bool) -> Matter:
        if await Person.exists().where(Person.id == person):
            raise Invalid({"username": "username-taken"})
        if locked:
            await accounts.checked(new, now)
        return about(person)

    try:
        async with signing_about(look, OfficeAct.OPENING, by, proof, now=now) as signing:
            await signing.prove({**new.as_dict(), "place": await accounts.require_place(new.office)})
            await accounts.write(person, new, by=by, now=now)
            token = await invitations.write(person, invitations.INVITATION, by=by, now=now)
            await signing.record(Kind.ACCOUNT_OPENED)
    except UniqueViolationError:
        raise Invalid({"username": "username-taken"}) from None
    return token
