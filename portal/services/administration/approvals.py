"""The second person: what waits for them, and their agreement or refusal, each under a fresh proof."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain import events
from portal.domain.approvals import OBJECTION, Hearing, Waiting
from portal.domain.errors import Conflict
from portal.domain.events import EventKind, OfficeAct
from portal.services.administration import access, background, declines, invitations, restorations, waiting
from portal.services.administration import mandates as grants
from portal.services.administration.waiting import WaitingApproval
from portal.services.authentication import factor_confirmations
from portal.services.identity import accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.mandates import Mandate, Restoration
from portal.tables.people import Invitation, Person


async def subject(asked: WaitingApproval, now: datetime) -> tuple[Matter, dict[str, Any]]:
    """What is signed about it, and the row of the mandate, the restoration or the factor.

    Whoever agrees sees all that its owner holds, is still to hold or was proposed for, whoever else agrees to that;
    who has refused something of the account before, who else bears the name, and when a link has set the password that
    counts: its owner may be another one since they looked.
    """
    account = await accounts.find(asked.person) | (await mandates.office_now_or_next(asked.person, now) or {})
    seen = await background.of(asked.person, asked.full_name, now)
    entered = await invitations.entered_at(asked.person)
    seen |= {"entered_at": events.moment(entered) if entered else None}
    match asked.kind:
        case Waiting.MANDATE:
            row = await grants.find(asked.id)
            return access.subject_of(account, mandate=await grants.as_fact(row), **seen), row
        case Waiting.RESTORATION:
            found = await Restoration.select().where(Restoration.id == asked.id).first()
            assert found is not None
            return access.subject_of(account, reason=found["reason"], restoration=str(asked.id), **seen), found
        case Waiting.ENROLMENT:
            factor = next(each for each in await factor_confirmations.of_person(asked.person) if each.id == asked.id)
            facts: dict[str, Any] = {"factor": str(asked.id), "kind": factor.kind, "fingerprint": factor.shown}
            facts |= {"approver": factor_confirmations.as_fact(asked.approver)}
            return access.subject_of(account, **facts, **seen), {"shown": factor.shown}


async def approach(
    approval: UUID, by: Identity, now: datetime, *, locked: bool = False
) -> tuple[WaitingApproval, Matter]:
    """The doors before an agreement or a refusal.

    Raises:
        NotFound.
        Conflict: `first-person`, where `by` asked for it themselves, is one of the first people, or it is about them.
    """
    asked = await waiting.find(approval, by, now)
    if locked:
        await Person.select(Person.id).where(Person.id == asked.person).lock_rows("UPDATE")
        asked = await waiting.find(approval, by, now)
    if not asked.is_for(by):
        raise Conflict("first-person")
    return asked, (await subject(asked, now))[0]


ACTS = {
    Waiting.ENROLMENT: OfficeAct.ENROLMENT_APPROVAL,
    Waiting.MANDATE: OfficeAct.MANDATE_APPROVAL,
    Waiting.RESTORATION: OfficeAct.RESTORATION_APPROVAL,
}


async def prepare_agreement(
    asked: WaitingApproval, *, compared: Hearing | None, by: Identity, now: datetime
) -> Prepared[Waiting]:
    """The second person's agreement. `compared` says how a fingerprint was heard from its owner.

    Raises:
        NotFound, Conflict; of a restoration as `restorations.require_open`.
        Invalid: the days of the mandate are taken meanwhile.
    """

    async def look(locked: bool) -> Matter:
        again, matter = await approach(asked.id, by, now, locked=locked)
        if again.kind is Waiting.MANDATE:
            await grants.require_agreeable(await grants.find(again.id), now)
        if again.kind is Waiting.RESTORATION:
            await restorations.require_open(again.id, now)
        return matter

    async def write(signed: Signed) -> Waiting:
        _, row = await subject(asked, signed.now)
        await signed.record(await _AGREED[asked.kind](asked, row, by, signed.now))
        return asked.kind

    values = {"compared": compared} if asked.kind is Waiting.ENROLMENT else {}
    return await prepare(ACTS[asked.kind], by, look, write, values)


async def _confirm_mandate(asked: WaitingApproval, row: dict[str, Any], by: Identity, now: datetime) -> EventKind:
    await grants.write_agreement(row, by=by.id, now=now)
    return EventKind.MANDATE_CONFIRMED


async def _confirm_factor(asked: WaitingApproval, row: dict[str, Any], by: Identity, now: datetime) -> EventKind:
    await factor_confirmations.write(asked.id, asked.person, row["shown"], [asked.approver], by=by.id, now=now)
    return EventKind.FACTOR_CONFIRMED


async def _confirm_restoration(asked: WaitingApproval, row: dict[str, Any], by: Identity, now: datetime) -> EventKind:
    opens = now + OBJECTION
    await Restoration.update(
        {Restoration.confirmed_at: now, Restoration.confirmed_by: by.id, Restoration.opens_at: opens}
    ).where(Restoration.id == asked.id)
    await Invitation.update({Invitation.expires_at: opens + invitations.GOOD_FOR}).where(
        Invitation.id == row["invitation"]
    )
    return EventKind.RESTORATION_CONFIRMED


_AGREED = {
    Waiting.MANDATE: _confirm_mandate,
    Waiting.ENROLMENT: _confirm_factor,
    Waiting.RESTORATION: _confirm_restoration,
}


async def approach_decline(
    approval: UUID, by: Identity, now: datetime, *, locked: bool = False
) -> tuple[WaitingApproval, Matter]:
    """The doors before a refusal, as `approach`; of a factor it is signed what ends with it."""
    asked, matter = await approach(approval, by, now, locked=locked)
    if asked.kind is Waiting.ENROLMENT:
        matter = replace(matter, facts={**matter.facts, "ends": await declines.ends(asked)})
    return asked, matter


async def prepare_decline(asked: WaitingApproval, *, reason: str, by: Identity, now: datetime) -> Prepared[None]:
    """The second person's refusal: the mandate or the restoration is void.

    A factor that is not its owner's ends, as `declines` says.

    Raises:
        NotFound, Conflict.
    """

    async def look(locked: bool) -> Matter:
        return (await approach_decline(asked.id, by, now, locked=locked))[1]

    async def write(signed: Signed) -> None:
        produced, now = {}, signed.now
        match asked.kind:
            case Waiting.MANDATE:
                await Mandate.update({Mandate.ended_at: now, Mandate.ended_by: by.id}).where(Mandate.id == asked.id)
            case Waiting.RESTORATION:
                await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "declined"}).where(
                    Restoration.id == asked.id
                )
            case Waiting.ENROLMENT:
                produced = await declines.put_out(asked, by=by, now=now)
        await signed.record(EventKind.APPROVAL_DECLINED, produced or None)

    return await prepare(OfficeAct.DECLINE, by, look, write, {"reason": reason})
