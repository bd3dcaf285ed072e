"""What the second person ought to know of an account before they agree to anything of it."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.events import EventKind
from portal.services.administration import mandates as grants
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from portal.tables.events import Event
from portal.tables.people import Person

_MOST = 10
_PLAIN = "replace(replace(full_name, ' ', ''), '\u200c', '')"


async def of(person: UUID, full_name: str, now: datetime) -> dict[str, Any]:
    """Facts for the statement.

    All that the person holds, is still to hold or was proposed for, and who agrees to each; who has declined
    something of this account before, and which other open accounts bear the same full name, where there are any.
    """
    held = [
        {
            **await grants.as_fact(row),
            "status": row["status"],
            "approver": factor_confirmations.as_fact(await mandates.approver(row["id"])),
        }
        for row in await mandates.standing(person, now)
    ]
    rare = {"declined": await _declined(person), "namesakes": await _namesakes(person, full_name)}
    return {"mandates": held, **{name: found for name, found in rare.items() if found}}


async def _declined(person: UUID) -> list[dict[str, Any]]:
    """The refusals about this account, the last first."""
    rows = (
        await Event.select(Event.statement)
        .where((Event.kind == EventKind.APPROVAL_DECLINED) & (Event.subject == str(person)))
        .order_by(Event.position, ascending=False)
        .limit(_MOST)
    )
    found = []
    for row in rows:
        statement = json.loads(row["statement"])
        signer, facts = statement["intent"]["signer"], statement["intent"]["facts"]
        what = "mandate" if "mandate" in facts else "restoration" if "restoration" in facts else "enrolment"
        reason, at = statement["intent"]["values"]["reason"], statement["record"]["at"]
        found.append({"what": what, "by": signer["name"], "title": signer["title"], "at": at, "reason": reason})
    return found


async def _namesakes(person: UUID, full_name: str) -> list[dict[str, Any]]:
    """Other open accounts whose owners are called alike, however their names are spaced."""
    return list(
        await Person.raw(
            f"SELECT username, title, role FROM people WHERE ended_at IS NULL AND id <> {{}} AND {_PLAIN} = {{}}"
            f" ORDER BY username LIMIT {_MOST}",
            person,
            full_name.replace(" ", "").replace("\u200c", ""),
        )
    )
