"""Accounts: opened by two people, entered by invitation, closed but never deleted."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from asyncpg import UniqueViolationError

from portal.domain.approvals import Office
from portal.domain.errors import Invalid, NotFound
from portal.domain.events import Kind
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span, require_span
from portal.domain.persian import fold_digits, normalise
from portal.services import administrators, budgets, hands, journal, links, mandates, passwords, sessions
from portal.services.people import Identity
from portal.services.second_factor import account_intent
from portal.tables.people import Person
from portal.tables.places import Municipality, Province

LONGEST_NAME = 120
"""Characters of a name or a title, as the table's columns hold them."""
_USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is opened with: a person, and his first mandate.

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
            **in_words(self.office, self.title, self.kind, Span(self.starts_on or date.min, self.ends_on)),
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
        }


def in_words(office: Office, title: str, kind: MandateKind, span: Span) -> dict[str, Any]:
    """A mandate as a statement carries it."""
    return {
        "kind": kind,
        "title": title,
        "role": office.role,
        "municipality": office.municipality,
        "province": office.province,
        "starts_on": span.starts_on.isoformat(),
        "ends_on": span.ends_on.isoformat() if span.ends_on else None,
    }


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


async def open_account(new: NewAccount, *, by: Identity | None, now: datetime) -> UUID:
    """Open an account without a password, by whoever holds the machine (`by` is None); its id.

    A place that the role does not ask for is left out. From the pages it is `openings.open_account`.

    Raises:
        Invalid: a name or a day is malformed, the username or the seat is taken, or the place does not fit the role.
    """
    new = await checked(new, now)
    person = uuid4()
    try:
        async with Person._meta.db.transaction():
            await write(person, new, by=by, now=now)
            await record(Kind.ACCOUNT_OPENED, person, by, new.as_dict() | ({} if by else {"by": "machine"}), now)
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
    await require_place(new.office)
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


def username_of(text: str) -> str:
    """A username as it is kept, from whatever keyboard: Latin digits, lower case."""
    return fold_digits(text).strip().casefold()


def as_kept(new: NewAccount) -> NewAccount:
    """`new` with its names and codes in the one form in which they are kept."""
    office = placed(new.role, new.municipality, new.province)
    return replace(
        new,
        username=username_of(new.username),
        full_name=normalise(new.full_name),
        title=normalise(new.title),
        municipality=office.municipality,
        province=office.province,
    )


def placed(role: Role, municipality: str | None, province: str | None) -> Office:
    """The office of `role` with the place that it asks for, and no other."""
    return Office(
        role,
        fold_digits(municipality or "") if role is Role.MUNICIPALITY else None,
        fold_digits(province or "") if role is Role.GOVERNORATE else None,
    )


def _require_shape(new: NewAccount) -> None:
    errors: dict[str, str | tuple[str, dict[str, Any]]] = {}
    if not _USERNAME.fullmatch(new.username):
        errors["username"] = "username-shape"
    for name in ("full_name", "title"):
        value = getattr(new, name)
        if not value:
            errors[name] = "blank"
        elif len(value) > LONGEST_NAME:
            errors[name] = ("too-long", {"most": LONGEST_NAME})
    if errors:
        raise Invalid(errors)


async def require_place(office: Office) -> str:
    """The name of the place of `office`, empty for the whole country.

    Raises:
        Invalid: the register does not know it.
    """
    if office.municipality is not None:
        town = await Municipality.select(Municipality.name).where(Municipality.code == office.municipality).first()
        if town is None:
            raise Invalid({"municipality": "unknown-municipality"})
        return str(town["name"])
    if office.province is not None:
        province = await Province.select(Province.name).where(Province.code == office.province).first()
        if province is None:
            raise Invalid({"province": "choose"})
        return str(province["name"])
    return ""


async def record(kind: Kind, person: UUID, by: Identity | None, values: dict[str, Any], now: datetime) -> None:
    """Write an event about the account `person`."""
    await journal.append(
        kind, account_intent(kind, by, str(person), values, now), at=now, person=str(by.id) if by else None
    )


async def change_password(by: Identity, *, old: str, new: str, now: datetime) -> str:
    """Replace the password, end every other session, and give this one another token, which is returned.

    Raises:
        TooMany: too many wrong old ones, with `seconds`.
        Invalid: the old one is wrong, or the new one weak.
    """
    row = await find(by.id)
    budget = budgets.of_password(by.id)
    await budgets.charge(budget, now)
    if not await passwords.fits(old, row["password_hash"]):
        raise Invalid({"old_password": "password-wrong"})
    await budgets.pay_back(budget)
    await passwords.require_fit(by.id, new)
    kept = await passwords.hashed(new)
    async with Person._meta.db.transaction():
        mine = (Person.id == by.id) & (Person.password_hash == row["password_hash"])
        if not await Person.update({Person.password_hash: kept}).where(mine).returning(Person.id):
            raise Invalid({"old_password": "password-wrong"})  # meanwhile a link has set another one
        await sessions.end_all(by.id, but=by.session, now=now)
        token = sessions.new_token()
        if by.session:
            await sessions.rename(by.session, digest(token))
        await record(Kind.PASSWORD_SET, by.id, by, {"by": "person", "hash_sha256": passwords.digest(kept)}, now)
    return token


async def rehash(person: UUID, password: str, stale: str, *, now: datetime) -> None:
    """Keep `password`, which has just been found right, under today's parameters in place of the hash `stale`."""
    kept = await passwords.hashed(password)
    async with Person._meta.db.transaction():
        mine = (Person.id == person) & (Person.password_hash == stale)
        if await Person.update({Person.password_hash: kept}).where(mine).returning(Person.id):
            await record(Kind.PASSWORD_REHASHED, person, None, {"hash_sha256": passwords.digest(kept)}, now)


async def close(person: UUID, *, by: Identity | None, now: datetime) -> None:
    """Close an account, by whoever holds the machine (`by` is None): it signs nothing and enters nowhere any more.

    Raises:
        NotFound.
        Conflict: it is closed already, or the last administrator's.
    """
    await find(person)
    async with Person._meta.db.transaction():
        await administrators.lock(person)
        await administrators.require_another(now, person=person)
        await write_close(person, by=by, now=now)
        await record(Kind.ACCOUNT_ENDED, person, by, {} if by else {"by": "machine"}, now)


async def write_close(person: UUID, *, by: Identity | None, now: datetime) -> None:
    """Close the account's row, end its mandates, its sessions and the links it made, and put down what it has in hand.

    In a transaction.
    """
    await Person.update({Person.ended_at: now}).where(Person.id == person)
    await mandates.end_all(person, by=by.id if by else None, now=now)
    await links.void_made_by(person, now=now)
    await hands.put_down_all(person, now=now)
    await sessions.end_all(person, now=now)


async def find(person: UUID) -> dict[str, Any]:
    """The row of an account, place names beside it.

    Raises:
        NotFound.
    """
    row = (
        await Person.select(
            *Person.all_columns(),
            Person.municipality.name.as_alias("town"),
            Person.province.name.as_alias("province_name"),
        )
        .where(Person.id == person)
        .output(load_json=False)
        .first()
    )
    if row is None:
        raise NotFound("account")
    return row


async def of_username(username: str) -> dict[str, Any] | None:
    """The row of the account with this username."""
    return await Person.select().where(Person.username == username).first()
