"""The second factor: RFC 6238 codes, each accepted once, wrong ones charged before they are compared.

Two things must never be undone by a refused act: the charge for a try, and the trace of a failure. They are
committed in short transactions of their own; the accepted step is consumed in the transaction of the act.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import events, totp
from portal.domain.errors import ProofRefused
from portal.domain.events import Kind
from portal.services import journal, vault
from portal.services.people import Identity
from portal.tables.people import SecondFactor


@dataclass(frozen=True, slots=True)
class Proven:
    """A code that matched and is not yet consumed: factor and RFC 6238 time step."""

    factor: UUID
    step: int

    def as_dict(self) -> dict[str, Any]:
        """The factor as a statement carries it."""
        return {"kind": "totp", "id": str(self.factor), "step": self.step}


async def in_force(person: UUID) -> dict[str, Any] | None:
    """The enrolled factor of `person`, or None."""
    rows = await SecondFactor.select().where(
        (SecondFactor.person == person) & SecondFactor.enrolled_at.is_not_null() & SecondFactor.ended_at.is_null()
    )
    return rows[0] if rows else None


@asynccontextmanager
async def proving(by: Identity, code: str, *, now: datetime) -> AsyncIterator[Proven]:
    """Charge a try, compare `code`, and hold the match while the act runs; refund the charge if the act fails.

    The act itself must call `consume` inside its transaction.

    Raises:
        ProofRefused: `no-factor`, `paused` (with `seconds`), `wrong-code`, `used-code`.
    """
    factor = await in_force(by.id)
    if factor is None:
        raise ProofRefused("no-factor")
    failures = await _charge(factor["id"], now)
    step = totp.match(vault.open_secret(factor["secret"]), totp.normalise_code(code) or "", now)
    if step is None:
        await _trace_failures(by, failures, now)
        raise ProofRefused("wrong-code", left=max(0, totp.FREE_TRIES - failures))
    if step <= factor["last_step"]:
        await _refund(factor["id"])
        await _trace_replay(by, factor["id"], step, now)
        raise ProofRefused("used-code", seconds=totp.seconds_left(now))
    proven = Proven(factor["id"], step)
    try:
        yield proven
    except BaseException:
        await _refund(factor["id"])
        raise


async def consume(proven: Proven, *, now: datetime) -> None:
    """Spend the step, atomically: of any number at once exactly one passes. Success forgets failures.

    Raises:
        ProofRefused: `used-code`, when another act spent it first.
    """
    spent = (
        await SecondFactor.update(
            {SecondFactor.last_step: proven.step, SecondFactor.failures: 0, SecondFactor.paused_until: None}
        )
        .where((SecondFactor.id == proven.factor) & (SecondFactor.last_step < proven.step))
        .returning(SecondFactor.id)
    )
    if not spent:
        raise ProofRefused("used-code", seconds=totp.seconds_left(now))


async def _charge(factor: UUID, now: datetime) -> int:
    """Count a try before it is looked at; the count so far. One atomic statement, committed by itself."""
    rows = await SecondFactor.raw(
        "UPDATE second_factors SET failures = failures + 1 "
        "WHERE id = {} AND (paused_until IS NULL OR paused_until <= {}) RETURNING failures",
        factor,
        now,
    )
    if not rows:
        row = await SecondFactor.select(SecondFactor.paused_until).where(SecondFactor.id == factor).first()
        until = (row and row["paused_until"]) or now  # the pause may have ended between the two statements
        raise ProofRefused("paused", seconds=max(1, int((until - now).total_seconds())))
    failures = int(rows[0]["failures"])
    if pause := totp.pause_after(failures):
        await SecondFactor.update({SecondFactor.paused_until: now + pause}).where(SecondFactor.id == factor)
    return failures


async def _refund(factor: UUID) -> None:
    """A try that was no failure (a replay, a right code whose act was refused) costs nothing."""
    await SecondFactor.raw(
        "UPDATE second_factors SET failures = greatest(failures - 1, 0), paused_until = NULL WHERE id = {}", factor
    )


async def _trace_failures(by: Identity, failures: int, now: datetime) -> None:
    """Journal failures once for each step of the pause, with their count."""
    if not totp.pause_after(failures):
        return
    await _trace(Kind.CODES_FAILED, by, now, {"failures": failures})


async def _trace_replay(by: Identity, factor: UUID, step: int, now: datetime) -> None:
    await _trace(Kind.CODE_REPLAYED, by, now, {"factor": str(factor), "step": step})


async def _trace(kind: Kind, by: Identity, now: datetime, values: dict[str, Any]) -> None:
    async with SecondFactor._meta.db.transaction():
        await journal.append(kind, account_intent(kind, by, str(by.id), values, now), at=now, person=str(by.id))


def account_intent(
    kind: Kind, by: Identity | None, account: str, values: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The intent of an event about an account."""
    shown = events.basis(kind, {"type": "account", "id": account}, None, [], {})
    return events.intent(
        shown,
        after=None,
        values=values,
        signer=by.as_signer() if by else {},
        nonce=uuid4().hex + uuid4().hex,
        expires=events.moment(now),
        meaning="",
    )
