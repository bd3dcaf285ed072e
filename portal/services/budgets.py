"""Tries at passwords: charged and committed before anything is compared, paid back by success. Never a lock."""

from datetime import datetime, timedelta

from portal.domain import totp
from portal.domain.errors import TooMany
from portal.tables.people import LoginBudget

FORGOTTEN = timedelta(days=1)
"""A quiet day pays a budget back."""

_CHARGE = """
INSERT INTO login_budgets (key, failures, seen_at) VALUES ({}, 1, {})
ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at, paused_until = NULL,
    failures = CASE WHEN login_budgets.seen_at < {} THEN 1 ELSE least(login_budgets.failures + 1, 1000) END
WHERE login_budgets.paused_until IS NULL OR login_budgets.paused_until <= excluded.seen_at
RETURNING failures
"""


def of_sign_in(address: str, username: str) -> str:
    """The budget of one username at one address: a stranger's tries do not shut its owner out."""
    return f"{address}|{username}"[:160]


def of_password(person: object) -> str:
    """The budget of the present password, where a signed-in person types it again."""
    return f"password|{person}"


async def charge(key: str, now: datetime) -> None:
    """Count a try: five are free, then each is followed by a pause (`totp.pause_after`).

    One transaction of its own, so that of any number at once none slips past the pause.

    Raises:
        TooMany: `paused-sign-in`, with `seconds`.
    """
    async with LoginBudget._meta.db.transaction():
        counted = await LoginBudget.raw(_CHARGE, key, now, now - FORGOTTEN)
        if counted and (pause := totp.pause_after(counted[0]["failures"])):
            await LoginBudget.update({LoginBudget.paused_until: now + pause}).where(LoginBudget.key == key)
    if not counted:
        row = await LoginBudget.select(LoginBudget.paused_until).where(LoginBudget.key == key).first()
        until = row["paused_until"] if row and row["paused_until"] else now
        raise TooMany("paused-sign-in", seconds=max(1, int((until - now).total_seconds())))


async def pay_back(key: str) -> None:
    """Success forgets the failures before it."""
    await LoginBudget.delete().where(LoginBudget.key == key)
