"""What the owner of an account must learn about it: shown on every page until they put it away."""

from datetime import datetime
from uuid import UUID, uuid4

from portal.domain.alerts import Alert
from portal.domain.errors import NotFound
from portal.tables.factors import Caution

_WARN = """
INSERT INTO cautions (id, person, kind, times, at) VALUES ({}, {}, {}, 1, {})
ON CONFLICT (person, kind) WHERE dismissed_at IS NULL DO UPDATE SET times = cautions.times + 1, at = excluded.at
"""


async def warn(person: UUID, kind: Alert, *, now: datetime) -> None:
    """Tell `person` on their next page; a second time adds to the first until they have put that away."""
    await Caution.raw(_WARN, uuid4(), person, kind, now)


async def dismiss(caution: UUID, *, person: UUID, now: datetime) -> None:
    """Put a caution away; one that is away already stays away.

    Raises:
        NotFound: it is not one of `person`.
    """
    mine = (Caution.id == caution) & (Caution.person == person)
    if not await Caution.exists().where(mine):
        raise NotFound("caution")
    await Caution.update({Caution.dismissed_at: now}).where(mine & Caution.dismissed_at.is_null())
