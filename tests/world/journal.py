"""Statements of the journal."""

import json
from typing import Any

from portal.tables.events import Event


async def last_event(kind: str) -> dict[str, Any]:
    """The statement of the last event of this kind."""
    row = (
        await Event.select(Event.statement).where(Event.kind == kind).order_by(Event.position, ascending=False).first()
    )
    assert row is not None, kind
    statement: dict[str, Any] = json.loads(row["statement"])
    return statement
