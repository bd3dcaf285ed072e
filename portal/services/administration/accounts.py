"""Accounts: opened by two people, entered by invitation, closed but never deleted."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from asyncpg import UniqueViolationError

from portal.domain.approvals import Office
from portal.domain.errors import Invalid
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span, require_span, require_title
from portal.domain.persian import normalise
from portal.services.administration import access, administrators, invitations, links
from portal.services.authentication import sessions
from portal.services.cases import assignments
from portal.services.identity import account_events, accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.people import Person

_USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is opened with: a person, and their first mandate.

    `municipality` and `province` are codes, set as the role asks; the days are Tehran's, without a first one today.
    """

    username: str
    full_name: str
    title: str
    role: Role
    municipality: str | None = None
    province: str | None = None
    kind: MandateKind = MandateKind.REGULAR
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def office(self) -> Office:
        return Office(self.role, self.municipality, self.province)

    def span(self, now: datetime) -> Span:
        """The days of the first mandate."""
        return Span(mandates.today_or(self.starts_on, now), self.ends_on)

    def as_dict(self) -> dict[str, Any]:
        """The account as a statement carries it."""
        return {
            "username": self.username,
            "full_name": self.full_name,
            **accounts.in_words(self.office, self.title, self.kind, Span(self.starts_on or date.min, self.ends_on)),
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
        }


def about(person: UUID) -> Matter:
    """What is signed, before a name is typed: an account that is not there yet."""
    return Matter("account", str(person), facts={"title": "—"})


async def prepare_opening(person: UUID, new: NewAccount, *, by: Identity, now: datetime) -> Prepared[str]:
    """The account `person` (an id drawn by the form), opened with its first mandate; its one-time link's token.

    Raises:
        Forbidden: `by` is no administrator.
        Conflict.
        Invalid: as `checked`; the id is taken.
    """
    access.require_administrator(by)
    new = await checked(new, now)

    async def look(locked: bool) -> Matter:
        if await Person.exists().where(Person.id == person):
            raise Invalid({"username": "username-taken"})
        if locked:
            await checked(new, now)
        return about(person)

    async def open_it(signed: Signed) -> str:
        try:
            await write(person, new, by=by, now=signed.now)
        except UniqueViolationError:
            raise Invalid({"username": "username-taken"}) from None
        token = await invitations.write(person, invitations.INVITATION, by=by, now=signed.now)
        await signed.record(EventKind.ACCOUNT_OPENED)
        return token

    values = {**new.as_dict(), "place": await accounts.require_place(new.office)}
    return await prepare(OfficeAct.OPENING, by, look, open_it, values)


async def open_by_machine(new: NewAccount, *, now: datetime) -> UUID:
    """Open an account without a password, by whoever holds the machine; its id.

    A place that the role does not ask for is left out.

    Raises:
        Invalid: a name or a day is malformed, the username or the seat is taken, or the place does not fit the role.
    """
    new = await checked(new, now)
    person = uuid4()
    try:
        async with Person._meta.db.transaction():
            await write(person, new, by=None, now=now)
            await account_events.record(EventKind.ACCOUNT_OPENED, person, None, new.as_dict() | {"by": "machine"}, now)
    except UniqueViolationError:
        raise Invalid({"username": "username-taken"}) from None
    return person


async def checked(new: NewAccount, now: datetime) -> NewAccount:
    """`new` in the one form in which it is kept, once everything about it can be taken.

    Raises:
        Invalid.
    """
    new = replace(as_kept(new), starts_on=mandates.today_or(new.starts_on, now))
    _require_shape(new)
    await accounts.require_place(new.office)
    require_title(new.kind, new.title)
    require_span(new.kind, new.span(now), mandates.today_or(None, now))
    if await Person.exists().where(Person.username == new.username):
        raise Invalid({"username": "username-taken"})
    await mandates.require_free(uuid4(), new.role, new.kind, new.span(now), now)
    return new


async def write(person: UUID, new: NewAccount, *, by: Identity | None, now: datetime) -> None:
    """Write the rows of a new account and of its first mandate. Inside a transaction."""
    await Person(
        id=person,
        created_at=now,
        username=new.username,
        full_name=new.full_name,
        title=new.title,
        role=new.role,
        municipality=new.municipality,
        province=new.province,
    ).save()
    await mandates.write(
        person,
        new.office,
        kind=new.kind,
        title=new.title,
        span=new.span(now),
        granted_by=by.id if by else None,
        now=now,
        confirmed=True,
    )


def as_kept(new: NewAccount) -> NewAccount:
    """`new` with its names and codes in the one form in which they are kept."""
    office = accounts.placed(new.role, new.municipality, new.province)
    return replace(
        new,
        username=accounts.username_of(new.username),
        full_name=normalise(new.full_name),
        title=normalise(new.title),
        municipality=office.municipality,
        province=office.province,
    )


def _require_shape(new: NewAccount) -> None:
    errors: dict[str, str | tuple[str, dict[str, Any]]] = {}
    if not _USERNAME.fullmatch(new.username):
        errors["username"] = "username-shape"
    for name in ("full_name", "title"):
        value = getattr(new, name)
        if not value:
            errors[name] = "blank"
        elif len(value) > accounts.LONGEST_NAME:
            errors[name] = ("too-long", {"most": accounts.LONGEST_NAME})
    if errors:
        raise Invalid(errors)


async def approach_closing(person: UUID, by: Identity, now: datetime, *, locked: bool = False) -> Matter:
    """The doors before an account is closed.

    Raises:
        Forbidden, NotFound.
        Conflict: it is closed, one's own, or the last administrator's.
    """
    access.require_administrator(by)
    await administrators.require_another(now, person=person)
    row = await access.require_manageable(person, by, locked=locked)
    if locked:
        await administrators.lock(person)
        await administrators.require_another(now, person=person)
    return access.subject_of(row)


async def prepare_closing(person: UUID, *, by: Identity, now: datetime) -> Prepared[None]:
    """An account to be closed for good: it signs nothing and enters nowhere any more.

    Raises:
        Forbidden, NotFound, Conflict.
    """

    async def look(locked: bool) -> Matter:
        return await approach_closing(person, by, now, locked=locked)

    async def close(signed: Signed) -> None:
        await write_close(person, by=by, now=signed.now)
        await signed.record(EventKind.ACCOUNT_ENDED)

    return await prepare(OfficeAct.CLOSING, by, look, close, {})


async def close_by_machine(person: UUID, *, now: datetime) -> None:
    """Close an account, by whoever holds the machine: it signs nothing and enters nowhere any more.

    Raises:
        NotFound.
        Conflict: it is closed already, or the last administrator's.
    """
    await accounts.find(person)
    async with Person._meta.db.transaction():
        await administrators.lock(person)
        await administrators.require_another(now, person=person)
        await write_close(person, by=None, now=now)
        await account_events.record(EventKind.ACCOUNT_ENDED, person, None, {"by": "machine"}, now)


async def write_close(person: UUID, *, by: Identity | None, now: datetime) -> None:
    """Close the account's row, end its mandates, its sessions and the links it made, and put down what it has in hand.

    In a transaction.
    """
    await Person.update({Person.ended_at: now}).where(Person.id == person)
    await mandates.end_all(person, by=by.id if by else None, now=now)
    await links.void_made_by(person, now=now)
    await assignments.release_all(person, now=now)
    await sessions.end_all(person, now=now)


async def end_sessions(person: UUID, *, by: Identity, now: datetime) -> None:
    """Sign `person` out everywhere.

    Raises:
        Forbidden, NotFound.
    """
    access.require_administrator(by)
    await accounts.find(person)
    async with Person._meta.db.transaction():
        await sessions.end_all(person, now=now)
        await account_events.record(EventKind.SESSIONS_ENDED, person, by, {}, now)
