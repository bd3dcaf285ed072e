"""What proves a person: authenticators, enrolled by their first code; passkeys and recovery codes beside them.

Nothing here changes without a fresh proof, and every change ends the person's other sessions.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp

from portal.domain import totp
from portal.domain.approvals import Office
from portal.domain.errors import Conflict, ProofRefused
from portal.domain.events import EventKind
from portal.services.authentication import (
    encryption,
    factor_confirmations,
    passkeys,
    recovery_codes,
    second_factor,
    sessions,
    sign_in,
)
from portal.services.authentication.passkeys import Answered, Enrolment
from portal.services.authentication.recovery_codes import Recovery
from portal.services.authentication.second_factor import Given
from portal.services.identity import account_events
from portal.services.identity.identity import Identity
from portal.tables.factors import Passkey
from portal.tables.people import Person, SecondFactor

REPLACED_WITHIN = timedelta(minutes=10)
"""How long a code of the present authenticator allows enrolling the next one."""
_WAITING = SecondFactor.enrolled_at.is_null() & SecondFactor.ended_at.is_null()


async def has_factor(person: UUID) -> bool:
    """Whether `person` has an authenticator or a passkey enrolled."""
    return await second_factor.in_force(person) is not None or bool(await passkeys.of_person(person))


async def offered(by: Identity, now: datetime) -> str | None:
    """The base32 secret that `by` may enrol now in this session, the same until it is.

    None before `draw_first` or `begin_replacement` has drawn it.
    """
    offer = await _offer(by, now)
    return encryption.decrypt(offer["secret"]) if offer else None


async def draw_first(by: Identity, now: datetime) -> tuple[str, str]:
    """Draw the secret of whoever has no factor yet: it, and the session's new token.

    Who holds the token from before is not shown it.

    Raises:
        Conflict: `enrolled-already`.
    """
    assert by.session is not None
    if await has_factor(by.id):
        raise Conflict("enrolled-already")
    token = sessions.new_token()
    async with SecondFactor._meta.db.transaction():
        await sessions.rotate_token(by.session, sessions.digest(token))
        return await _offer_new(by, now), token


async def _offer(by: Identity, now: datetime) -> dict[str, Any] | None:
    """The factor that waits for its first code in this session; beside an enrolled one it does not wait for long.

    What another session has drawn is never shown: whoever looked there would hold the same authenticator.
    """
    drawn_here = SecondFactor.session == by.session if by.session else SecondFactor.session.is_null()
    row = (
        await SecondFactor.select()
        .where((SecondFactor.person == by.id) & _WAITING & drawn_here)
        .order_by(SecondFactor.created_at, ascending=False)
        .first()
    )
    if row is None or (now - row["created_at"] > REPLACED_WITHIN and await has_factor(by.id)):
        return None
    return row


async def _offer_new(by: Identity, now: datetime) -> str:
    secret = pyotp.random_base32()
    await SecondFactor(
        id=uuid4(), person=by.id, secret=encryption.encrypt(secret), created_at=now, session=by.session
    ).save()
    return secret


async def end_offers(person: UUID, *, now: datetime) -> None:
    """Whatever waits for its first code is enrolled no more. Inside a transaction."""
    await SecondFactor.update({SecondFactor.ended_at: now}).where((SecondFactor.person == person) & _WAITING)


AnyProof = Given | Recovery
"""What restores a factor or replaces it: a recovery code will do where nothing is signed."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """The factor that proved a person (None: a recovery code), and the offices that have confirmed it."""

    factor: UUID | None = None
    offices: frozenset[Office] = frozenset()


@asynccontextmanager
async def proved(by: Identity, given: AnyProof, use: str, *, now: datetime) -> AsyncIterator[Vouching]:
    """A transaction under a fresh proof of `by`, spent at its end.

    `use` says in the journal what a recovery code was for. Yields the offices for which the proof vouches for what it
    enrols: those for which a second person has confirmed the factor; none for a recovery code. The person's row is
    locked, so that a link that is used at the same time makes void what it vouched for, or vouches no more.

    Raises:
        ProofRefused.
    """
    if isinstance(given, Recovery):
        async with recovery_codes.proving(by, given, use, now=now) as found, SecondFactor._meta.db.transaction():
            await Person.select(Person.id).where(Person.id == by.id).lock_rows("UPDATE")
            yield Vouching()
            await recovery_codes.consume(found, now=now)
        return
    async with second_factor.proving(by, given, now=now) as proven, SecondFactor._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == by.id).lock_rows("UPDATE")
        await second_factor.consume(proven, now=now)
        vouching = Vouching(proven.factor, await factor_confirmations.heard_by(proven.factor, by.id))
        if by.session and vouching.offices:
            await sessions.prove_again(by.session, means=sign_in.means_of(given), factor=proven.factor)
        yield vouching


async def begin_replacement(by: Identity, given: AnyProof, *, now: datetime) -> str:
    """By any other proof, offer the next authenticator. The present one stays until that is enrolled.

    Ends the other sessions of `by`, and gives this one another token, which is returned: nobody else is shown the
    secret, whatever cookie they have copied.

    Raises:
        ProofRefused.
    """
    async with proved(by, given, "replacement", now=now) as vouched:
        await end_offers(by.id, now=now)
        await _offer_new(by, now)
        if vouched.offices and (offer := await _offer(by, now)):
            shown = fingerprint(encryption.decrypt(offer["secret"]))
            await factor_confirmations.write(offer["id"], by.id, shown, vouched.offices, now=now)
        return await sign_in.refresh(by, now)


async def restore(by: Identity, given: Answered | Recovery, *, now: datetime) -> None:
    """Wake an authenticator that rests after too many wrong codes, by another proof (SP 800-63B-4 §3.2.2).

    Raises:
        Conflict: it does not rest.
        ProofRefused.
    """
    factor = await second_factor.in_force(by.id)
    if factor is None or factor["rested_at"] is None:
        raise Conflict("not-resting")
    async with proved(by, given, "restoration", now=now):
        await SecondFactor.update({SecondFactor.rested_at: None, SecondFactor.failures: 0}).where(
            SecondFactor.id == factor["id"]
        )
        by_what = "recovery" if isinstance(given, Recovery) else "passkey"
        await account_events.record(
            EventKind.FACTOR_RESTORED, by.id, by, {"factor": str(factor["id"]), "by": by_what}, now
        )


async def add_passkey(by: Identity, given: Given, offered: Enrolment, *, now: datetime) -> str:
    """Enrol a passkey beside the authenticator, under a fresh proof; the session's new token.

    Raises:
        ProofRefused, Invalid.
    """
    async with proved(by, given, "passkey", now=now) as vouched:
        token = await sign_in.refresh(by, now)
        passkey = await passkeys.enrol(by, offered, now=now)
        await factor_confirmations.inherit(passkey, by.id, vouched.offices, now=now)
    return token


async def end_passkey(by: Identity, given: Given, passkey: UUID, *, now: datetime) -> str:
    """End one's own passkey, under a fresh proof; the session's new token.

    Raises:
        ProofRefused, NotFound.
    """
    async with proved(by, given, "passkey", now=now):
        token = await sign_in.refresh(by, now)
        await passkeys.end(passkey, by, now=now)
    return token


async def issue_recovery_codes(by: Identity, given: Given, *, now: datetime) -> list[str]:
    """Ten recovery codes, shown this once, under a fresh proof.

    Raises:
        ProofRefused.
    """
    async with proved(by, given, "recovery-codes", now=now) as vouched:
        return await recovery_codes.issue(by, vouched.factor, now=now)


def fingerprint(secret: str) -> str:
    """What an authenticator is recognised by, on the screen of two people: hex SHA-256 of its base32 secret."""
    return factor_confirmations.of_secret(secret)


async def fingerprint_in_force(person: UUID) -> str | None:
    """The fingerprint of the enrolled authenticator of `person`; None without one."""
    factor = await second_factor.in_force(person)
    return fingerprint(encryption.decrypt(factor["secret"])) if factor else None


async def end_factors(person: UUID, *, by: Identity | None, reason: str, now: datetime) -> None:
    """End whatever proves `person`: authenticator, passkeys, recovery codes, and every session.

    Inside the caller's transaction, which holds the person's row; `reason` is a word of the journal.
    """
    ended: list[tuple[UUID, str]] = []
    for table, kind in ((SecondFactor, "totp"), (Passkey, "passkey")):
        rows = (
            await table.update({table.ended_at: now})
            .where((table.person == person) & table.ended_at.is_null())
            .returning(table.id, table.enrolled_at)
        )
        ended += [(row["id"], kind) for row in rows if row["enrolled_at"]]
    await recovery_codes.end_all(person, now=now)
    await sessions.end_all(person, now=now)
    for factor, kind in ended:
        values = {"factor": str(factor), "kind": kind, "by": reason}
        await account_events.record(EventKind.FACTOR_ENDED, person, by, values, now)


async def enrol(by: Identity, code: str, *, now: datetime) -> str:
    """Enrol the offered secret by its first code, which is spent; the one before ends with it.

    Returns:
        The new token of the session, which is proved by it.

    Raises:
        Conflict: nothing is offered.
        ProofRefused: the code is wrong.
    """
    offer = await _offer(by, now)
    if offer is None:
        raise Conflict("enrolled-already")
    step = totp.match(encryption.decrypt(offer["secret"]), totp.normalise_code(code) or "", now)
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
        token = await sign_in.renew(by, now, "totp", offer["id"])
        if former:
            if await factor_confirmations.heard_by(offer["id"], by.id):
                await recovery_codes.inherit(former["id"], offer["id"])
            values = {"factor": str(former["id"]), "by": "replacement"}
            await account_events.record(EventKind.FACTOR_ENDED, by.id, by, values, now)
        values = {
            "factor": str(offer["id"]),
            "kind": "totp",
            "fingerprint": fingerprint(encryption.decrypt(offer["secret"])),
        }
        await account_events.record(EventKind.FACTOR_ENROLLED, by.id, by, values, now)
    return token
