"""Events about an account: what happened to it, written into the journal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.events import EventKind
from portal.services.identity.identity import Identity
from portal.services.journal import log


async def record(kind: EventKind, person: UUID, by: Identity | None, values: dict[str, Any], now: datetime) -> None:
    """Write an event about the account `person`, inside the caller's transaction; `by` None is the machine's holder."""
    await log.note(kind, ("account", str(person)), by=by, now=now, values=values)
