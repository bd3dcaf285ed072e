"""Accounts: opened by administrators, entered by invitation, closed but never deleted."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from asyncpg import UniqueViolationError

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.events import Kind
from portal.domain.lifecycle import Role
from portal.domain.persian import fold_digits, normalise, search_key
from portal.services import budgets, journal, passwords, sessions
from portal.services.people import Identity
from portal.services.second_factor import account_intent
from portal.tables.people import Person
from portal.tables.places import Municipality, Province

PAGE = 25
LONGEST_NAME = 120
"""Characters of a name or a title, as the table's columns hold them."""
_USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}")


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

    A place that the role does not ask for is left out.

    Raises:
        Invalid: a name is malformed, the username is taken, or the place does not fit the role.
    """
    new = as_kept(new)
    _require_shape(new)
    await _require_place(new)
    person = uuid4()
    values = asdict(new)
    try:
        async with Person._meta.db.transaction():
            await Person(id=person, created_at=now, **values).save()
            await record(Kind.ACCOUNT_OPENED, person, by, values, now)
    except UniqueViolationError:
        raise Invalid({"username": "username-taken"}) from None
    return person


def username_of(text: str) -> str:
    """A username as it is kept, from whatever keyboard: Latin digits, lower case."""
    return fold_digits(text).strip().casefold()


def as_kept(new: NewAccount) -> NewAccount:
    """`new` with its names and codes in the one form in which they are kept."""
    return replace(
        new,
        username=username_of(new.username),
        full_name=normalise(new.full_name),
        title=normalise(new.title),
        municipality=fold_digits(new.municipality or "") if new.role is Role.MUNICIPALITY else None,
        province=fold_digits(new.province or "") if new.role is Role.GOVERNORATE else None,
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


async def _require_place(new: NewAccount) -> None:
    if new.municipality is not None and not await Municipality.exists().where(Municipality.code == new.municipality):
        raise Invalid({"municipality": "unknown-municipality"})
    if new.province is not None and not await Province.exists().where(Province.code == new.province):
        raise Invalid({"province": "choose"})


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
        await Person.update({Person.password_hash: kept}).where(Person.id == by.id)
        await sessions.end_all(by.id, but=by.session, now=now)
        token = sessions.new_token()
        if by.session:
            await sessions.rename(by.session, digest(token))
        await record(Kind.PASSWORD_SET, by.id, by, {"by": "person"}, now)
    return token


async def close(person: UUID, *, by: Identity | None, now: datetime) -> None:
    """Close an account: it signs nothing and enters nowhere any more.

    Raises:
        NotFound.
        Conflict: it is closed already, or the last administrator's.
    """
    await find(person)
    async with Person._meta.db.transaction():
        # The administrators are locked too, in one order: of the last two, closed at once, one remains.
        standing = (
            await Person.select(Person.id, Person.role)
            .where(Person.ended_at.is_null() & ((Person.role == Role.ADMINISTRATOR) | (Person.id == person)))
            .order_by(Person.id)
            .lock_rows("UPDATE")
        )
        roles = {row["id"]: row["role"] for row in standing}
        if person not in roles:
            raise Conflict("account-closed")
        if roles[person] == Role.ADMINISTRATOR and len(standing) < 2:
            raise Conflict("last-administrator")
        await Person.update({Person.ended_at: now}).where(Person.id == person)
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


_ENROLLED = """EXISTS (SELECT 1 FROM second_factors f
               WHERE f.person = p.id AND f.enrolled_at IS NOT NULL AND f.ended_at IS NULL)"""
_LIST = f"""
SELECT p.id, p.username, p.full_name, p.title, p.role, p.ended_at, coalesce(m.name, v.name) AS place_name,
       p.password_hash IS NOT NULL AS entered, {_ENROLLED} AS enrolled,
       (SELECT max(s.seen_at) FROM sessions s WHERE s.person = p.id AND s.proved_at IS NOT NULL) AS seen_at
FROM people p LEFT JOIN municipalities m ON m.code = p.municipality LEFT JOIN provinces v ON v.code = p.province
WHERE p.username > {{}} AND ({{}} = '' OR p.role = {{}})
  AND ({{}} = '' OR p.username LIKE {{}} OR p.full_name LIKE {{}} OR m.search LIKE {{}} OR v.name LIKE {{}})
  AND (NOT {{}} OR (p.ended_at IS NULL AND NOT {_ENROLLED}))
ORDER BY p.username LIMIT {{}}
"""


async def listing(*, after: str = "", role: str = "", text: str = "", unenrolled: bool = False) -> list[dict[str, Any]]:
    """Up to 26 accounts after the username `after`: a page, and whether there is another.

    `unenrolled` keeps open accounts without an authenticator alone.
    """
    plain = normalise(text).translate(_UNSEARCHABLE)
    rows: list[dict[str, Any]] = await Person.raw(
        _LIST,
        after.replace("\0", ""),
        role,
        role,
        plain,
        f"{username_of(plain)}%",
        f"%{plain}%",
        f"%{search_key(plain)}%",
        f"%{plain}%",
        unenrolled,
        PAGE + 1,
    )
    return rows


_UNSEARCHABLE = str.maketrans("", "", "%_\\\0")  # what LIKE reads as patterns, and what PostgreSQL cannot hold


async def is_last_administrator(account: dict[str, Any]) -> bool:
    """Whether no other open account administers the portal."""
    return account["role"] == Role.ADMINISTRATOR and account["ended_at"] is None and await administrators() < 2


async def administrators() -> int:
    """How many open accounts administer the portal."""
    return int(await Person.count().where((Person.role == Role.ADMINISTRATOR) & Person.ended_at.is_null()))
