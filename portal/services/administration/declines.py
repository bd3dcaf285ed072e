"""The second person does not agree to an enrolled factor: what ends with their word, and what does not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain.approvals import Ends
from portal.services.administration import invitations
from portal.services.administration.waiting import WaitingApproval
from portal.services.authentication import enrolment, factor_confirmations, sessions
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.tables.factors import Passkey
from portal.tables.mandates import FactorConfirmation, Mandate
from portal.tables.people import Person, SecondFactor


async def ends(asked: WaitingApproval) -> Ends:
    """What ends when this factor is declined.

    Nothing, where another office has confirmed it: it is its owner's, and that office's to speak of. This factor alone,
    while they have another one, confirmed or still to be heard. Else whoever has enrolled it knows the
    password too, and every way in ends.
    """
    factors = await factor_confirmations.of_person(asked.person)
    if any(each.heard_by for each in factors if each.id == asked.id):
        return Ends.NOTHING
    return Ends.FACTOR if any(each.id != asked.id for each in factors) else Ends.EVERYTHING


async def put_out(asked: WaitingApproval, *, by: Identity, now: datetime) -> dict[str, Any]:
    """End what `ends` says; what the journal is told beside it. Inside a transaction that holds the person's row.

    With every way in end the links. A mandate of the opening, of which no factor was ever heard, had this office's
    agreement from the enrolment alone: it waits for one of its own, takes no seat, and its owner is invited anew.
    """
    ending = await ends(asked)
    if ending is Ends.NOTHING:
        return {}
    for table in (SecondFactor, Passkey):
        await table.update({table.ended_at: now}).where(table.id == asked.id)
    await sessions.end_all(asked.person, now=now)
    if ending is Ends.FACTOR:
        return {}
    await enrolment.end_factors(asked.person, by=by, reason="decline", now=now)
    await invitations.revoke(asked.person, now=now)
    await Person.update({Person.password_hash: None}).where(Person.id == asked.person)
    unheard = await _of_the_opening(asked, now)
    if not unheard:
        return {}
    await Mandate.update({Mandate.confirmed_at: None}).where(Mandate.id.is_in(unheard))
    return {"waiting": [str(each) for each in unheard]}


async def _of_the_opening(asked: WaitingApproval, now: datetime) -> list[UUID]:
    """The mandates that stand because somebody opened the account with them, and the office never heard a factor."""
    office = asked.approver
    mine = (FactorConfirmation.person == asked.person) & (FactorConfirmation.approver == office.role)
    kept = await FactorConfirmation.select(FactorConfirmation.province).where(mine)
    if any(row["province"] == office.province for row in kept):
        return []
    rows = [row for row in await mandates.standing(asked.person, now) if row["status"] != "waiting"]
    opened = [row["id"] for row in rows if row["granted_by"] is not None and row["confirmed_by"] is None]
    return [each for each in opened if await mandates.approver(each) == office]
