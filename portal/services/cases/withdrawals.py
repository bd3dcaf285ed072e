"""The municipality gives its request up. Not a sign-off: it asks for a reason, not for a code."""

from datetime import datetime
from typing import Any

from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, dossiers
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.acts import Withdrawal
from portal.tables.cases import Case


async def withdraw(number: str, *, by: Identity, reason: str, now: datetime) -> bool:
    """End the case for good; False where `by` has done just this already.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    async with Case._meta.db.transaction():
        if await _is_recorded(await dossiers.lock(number, by), by, reason):
            return False
        dossier = await cases.editing(number, Act.WITHDRAWAL, by)
        row = Withdrawal(case=dossier.case["id"], reason=reason, by=by.id, at=now, event=-1)
        await cases.move(dossier.case, State.WITHDRAWN, by=by, now=now, reopened=None)
        row.event = await log.note(
            EventKind.CASE_WITHDRAWN,
            ("case", number),
            by=by,
            now=now,
            act=Act.WITHDRAWAL,
            values={"reason": reason},
            state=(dossier.state, State.WITHDRAWN),
            items=dossier.items(),
        )
        await row.save()
    return True


async def _is_recorded(case: dict[str, Any], by: Identity, reason: str) -> bool:
    same = (Withdrawal.case == case["id"]) & (Withdrawal.by == by.id) & (Withdrawal.reason == reason)
    return case["state"] == State.WITHDRAWN and bool(await Withdrawal.exists().where(same))
