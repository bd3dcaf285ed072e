"""Recovery codes: ten look-up secrets (SP 800-63B-4 §3.1.2), each good once, for signing in and restoring a factor.

Never for a sign-off: `second_factor.proving` does not know them. Of 120 random bits, so a plain digest keeps them.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from piccolo.columns.combination import And

from portal.domain.alerts import Alert
from portal.domain.errors import ProofRefused
from portal.domain.events import EventKind
from portal.domain.persian import fold_digits
from portal.services.authentication import rate_limits
from portal.services.authentication.rate_limits import Budget
from portal.services.identity import account_events, alerts
from portal.services.identity.identity import Identity
from portal.tables.factors import RecoveryCode

HOW_MANY = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is read as another, and what is mistyped for one is it."""
_LENGTH, _GROUP = 24, 4
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery code as it was typed."""

    code: str


@dataclass(frozen=True, slots=True)
class Found:
    """A recovery code of this person that is not yet spent, and what it is spent for."""

    id: UUID
    by: Identity
    use: str
    factor: UUID | None
    """What it was issued under; None of one from before that was kept."""


def normalise(text: str) -> str | None:
    """The 24 characters that `text` says; None for anything else."""
    plain = "".join(each for each in fold_digits(text).upper().translate(_MISREAD) if each.isalnum())
    return plain if len(plain) == _LENGTH and set(plain) <= set(_ALPHABET) else None


def _digest(plain: str) -> bytes:
    return hashlib.sha256(f"daraje recovery code\0{plain}".encode()).digest()


async def issue(by: Identity, factor: UUID | None, *, now: datetime) -> list[str]:
    """Ten new codes, shown this once; the ones before are void.

    Inside the transaction that proved `by`, by `factor`: they let in to what that one lets in to.
    """
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(HOW_MANY)]
    await end_all(by.id, now=now)
    rows = (
        RecoveryCode(id=uuid4(), person=by.id, digest=_digest(each), factor=factor, issued_at=now) for each in codes
    )
    await RecoveryCode.insert(*rows)
    await account_events.record(EventKind.RECOVERY_CODES_ISSUED, by.id, by, {"count": HOW_MANY}, now)
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in codes]


async def inherit(former: UUID, factor: UUID) -> None:
    """What a confirmed factor has issued is its successor's, for which it vouched. In the transaction of the change."""
    await RecoveryCode.update({RecoveryCode.factor: factor}).where(RecoveryCode.factor == former)


async def end_all(person: UUID, *, now: datetime) -> None:
    """Make every code of `person` void."""
    await RecoveryCode.update({RecoveryCode.ended_at: now}).where(_in_force(person))


def _in_force(person: UUID) -> And:
    return (RecoveryCode.person == person) & RecoveryCode.used_at.is_null() & RecoveryCode.ended_at.is_null()


async def left(person: UUID) -> int:
    """How many codes of `person` are still good."""
    return int(await RecoveryCode.count().where(_in_force(person)))


@asynccontextmanager
async def proving(by: Identity, given: Recovery, use: str, *, now: datetime) -> AsyncIterator[Found]:
    """Find the code, and hold it while the act runs; the act must call `consume`. Wrong ones are charged as others.

    Raises:
        ProofRefused: `paused` (with `seconds`), `wrong-recovery-code`.
    """
    kept = rate_limits.of_recovery(by)
    if seconds := await rate_limits.seconds_left(kept, now):
        raise ProofRefused("paused", seconds=seconds)
    plain = normalise(given.code)
    mine = _in_force(by.id) & (RecoveryCode.digest == _digest(plain or ""))
    row = await RecoveryCode.select(RecoveryCode.id, RecoveryCode.factor).where(mine).first()
    if row is None:
        async with RecoveryCode._meta.db.transaction():
            await _count(by, kept, now)
        raise ProofRefused("wrong-recovery-code")
    yield Found(row["id"], by, use, row["factor"])


async def _count(by: Identity, kept: tuple[Budget, ...], now: datetime) -> None:
    counted = [each for budget in kept if (each := await rate_limits.count(budget, now))]
    if any(pause for _, pause in counted):
        await alerts.warn(by.id, Alert.CODES_FAILED, now=now)
        values = {"kind": "recovery", "failures": max(each[0] for each in counted), "address": by.address}
        await account_events.record(EventKind.CODES_FAILED, by.id, by, values, now)


async def consume(found: Found, *, now: datetime) -> None:
    """Spend the code, atomically, inside the act: journalled, and its owner is told.

    Raises:
        ProofRefused: `wrong-recovery-code`, when another act spent it first.
    """
    spent = (
        await RecoveryCode.update({RecoveryCode.used_at: now})
        .where((RecoveryCode.id == found.id) & _in_force(found.by.id))
        .returning(RecoveryCode.id)
    )
    if not spent:
        raise ProofRefused("wrong-recovery-code")
    await rate_limits.undo(rate_limits.of_recovery(found.by))
    await alerts.warn(found.by.id, Alert.RECOVERY_USED, now=now)
    values = {"code": str(found.id), "for": found.use, "left": await left(found.by.id)}
    await account_events.record(EventKind.RECOVERY_CODE_USED, found.by.id, found.by, values, now)
