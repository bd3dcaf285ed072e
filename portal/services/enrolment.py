"""Authenticators: offered as a secret, enrolled by their first code, replaced by a code of the one before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp

from portal.domain import totp
from portal.domain.errors import Conflict, ProofRefused
from portal.domain.events import Kind
from portal.services import accounts, fingerprints, second_factor, sessions, signins, vault
from portal.services.people import Identity
from portal.tables.people import Person, SecondFactor

REPLACED_WITHIN = timedelta(minutes=10)
"""How long a code of the present authenticator allows enrolling the next one."""
_WAITING = SecondFactor.enrolled_at.is_null() & SecondFactor.ended_at.is_null()


async def has_factor(person: UUID) -> bool:
    """Whether `person` has an authenticator enrolled."""
    return await second_factor.in_force(person) is not None


async def offered(by: Identity, now: datetime) -> str | None:
    """The base32 secret that `by` may enrol now; the same until it is.

    None while an authenticator is enrolled and no code of it has begun a replacement (`begin_replacement`).
    """
    if offer := await _offer(by.id, now):
        return vault.open_secret(offer["secret"])
    return None if await has_factor(by.id) else await _offer_new(by.id, now)


async def _offer(person: UUID, now: datetime) -> dict[str, Any] | None:
    """The factor of `person` that waits for its first code; beside an enrolled one it does not wait for long."""
    row = (
        await SecondFactor.select()
        .where((SecondFactor.person == person) & _WAITING)
        .order_by(SecondFactor.created_at, ascending=False)
        .first()
    )
    if row is None or (now - row["created_at"] > REPLACED_WITHIN and await has_factor(person)):
        return None
    return row


async def _offer_new(person: UUID, now: datetime) -> str:
    secret = pyotp.random_base32()
    await SecondFactor(id=uuid4(), person=person, secret=vault.close_secret(secret), created_at=now).save()
    return secret


async def begin_replacement(by: Identity, code: str, *, now: datetime) -> None:
    """By a code of the present authenticator, offer the next one. The present one stays until that is enrolled.

    Ends the other sessions of `by`, so that nobody else is shown the secret.

    Raises:
        ProofRefused.
    """
    async with second_factor.proving(by, code, now=now) as proven, SecondFactor._meta.db.transaction():
        await second_factor.consume(proven, now=now)
        await SecondFactor.update({SecondFactor.ended_at: now}).where((SecondFactor.person == by.id) & _WAITING)
        await _offer_new(by.id, now)
        await sessions.end_all(by.id, but=by.session, now=now)


async def enrol(by: Identity, code: str, *, now: datetime) -> str:
    """Enrol the offered secret by its first code, which is spent; the one before ends with it.

    Returns:
        The new token of the session, which is proved by it.

    Raises:
        Conflict: nothing is offered.
        ProofRefused: the code is wrong.
    """
    offer = await _offer(by.id, now)
    if offer is None:
        raise Conflict("enrolled-already")
    step = totp.match(vault.open_secret(offer["secret"]), totp.normalise_code(code) or "", now)
    if step is None:
        # No try is charged: the secret stands on the screen of whoever types here.
        raise ProofRefused("wrong-code")
    async with SecondFactor._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == by.id).lock_rows("UPDATE")
        if not await SecondFactor.exists().where((SecondFactor.id == offer["id"]) & _WAITING):
            raise Conflict("enrolled-already")
        former = await second_factor.in_force(by.id)
        await SecondFactor.update({SecondFactor.ended_at: now}).where(
            (SecondFactor.person == by.id) & (SecondFactor.id != offer["id"]) & SecondFactor.ended_at.is_null()
        )
        await SecondFactor.update({SecondFactor.enrolled_at: now, SecondFactor.last_step: step}).where(
            SecondFactor.id == offer["id"]
        )
        await sessions.end_all(by.id, but=by.session, now=now)
        token = await signins.renew(by, now)
        if former:
            await fingerprints.pass_on(former["id"], offer, now=now)
            values = {"factor": str(former["id"]), "by": "replacement"}
            await accounts.record(Kind.FACTOR_ENDED, by.id, by, values, now)
        await accounts.record(Kind.FACTOR_ENROLLED, by.id, by, {"factor": str(offer["id"]), "kind": "totp"}, now)
    return token
