"""The second factor: RFC 6238 codes, each accepted once, and what wrong ones cost.

Two things must never be undone by a refused act: the count of a failure, and its trace. A code is looked at without
a lock. A right one is consumed in the transaction of the act, unless anything has happened to its factor since: then it
is looked at again. Any other one is judged, and counted, in a short transaction of its own, in which its factor is
locked. Locks: factor, budgets, journal.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain import totp
from portal.domain.alerts import Alert
from portal.domain.errors import ProofRefused
from portal.domain.events import EventKind
from portal.domain.totp import CodeVerdict, Judged
from portal.services.authentication import encryption, factor_confirmations, passkeys, rate_limits
from portal.services.authentication.passkeys import Answered, PendingAssertion
from portal.services.authentication.rate_limits import Budget
from portal.services.identity import account_events, alerts
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.people import SecondFactor

_SEEN = """
SELECT f.id, f.secret, f.last_step, f.burnt, f.rested_at, f.xmin::text AS state, EXISTS (
    SELECT 1 FROM login_budgets b WHERE b.key = ANY({}) AND b.paused_until > {}) AS is_paused
FROM second_factors f WHERE f.person = {} AND f.enrolled_at IS NOT NULL AND f.ended_at IS NULL
"""
# PostgreSQL gives every version of a row another xmin: a factor that still has the one that was seen is as it was.
_SPEND = """
WITH spent AS (
    UPDATE second_factors SET last_step = {}, failures = 0, drift = NULL
    WHERE id = {} AND xmin::text = {} AND last_step < {} AND rested_at IS NULL AND ended_at IS NULL RETURNING id
), paid_back AS (DELETE FROM login_budgets WHERE key = ANY({}) AND EXISTS (SELECT 1 FROM spent))
SELECT id FROM spent
"""


@dataclass(frozen=True, slots=True)
class Matched:
    """A code that matched and is not yet consumed: factor, RFC 6238 time step, and what success pays back.

    `fingerprint` is the hex SHA-256 of what the factor is made of, `state` the version of its row that was looked at.
    """

    factor: UUID
    step: int
    budgets: tuple[Budget, ...]
    fingerprint: str
    state: str

    def as_dict(self) -> dict[str, Any]:
        """The factor as a statement carries it."""
        return {"kind": "totp", "id": str(self.factor), "step": self.step}


Given = str | Answered
"""What a person brings to prove themselves: a code, or what their passkey answered."""
Proven = Matched | PendingAssertion
"""What has been looked at, and is to be consumed by the act."""


async def in_force(person: UUID) -> dict[str, Any] | None:
    """The enrolled authenticator of `person`, or None. It is in force while it rests, too."""
    rows = await SecondFactor.select().where(
        (SecondFactor.person == person) & SecondFactor.enrolled_at.is_not_null() & SecondFactor.ended_at.is_null()
    )
    return rows[0] if rows else None


@asynccontextmanager
async def proving(by: Identity, given: Given, *, nonce: str = "", now: datetime) -> AsyncIterator[Proven]:
    """Look at a code or a passkey's answer, and hold it while the act runs.

    The act itself must call `consume` inside its transaction. `nonce` is that of the intent: a code that comes again
    with the very intent that it signed is a second press of the button, and its owner is not warned.

    Raises:
        ProofRefused: as `_matching` or `passkeys.proving`.
    """
    proving_it = (
        passkeys.proving(by, given, now=now) if isinstance(given, Answered) else _matching(by, given, nonce, now)
    )
    async with proving_it as proven:
        yield proven


@asynccontextmanager
async def _matching(by: Identity, code: str, nonce: str, now: datetime) -> AsyncIterator[Matched]:
    """The code, looked at; the act that runs meanwhile spends it in its own transaction.

    Raises:
        ProofRefused: `no-factor`, `resting`, `paused` (with `seconds`), `wrong-code`, `clock-ahead`,
            `clock-behind` (with `minutes`), `used-code`.
    """
    kept = rate_limits.of_code(by)
    rows = await SecondFactor.raw(_SEEN, [each.key for each in kept], now, by.id)
    if not rows:
        raise ProofRefused("no-factor")
    seen: Matched | ProofRefused | None = _fresh(rows[0], code, kept, now)
    if seen is None:
        async with SecondFactor._meta.db.transaction():
            seen = await _look(rows[0]["id"], by, code, nonce, now)
    if isinstance(seen, ProofRefused):
        raise seen
    try:
        yield seen
    except ProofRefused as refused:
        # Of several at once another one spent it.
        if refused.code == "used-code" and not await log.holds(nonce):
            async with SecondFactor._meta.db.transaction():
                await _replayed(by, await _locked(seen.factor), seen.step, now)
        raise


async def consume(proven: Proven, *, digest: bytes | None = None, now: datetime) -> None:
    """Spend the proof, atomically: of any number at once exactly one passes. Success forgets failures.

    `digest` is what a passkey must have signed, where that is an intent and no page's challenge.

    Raises:
        ProofRefused: `used-code`, when another act spent it first; for a passkey as `passkeys.consume`.
    """
    if isinstance(proven, PendingAssertion):
        await passkeys.consume(proven, digest, now=now)
        return
    if not await _spend(proven, proven.state):
        await _spend_changed(proven, now)


async def _spend(proven: Matched, state: str) -> bool:
    keys = [each.key for each in proven.budgets]
    return bool(await SecondFactor.raw(_SPEND, proven.step, proven.factor, state, proven.step, keys))


async def _spend_changed(proven: Matched, now: datetime) -> None:
    """Something has happened to the factor since it was looked at: a try, another use, an end. Under its lock."""
    row = await _locked(proven.factor)
    if row["ended_at"] is not None:
        raise ProofRefused("no-factor")
    if row["rested_at"] is not None:
        raise ProofRefused("resting")
    if seconds := await rate_limits.seconds_left(proven.budgets, now):
        raise ProofRefused("paused", seconds=seconds)
    is_spent = row["last_step"] >= proven.step or proven.step in row["burnt"]
    if is_spent or not await _spend(proven, row["state"]):
        raise ProofRefused("used-code", seconds=totp.seconds_left(now))


async def _locked(factor: UUID) -> dict[str, Any]:
    rows: list[dict[str, Any]] = await SecondFactor.raw(
        "SELECT f.*, f.xmin::text AS state FROM second_factors f WHERE f.id = {} FOR UPDATE", factor
    )
    return rows[0]


def _fresh(row: dict[str, Any], code: str, kept: tuple[Budget, ...], now: datetime) -> Matched | None:
    """The code of a factor's row, if it can be spent as things stand; None for what is to be judged under a lock."""
    if row["rested_at"] is not None or row["is_paused"]:
        return None
    secret = encryption.decrypt(row["secret"])
    step = totp.match(secret, code, now)
    if step is None or step <= row["last_step"] or step in row["burnt"]:
        return None
    return Matched(row["id"], step, kept, factor_confirmations.of_secret(secret), row["state"])


async def _look(factor: UUID, by: Identity, code: str, nonce: str, now: datetime) -> Matched | ProofRefused:
    """Judge `code` under the factor's lock, and count it if it is wrong. A refusal is returned, to be committed."""
    row = await _locked(factor)
    if row["ended_at"] is not None:
        return ProofRefused("no-factor")
    if row["rested_at"] is not None:
        return ProofRefused("resting")
    kept = rate_limits.of_code(by)
    if seconds := await rate_limits.seconds_left(kept, now):
        return ProofRefused("paused", seconds=seconds)
    secret = encryption.decrypt(row["secret"])
    judged = totp.judge(secret, code, now, last_step=row["last_step"], burnt=row["burnt"])
    match judged.verdict:
        case CodeVerdict.FRESH:
            assert judged.step is not None
            return Matched(row["id"], judged.step, kept, factor_confirmations.of_secret(secret), row["state"])
        case CodeVerdict.SPENT:
            assert judged.step is not None
            if not await log.holds(nonce):
                await _replayed(by, row, judged.step, now)
            return ProofRefused("used-code", seconds=totp.seconds_left(now))
        case CodeVerdict.WRONG:
            return await _failed(by, row, judged, kept, now)


async def _replayed(by: Identity, row: dict[str, Any], step: int, now: datetime) -> None:
    """A right code that is spent is no wrong try: it costs nothing, is journalled once, and its owner is warned."""
    if row["replayed_step"] == step:
        return
    await SecondFactor.update({SecondFactor.replayed_step: step}).where(SecondFactor.id == row["id"])
    await alerts.warn(by.id, Alert.CODE_REPLAYED, now=now)
    await account_events.record(EventKind.CODE_REPLAYED, by.id, by, {"factor": str(row["id"]), "step": step}, now)


async def _failed(
    by: Identity, row: dict[str, Any], judged: Judged, kept: tuple[Budget, ...], now: datetime
) -> ProofRefused:
    """Count a failure; journalled, and its owner warned, once for each step of the pause."""
    failures = row["failures"] + 1
    drifts = totp.tells_drift(judged, row["drift"], row["drift_step"])
    rests = failures >= totp.RESTS_AFTER
    await SecondFactor.update(
        {
            SecondFactor.failures: failures,
            SecondFactor.rested_at: now if rests else None,
            SecondFactor.drift: judged.offset if judged.step else None,
            SecondFactor.drift_step: judged.step or 0,
            SecondFactor.burnt: _burnt(row["burnt"], judged, now),
        }
    ).where(SecondFactor.id == row["id"])
    counted = [each for budget in kept if (each := await rate_limits.count(budget, now))]
    pause = max(each[1] for each in counted)
    values = {"factor": str(row["id"]), "failures": max(each[0] for each in counted), "in_a_row": failures}
    if rests:
        await alerts.warn(by.id, Alert.FACTOR_RESTS, now=now)
        await account_events.record(EventKind.FACTOR_RESTED, by.id, by, values, now)
        return ProofRefused("resting")
    if pause:
        await alerts.warn(by.id, Alert.CODES_FAILED, now=now)
        told = {**values, "pause": int(pause.total_seconds()), "address": by.address}
        await account_events.record(EventKind.CODES_FAILED, by.id, by, told, now)
    if drifts:
        minutes = max(1, round(abs(judged.offset) * totp.PERIOD / 60))
        return ProofRefused("clock-ahead" if judged.offset > 0 else "clock-behind", minutes=minutes)
    left = min(budget.free - each[0] for budget, each in zip(kept, counted, strict=True))
    return ProofRefused("wrong-code", left=max(0, left))


def _burnt(burnt: list[int], judged: Judged, now: datetime) -> list[int]:
    """The steps whose codes were seen before their time; those that are over are forgotten."""
    seen = {*burnt, judged.step} if judged.step else set(burnt)
    return sorted(step for step in seen if step >= totp.step_at(now) - totp.WINDOW)
