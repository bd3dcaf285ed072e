"""What tests of services look up about a case."""

import json
from typing import Any

from portal.tables.cases import Case
from portal.tables.events import Event
from tests.world.services import kinds


async def case_of(number: str) -> dict[str, Any]:
    """The row of a case."""
    row: dict[str, Any] | None = await Case.select().where(Case.number == number).first()
    assert row is not None
    return row


async def statement_at(position: int) -> dict[str, Any]:
    """What the journal says at `position`."""
    row = await Event.select(Event.statement).where(Event.position == position).first()
    assert row is not None
    statement: dict[str, Any] = json.loads(row["statement"])
    return statement


events_of = kinds
