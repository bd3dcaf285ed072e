"""The municipality gives its request up. Not a sign-off: it asks for a reason, not for a code."""

from datetime import datetime

from portal.domain import events
from portal.domain.events import Kind
from portal.domain.lifecycle import Act, State
from portal.services import cases
from portal.services.people import Identity
from portal.tables.acts import Withdrawal
from portal.tables.cases import Case


async def withdraw(number: str, *, by: Identity, reason: str, now: datetime) -> None:
    """End the case for good.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    async with Case._meta.db.transaction():
        dossier = await cases.editing(number, Act.WITHDRAWAL, by)
        row = Withdrawal(case=dossier.case["id"], reason=reason, by=by.id, at=now, event=-1)
        await cases.move(dossier.case, State.WITHDRAWN, now=now, reopened=None)
        row.event = await cases.record(
            Kind.CASE_WITHDRAWN,
            number,
            by,
            now,
            before=dossier.state,
            after=State.WITHDRAWN,
            meaning=events.MEANINGS[Act.WITHDRAWAL],
            act=Act.WITHDRAWAL,
            items=dossier.items(),
            values={"reason": reason},
        )
        await row.save()
