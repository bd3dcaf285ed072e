"""Signing in: a password, then a code. Wrong passwords are charged before they are compared."""

from datetime import datetime
from uuid import UUID

from portal.domain.errors import Invalid
from portal.services.authentication import passwords, rate_limits, recovery_codes, second_factor, sessions
from portal.services.authentication.devices import Device
from portal.services.authentication.passkeys import Answered
from portal.services.authentication.recovery_codes import Recovery
from portal.services.authentication.second_factor import Given
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.tables.people import Session


async def begin(
    username: str, password: str, *, address: str, agent: str, device: Device | None = None, now: datetime
) -> str:
    """Check a password and open a session that still lacks its second step; the session's token.

    Raises:
        TooMany: the budget of this username is spent at this address or on this device, with `seconds`; or too many
            wait for their passwords to be looked at, and then nothing is charged.
        Invalid: username or password is wrong; which one is not said.
        Conflict: the password is right, but its person holds no office today.
    """
    passwords.require_turn()
    username = identities.username_of(username)
    row = await identities.of_username(username)
    known = device.knows(row["id"]) if device and row else None
    budget = rate_limits.of_sign_in(address, username, known)
    await rate_limits.hit(budget, now)
    kept = row["password_hash"] if row and row["ended_at"] is None else None
    if not await passwords.fits(password, kept):
        raise Invalid({"password": "sign-in-refused"})
    assert row is not None
    assert kept is not None
    await rate_limits.undo(budget)
    if passwords.is_stale(kept):
        await passwords.rehash(row["id"], password, kept, now=now)
    await mandates.require_in_force(row["id"], now)
    return await open_session(row["id"], address=address, agent=agent, now=now)


async def open_session(person: UUID, *, address: str, agent: str, now: datetime) -> str:
    """Open a session without its second step; its token."""
    held = await mandates.in_force(person, now)
    if held is not None:
        await mandates.carry_over(held)  # its first day may have come since the account's row was written
    token = sessions.new_token()
    await sessions.begin(person, sessions.digest(token), address=address, agent=agent, now=now)
    return token


async def prove(by: Identity, given: Given, *, now: datetime) -> str:
    """Take the second step; the session's new token, since the one from before it is void.

    Raises:
        ProofRefused.
    """
    async with second_factor.proving(by, given, now=now) as proven, Session._meta.db.transaction():
        await second_factor.consume(proven, now=now)
        return await renew(by, now, means_of(given), proven.factor)


def means_of(given: Given) -> str:
    """By what somebody proved themselves, as a session keeps it."""
    return "passkey" if isinstance(given, Answered) else "totp"


async def recover(by: Identity, code: str, *, now: datetime) -> str:
    """Take the second step by a recovery code; the session's new token.

    Raises:
        ProofRefused.
    """
    async with recovery_codes.proving(by, Recovery(code), "sign-in", now=now) as found, Session._meta.db.transaction():
        token = await renew(by, now, "recovery", found.factor)
        await recovery_codes.consume(found, now=now)
        return token


async def refresh(by: Identity, now: datetime) -> str:
    """After a change of what proves `by`: end their other sessions, and give this one another token.

    The token is returned. Inside the transaction of the change.
    """
    assert by.session is not None
    await sessions.end_all(by.id, but=by.session, now=now)
    token = sessions.new_token()
    await sessions.rotate_token(by.session, sessions.digest(token))
    return token


async def renew(by: Identity, now: datetime, means: str, factor: UUID | None) -> str:
    """Mark the session of `by` as proved by `factor` and give it another token. Inside the transaction of the proof."""
    assert by.session is not None
    token = sessions.new_token()
    digest = sessions.digest(token)
    await sessions.prove(by.session, digest, role=by.role, means=means, factor=factor, now=now)
    return token
