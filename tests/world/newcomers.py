"""An account that was opened by the machine, its link, and what the journal says of it."""

import json
from typing import Any
from uuid import UUID

from portal.domain.lifecycle import Role
from portal.services.administration import accounts, invitations
from portal.services.administration.accounts import NewAccount
from portal.services.administration.invitations import INVITATION
from portal.services.authentication import passwords
from portal.services.identity import accounts as identities
from portal.tables.events import Event
from tests.world.clock import Clock

NEW = NewAccount("new.head", "مدیر دوم", "معاون", Role.ADMINISTRATOR)
GOOD = "جمله‌ای بلند برای آزمون"


async def events(person: UUID) -> list[tuple[str, dict[str, Any]]]:
    """Kinds and signed values of what the journal says about an account, the first first."""
    rows = await Event.select(Event.kind, Event.statement).where(Event.subject == str(person)).order_by(Event.position)
    return [(row["kind"], json.loads(row["statement"])["intent"]["values"]) for row in rows]


async def digest_of(person: UUID) -> str:
    """The digest of the kept hash of somebody's password."""
    return passwords.digest((await identities.find(person))["password_hash"])


async def invited(clock: Clock) -> tuple[UUID, str]:
    """`NEW`, opened, and the token of its link."""
    person = await accounts.open_by_machine(NEW, now=clock())
    return person, await invitations.invite(person, purpose=INVITATION, by=None, now=clock())
