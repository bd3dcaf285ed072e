"""Events about an account: what happened to it, written into the journal."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import events
from portal.domain.events import Kind
from portal.services.identity.identity import Identity
from portal.services.journal import log


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
    await log.append(kind, account_intent(kind, by, str(by.id), values, now), at=now, person=str(by.id))


async def record(kind: Kind, person: UUID, by: Identity | None, values: dict[str, Any], now: datetime) -> None:
    """Write an event about the account `person`."""
    await log.append(
        kind, account_intent(kind, by, str(person), values, now), at=now, person=str(by.id) if by else None
    )
