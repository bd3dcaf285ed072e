"""Tries at passwords and codes: counted apart from what they try, paid back by success. Never a lock.

A device that has proved itself before (`devices`) has a budget of its own, which no stranger can spend. All others
are counted twice: by their address, and together, so that a crowd of addresses is worth no crowd of tries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain import totp
from portal.domain.errors import TooMany
from portal.services.identity.identity import Identity
from portal.tables.people import LoginBudget

FORGOTTEN = timedelta(days=1)
"""A quiet day pays a budget back."""
FREE_TOGETHER = 20
"""Tries that all unknown devices together have at one account before the pauses begin."""
FREE_LOOK_UPS = 30
"""Letters that are looked up from one address before the pauses begin: a registry has a pile of them."""
FORGET_AT_ONCE = 1000
_FORGET = """
DELETE FROM login_budgets WHERE key IN (
    SELECT key FROM login_budgets WHERE seen_at < {} AND (paused_until IS NULL OR paused_until < {}) LIMIT {}
    FOR UPDATE SKIP LOCKED
) RETURNING key
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """Whose tries are counted together, and how many are `free`."""

    key: str
    free: int = totp.FREE_TRIES


def _of(purpose: str, who: object, address: str, device: str | None) -> tuple[Budget, ...]:
    if device:
        return (Budget(f"{purpose}|{who}|device|{device}"[:160]),)
    return (
        Budget(f"{purpose}|{who}|unknown"[:160], FREE_TOGETHER),
        Budget(f"{purpose}|{who}|{address}"[:160]),
    )


def of_sign_in(address: str, username: str, device: str | None = None) -> tuple[Budget, ...]:
    """The budgets of a password for `username`, typed at `address` on `device` (None: an unknown one)."""
    return _of("sign-in", username, address, device)


def of_code(by: Identity) -> tuple[Budget, ...]:
    """The budgets of a code of `by`, typed where they are."""
    return _of("code", by.id, by.address, by.device)


def of_recovery(by: Identity) -> tuple[Budget, ...]:
    """The budgets of a recovery code of `by`, typed where they are."""
    return _of("recovery", by.id, by.address, by.device)


def of_password(person: object) -> tuple[Budget, ...]:
    """The budget of the present password, where a signed-in person types it again."""
    return (Budget(f"password|{person}"),)


def of_letter(address: str) -> tuple[Budget, ...]:
    """The budget of codes of letters that are looked up from `address`."""
    return (Budget(f"letter-code|{address}"[:160], FREE_LOOK_UPS),)


def of_letter_number(address: str) -> tuple[Budget, ...]:
    """The budget of numbers of letters looked up from `address`: numbers are gapless, so each counts, found or not."""
    return (Budget(f"letter-number|{address}"[:160], FREE_LOOK_UPS),)


def of_letter_page(address: str) -> tuple[Budget, ...]:
    """The budget of pictures of letters that are drawn for `address`: each costs work, so each counts."""
    return (Budget(f"letter-page|{address}"[:160], FREE_LOOK_UPS),)


_CHARGE = """
INSERT INTO login_budgets (key, failures, seen_at) VALUES ({}, 1, {})
ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at, paused_until = NULL,
    failures = CASE WHEN login_budgets.seen_at < {} THEN 1 ELSE least(login_budgets.failures + 1, 1000) END
WHERE login_budgets.paused_until IS NULL OR login_budgets.paused_until <= excluded.seen_at
RETURNING failures
"""


async def hit(budgets: tuple[Budget, ...], now: datetime) -> None:
    """Count a try before it is looked at: some are free, then each is followed by a pause (`totp.pause_after`).

    One transaction of its own, so that of any number at once none slips past the pause.

    Raises:
        TooMany: `paused-sign-in`, with `seconds`; then nothing is counted.
    """
    async with LoginBudget._meta.db.transaction():
        for each in budgets:
            if await count(each, now) is None:
                raise TooMany("paused-sign-in", seconds=await seconds_left((each,), now) or 1)


async def count(budget: Budget, now: datetime) -> tuple[int, timedelta] | None:
    """Count a failure inside the caller's transaction: how many there are, and the pause that follows.

    None while the budget pauses.
    """
    counted = await LoginBudget.raw(_CHARGE, budget.key, now, now - FORGOTTEN)
    if not counted:
        return None
    failures = int(counted[0]["failures"])
    pause = totp.pause_after(failures, budget.free)
    if pause:
        await LoginBudget.update({LoginBudget.paused_until: now + pause}).where(LoginBudget.key == budget.key)
    return failures, pause


async def seconds_left(budgets: tuple[Budget, ...], now: datetime) -> int:
    """Seconds until all of them may be used again; 0 for now."""
    rows = await LoginBudget.select(LoginBudget.paused_until).where(
        LoginBudget.key.is_in([each.key for each in budgets]) & (LoginBudget.paused_until > now)
    )
    return max((max(1, int((row["paused_until"] - now).total_seconds())) for row in rows), default=0)


async def undo(budgets: tuple[Budget, ...]) -> None:
    """Success forgets the failures before it."""
    await LoginBudget.delete().where(LoginBudget.key.is_in([each.key for each in budgets]))


async def forget(*, now: datetime) -> int:
    """Forget budgets of tries that a quiet day has paid back, of names that nobody has among them; how many."""
    known = 0
    while rows := await LoginBudget.raw(_FORGET, now - FORGOTTEN, now, FORGET_AT_ONCE):
        known += len(rows)
    return known
