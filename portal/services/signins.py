"""Signing in: a password, then a code. Wrong passwords are charged before they are compared."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pyotp

from portal.domain import totp
from portal.domain.errors import Conflict, Invalid, ProofRefused, TooMany
from portal.domain.events import Kind
from portal.services import accounts, passwords, second_factor, sessions, vault
from portal.services.people import Identity
from portal.tables.people import LoginBudget, SecondFactor, Session


async def begin(username: str, password: str, *, address: str, agent: str, now: datetime) -> str:
    """Check a password and open a session that still lacks its second step; the session's token.

    Raises:
        TooMany: the budget of this address and username is spent, with `seconds`.
        Invalid: username or password is wrong; which one is not said.
    """
    budget = f"{address}|{username.casefold()}"[:160]
    await _charge(budget, now)
    row = await accounts.of_username(username)
    kept = row["password_hash"] if row and row["ended_at"] is None else None
    if not await passwords.fits(password, kept):
        raise Invalid({"password": "sign-in-refused"})
    assert row is not None
    await LoginBudget.delete().where(LoginBudget.key == budget)
    return await open_session(row["id"], address=address, agent=agent, now=now)


async def open_session(person: UUID, *, address: str, agent: str, now: datetime) -> str:
    """Open a session without its second step; its token."""
    token = sessions.new_token()
    await sessions.begin(person, accounts.digest(token), address=address, agent=agent, now=now)
    return token


async def _charge(key: str, now: datetime) -> None:
    rows = await LoginBudget.raw(
        "INSERT INTO login_budgets (key, failures, seen_at) VALUES ({}, 1, {}) "
        "ON CONFLICT (key) DO UPDATE SET failures = login_budgets.failures + 1, seen_at = {} "
        "WHERE login_budgets.paused_until IS NULL OR login_budgets.paused_until <= {} RETURNING failures",
        key,
        now,
        now,
        now,
    )
    if not rows:
        row = await LoginBudget.select(LoginBudget.paused_until).where(LoginBudget.key == key).first()
        until = row["paused_until"] if row else now
        raise TooMany("paused-sign-in", seconds=max(1, int((until - now).total_seconds())))
    if pause := totp.pause_after(rows[0]["failures"]):
        await LoginBudget.update({LoginBudget.paused_until: now + pause}).where(LoginBudget.key == key)


async def prove(by: Identity, code: str, *, now: datetime) -> str:
    """Take the second step; the session's new token, since the one from before it is void.

    Raises:
        ProofRefused.
    """
    async with second_factor.proving(by, code, now=now) as proven, Session._meta.db.transaction():
        await second_factor.consume(proven, now=now)
        return await _renew(by, now)


async def _renew(by: Identity, now: datetime) -> str:
    token = sessions.new_token()
    await Session.update({Session.token: accounts.digest(token), Session.proved_at: now}).where(
        Session.id == by.session
    )
    return token


async def has_factor(person: UUID) -> bool:
    """Whether `person` has an authenticator enrolled."""
    return await second_factor.in_force(person) is not None


async def offered_secret(by: Identity, now: datetime) -> str:
    """The base32 secret that `by` is about to enrol; the same until it is."""
    row = await _offer(by.id)
    if row is None:
        secret = pyotp.random_base32()
        await SecondFactor(id=uuid4(), person=by.id, secret=vault.close_secret(secret), created_at=now).save()
        return secret
    return vault.open_secret(row["secret"])


async def _offer(person: UUID) -> dict[str, Any] | None:
    return (
        await SecondFactor.select()
        .where((SecondFactor.person == person) & SecondFactor.enrolled_at.is_null() & SecondFactor.ended_at.is_null())
        .order_by(SecondFactor.created_at, ascending=False)
        .first()
    )


async def enrol(by: Identity, code: str, *, now: datetime) -> str:
    """Enrol the offered secret by its first code, which is spent; proves the session and renews its token.

    Raises:
        Conflict: an authenticator is enrolled already, or none was offered.
        ProofRefused: the code is wrong.
    """
    offer = await _offer(by.id)
    if offer is None or await has_factor(by.id):
        raise Conflict("enrolled-already")
    step = totp.match(vault.open_secret(offer["secret"]), totp.normalise_code(code) or "", now)
    if step is None:
        raise ProofRefused("wrong-code")
    async with SecondFactor._meta.db.transaction():
        enrolled = (
            await SecondFactor.update({SecondFactor.enrolled_at: now, SecondFactor.last_step: step})
            .where((SecondFactor.id == offer["id"]) & SecondFactor.enrolled_at.is_null())
            .returning(SecondFactor.id)
        )
        if not enrolled:
            raise Conflict("enrolled-already")
        token = await _renew(by, now)
        await accounts.record(Kind.FACTOR_ENROLLED, by.id, by, {"factor": str(offer["id"]), "kind": "totp"}, now)
    return token


async def replace_factor(by: Identity, code: str, *, now: datetime) -> None:
    """End the enrolled authenticator by one of its codes, so that another can be enrolled.

    Raises:
        ProofRefused.
    """
    async with second_factor.proving(by, code, now=now) as proven, SecondFactor._meta.db.transaction():
        await second_factor.consume(proven, now=now)
        await SecondFactor.update({SecondFactor.ended_at: now}).where(SecondFactor.id == proven.factor)
        await Session.update({Session.proved_at: None}).where(Session.id == by.session)
        await sessions.end_all(by.id, but=by.session, now=now)
        await accounts.record(Kind.FACTOR_ENDED, by.id, by, {"factor": str(proven.factor)}, now)
