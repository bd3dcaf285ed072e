"""Accounts: opened by administrators, entered by invitation, closed but never deleted."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from asyncpg import UniqueViolationError

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.events import Kind
from portal.domain.lifecycle import Role
from portal.domain.persian import normalise, search_key
from portal.services import journal, passwords, sessions
from portal.services.people import Identity
from portal.services.second_factor import account_intent
from portal.tables.people import Invitation, Person, SecondFactor
from portal.tables.places import Municipality, Province

INVITED_FOR = timedelta(days=7)
PAGE = 25
INVITATION, RESET = "invitation", "reset"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is opened with; `municipality` and `province` are codes, set as the role asks."""

    username: str
    full_name: str
    title: str
    role: Role
    municipality: str | None = None
    province: str | None = None


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


async def open_account(new: NewAccount, *, by: Identity | None, now: datetime) -> UUID:
    """Open an account without a password; its id. `by` is None for the command line.

    Raises:
        Invalid: the username is taken, or the place does not fit the role.
    """
    await _require_place(new)
    person = uuid4()
    try:
        async with Person._meta.db.transaction():
            await Person(
                id=person,
                username=new.username,
                full_name=normalise(new.full_name),
                title=normalise(new.title),
                role=new.role,
                municipality=new.municipality if new.role is Role.MUNICIPALITY else None,
                province=new.province if new.role is Role.GOVERNORATE else None,
                created_at=now,
            ).save()
            values = {
                "username": new.username,
                "name": new.full_name,
                "title": new.title,
                "role": new.role,
                "municipality": new.municipality,
                "province": new.province,
            }
            await record(Kind.ACCOUNT_OPENED, person, by, values, now)
    except UniqueViolationError:
        raise Invalid({"username": "username-taken"}) from None
    return person


async def _require_place(new: NewAccount) -> None:
    if new.role is Role.MUNICIPALITY and not (
        new.municipality and await Municipality.exists().where(Municipality.code == new.municipality)
    ):
        raise Invalid({"municipality": "unknown-municipality"})
    if new.role is Role.GOVERNORATE and not (
        new.province and await Province.exists().where(Province.code == new.province)
    ):
        raise Invalid({"province": "choose"})


async def record(kind: Kind, person: UUID, by: Identity | None, values: dict[str, Any], now: datetime) -> None:
    """Write an event about the account `person`."""
    await journal.append(
        kind, account_intent(kind, by, str(person), values, now), at=now, person=str(by.id) if by else None
    )


async def invite(person: UUID, *, purpose: str, by: Identity | None, now: datetime) -> str:
    """A one-time link's token, shown once; links made before it are void.

    Raises:
        NotFound: no such open account.
    """
    row = await find(person)
    if row["ended_at"] is not None:
        raise NotFound("account")
    token = sessions.new_token()
    async with Person._meta.db.transaction():
        await Invitation.update({Invitation.used_at: now}).where(
            (Invitation.person == person) & Invitation.used_at.is_null()
        )
        await Invitation(
            id=uuid4(),
            token=digest(token),
            person=person,
            purpose=purpose,
            made_by=by.id if by else None,
            made_at=now,
            expires_at=now + INVITED_FOR,
        ).save()
    return token


async def invitation(token: str, now: datetime) -> dict[str, Any]:
    """The invitation behind a link, its account's names beside it. Looking changes nothing.

    Raises:
        NotFound: unknown, used or late.
    """
    row = (
        await Invitation.select(
            Invitation.id,
            Invitation.person,
            Invitation.purpose,
            Invitation.person.username.as_alias("username"),
            Invitation.person.full_name.as_alias("full_name"),
            Invitation.person.title.as_alias("title"),
        )
        .where((Invitation.token == digest(token)) & Invitation.used_at.is_null() & (Invitation.expires_at > now))
        .first()
    )
    if row is None:
        raise NotFound("invitation")
    return row


async def accept(token: str, *, password: str, now: datetime) -> UUID:
    """Set the password by a one-time link; a reset also ends the old factor and all sessions. The person's id.

    Raises:
        NotFound: the link is unknown, used or late.
        Invalid: the password is weak.
    """
    row = await invitation(token, now)
    passwords.require_strong(password, row["username"], *row["full_name"].split())
    kept = await passwords.hashed(password)
    person: UUID = row["person"]
    async with Person._meta.db.transaction():
        used = (
            await Invitation.update({Invitation.used_at: now})
            .where((Invitation.id == row["id"]) & Invitation.used_at.is_null())
            .returning(Invitation.id)
        )
        if not used:
            raise NotFound("invitation")
        await Person.update({Person.password_hash: kept}).where(Person.id == person)
        if row["purpose"] == RESET:
            await SecondFactor.update({SecondFactor.ended_at: now}).where(
                (SecondFactor.person == person) & SecondFactor.ended_at.is_null()
            )
            await sessions.end_all(person, now=now)
        await record(Kind.PASSWORD_SET, person, None, {"by": row["purpose"]}, now)
    return person


async def change_password(by: Identity, *, old: str, new: str, now: datetime) -> None:
    """Replace the password and end every other session.

    Raises:
        Invalid: the old one is wrong, or the new one weak.
    """
    row = await find(by.id)
    if not await passwords.fits(old, row["password_hash"]):
        raise Invalid({"old_password": "password-wrong"})
    passwords.require_strong(new, by.username, *by.full_name.split())
    kept = await passwords.hashed(new)
    async with Person._meta.db.transaction():
        await Person.update({Person.password_hash: kept}).where(Person.id == by.id)
        await sessions.end_all(by.id, but=by.session, now=now)
        await record(Kind.PASSWORD_SET, by.id, by, {"by": "person"}, now)


async def close(person: UUID, *, by: Identity | None, now: datetime) -> None:
    """Close an account: it signs nothing and enters nowhere any more.

    Raises:
        NotFound.
        Conflict: it is the last administrator's.
    """
    row = await find(person)
    async with Person._meta.db.transaction():
        others = (
            await Person.select(Person.id)
            .where((Person.role == Role.ADMINISTRATOR) & Person.ended_at.is_null())
            .lock_rows("UPDATE")
        )
        if row["role"] == Role.ADMINISTRATOR and len(others) < 2:
            raise Conflict("last-administrator")
        await Person.update({Person.ended_at: now}).where((Person.id == person) & Person.ended_at.is_null())
        await sessions.end_all(person, now=now)
        await record(Kind.ACCOUNT_ENDED, person, by, {}, now)


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


_LIST = """
SELECT p.id, p.username, p.full_name, p.title, p.role, p.ended_at, coalesce(m.name, v.name) AS place_name,
       p.password_hash IS NOT NULL AS entered,
       EXISTS (SELECT 1 FROM second_factors f
               WHERE f.person = p.id AND f.enrolled_at IS NOT NULL AND f.ended_at IS NULL) AS enrolled,
       (SELECT max(s.seen_at) FROM sessions s WHERE s.person = p.id AND s.proved_at IS NOT NULL) AS seen_at
FROM people p LEFT JOIN municipalities m ON m.code = p.municipality LEFT JOIN provinces v ON v.code = p.province
WHERE p.username > {} AND ({} = '' OR p.role = {})
  AND ({} = '' OR p.username LIKE {} OR p.full_name LIKE {} OR m.search LIKE {})
ORDER BY p.username LIMIT {}
"""


async def listing(*, after: str = "", role: str = "", text: str = "") -> list[dict[str, Any]]:
    """Up to 26 accounts after the username `after`: a page, and whether there is another."""
    plain = normalise(text).replace("%", "").replace("_", "")
    rows: list[dict[str, Any]] = await Person.raw(
        _LIST,
        after,
        role,
        role,
        plain,
        f"{plain}%",
        f"%{plain}%",
        f"%{search_key(plain)}%",
        PAGE + 1,
    )
    return rows


async def administrators() -> int:
    """How many open accounts administer the portal."""
    return int(await Person.count().where((Person.role == Role.ADMINISTRATOR) & Person.ended_at.is_null()))
