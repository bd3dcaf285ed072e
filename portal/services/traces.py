"""Events about an account: what happened to it, written into the journal."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from portal.domain import events
from portal.domain.events import Kind
from portal.services import journal
from portal.services.people import Identity


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


async def trace(kind: Kind, by: Identity, values: dict[str, Any], *, now: datetime) -> None:
    """Write an event of `by` about his own account, inside the caller's transaction."""
    await journal.append(kind, account_intent(kind, by, str(by.id), values, now), at=now, person=str(by.id))
