"""The second person: what waits for him, and his agreement or refusal, each under a fresh proof."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.domain import approvals as domain
from portal.domain.approvals import APPROVERS, OBJECTION, Office, Waiting
from portal.domain.errors import Conflict, NotFound
from portal.domain.events import Kind, OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services import accounts, administration, enrolment, fingerprints, grants, invitations, mandates, sessions
from portal.services.people import Identity
from portal.services.signoffs import Matter, Proof, signing_about
from portal.tables.factors import Passkey
from portal.tables.mandates import Mandate, Restoration
from portal.tables.people import Invitation, Person, SecondFactor

OFFICES = frozenset(APPROVERS.values())
"""The roles that something can wait for."""


class Compared(StrEnum):
    """How a fingerprint was heard from its owner."""

    PHONE = "phone"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that waits for a second person. `id` is the mandate's, the restoration's or the factor's.

    `firsts` have opened the account, granted something to its owner, or made a link for him, since a factor of his
    was last confirmed: any of them may hold what he seems to hold.
    """

    kind: Waiting
    id: UUID
    person: UUID
    asked_by: UUID | None
    asked_at: datetime
    approver: Office
    firsts: frozenset[UUID]
    full_name: str
    username: str
    title: str
    asker: str | None

    def is_for(self, by: Identity) -> bool:
        """Whether `by` is that second person: of the office, neither the beneficiary nor one of the first ones."""
        speaks = domain.may_approve(by.role, by.province, self.approver)
        return speaks and by.id not in {self.person, self.asked_by} | self.firsts


_MINE = " OR ".join(
    f"({{}} = '{approver}' AND w.role = '{role}'{' AND w.province = {}' if approver is Role.GOVERNORATE else ''})"
    for role, approver in APPROVERS.items()
)
_WAITING = f"""
SELECT w.kind, w.id, w.person, w.asked_by, w.asked_at, w.firsts, coalesce(o.role, w.role) AS role,
       CASE WHEN o.id IS NULL THEN w.province ELSE coalesce(o.province, t.province) END AS province
FROM approvals_waiting w
LEFT JOIN LATERAL ({mandates.IN_FORCE_OR_NEXT}) o ON w.kind <> 'mandate'
LEFT JOIN municipalities t ON t.code = o.municipality
"""
"""What waits, each with the office that it is about: the mandate's, else the one that its owner holds or will hold."""
_SEEN = f"FROM ({_WAITING}) w JOIN people p ON p.id = w.person WHERE ({_MINE})"
_MOST = 200


def _seen_by(by: Identity, now: datetime) -> list[Any]:
    values: list[Any] = [mandates.today_or(None, now)]
    for approver in APPROVERS.values():
        values += [str(by.role), by.province or ""] if approver is Role.GOVERNORATE else [str(by.role)]
    return values


async def waiting(by: Identity, now: datetime) -> list[Asked]:
    """What waits for the office of `by`, the longest first; what he asked for himself waits for a colleague."""
    rows = await Person.raw(
        f"SELECT w.*, p.full_name, p.username, p.title, a.full_name AS asker"
        f" {_SEEN.replace('WHERE', 'LEFT JOIN people a ON a.id = w.asked_by WHERE')} ORDER BY w.asked_at LIMIT {_MOST}",
        *_seen_by(by, now),
    )
    return [_asked(row) for row in rows]


async def count(by: Identity, now: datetime) -> int:
    """How much waits for `by` himself."""
    rows = await Person.raw(
        f"SELECT count(*) AS n {_SEEN} AND {{}} <> ALL (w.firsts || w.person || coalesce(w.asked_by, w.person))",
        *_seen_by(by, now),
        by.id,
    )
    return int(rows[0]["n"])


def _asked(row: dict[str, Any]) -> Asked:
    return Asked(
        kind=Waiting(row["kind"]),
        id=row["id"],
        person=row["person"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        approver=domain.approver_of(Office(Role(row["role"])), row["province"]),
        firsts=frozenset(row["firsts"]),
        full_name=row["full_name"],
        username=row["username"],
        title=row["title"],
        asker=row["asker"],
    )


async def find(approval: UUID, by: Identity, now: datetime) -> Asked:
    """What waits under this id for the office of `by`.

    Raises:
        NotFound: nothing does, or for another office.
    """
    for each in await waiting(by, now):
        if each.id == approval:
            return each
    raise NotFound("approval")


async def subject(asked: Asked, now: datetime) -> tuple[Matter, dict[str, Any]]:
    """What is signed about it, and the row of the mandate, the restoration or the factor."""
    account = await accounts.find(asked.person) | (await mandates.office_now_or_next(asked.person, now) or {})
    match asked.kind:
        case Waiting.MANDATE:
            row = await grants.find(asked.id)
            return administration.matter(account, mandate=await grants.as_fact(row)), row
        case Waiting.RESTORATION:
            found = await Restoration.select().where(Restoration.id == asked.id).first()
            assert found is not None
            return administration.matter(account, reason=found["reason"], restoration=str(asked.id)), found
        case Waiting.ENROLMENT:
            factor = next(each for each in await fingerprints.of_person(asked.person) if each.id == asked.id)
            facts = {"factor": str(asked.id), "kind": factor.kind, "fingerprint": factor.shown}
            return administration.matter(account, **facts), {"shown": factor.shown}


async def approach(approval: UUID, by: Identity, now: datetime, *, locked: bool = False) -> tuple[Asked, Matter]:
    """The doors before an agreement or a refusal.

    Raises:
        NotFound.
        Conflict: `first-person`, where `by` asked for it himself, is one of the first people, or it is about him.
    """
    asked = await find(approval, by, now)
    if locked:
        await Person.select(Person.id).where(Person.id == asked.person).lock_rows("UPDATE")
        asked = await find(approval, by, now)
    if not asked.is_for(by):
        raise Conflict("first-person")
    return asked, (await subject(asked, now))[0]


ACTS = {
    Waiting.ENROLMENT: OfficeAct.ENROLMENT_APPROVAL,
    Waiting.MANDATE: OfficeAct.MANDATE_APPROVAL,
    Waiting.RESTORATION: OfficeAct.RESTORATION_APPROVAL,
}


async def agree(approval: UUID, *, compared: Compared | None, by: Identity, proof: Proof, now: datetime) -> Waiting:
    """Agree as the second person. `compared` says how a fingerprint was heard from its owner.

    Raises:
        NotFound, Conflict, ProofRefused, CodeAwaited.
        Invalid: the days of the mandate are taken meanwhile.
    """
    asked, _ = await approach(approval, by, now)

    async def look(locked: bool) -> Matter:
        again, matter = await approach(approval, by, now, locked=locked)
        if again.kind is Waiting.MANDATE:
            await _require_still_free(again, now)
        return matter

    async with signing_about(look, ACTS[asked.kind], by, proof, now=now) as signing:
        await signing.prove({"compared": compared} if asked.kind is Waiting.ENROLMENT else {})
        _, row = await subject(asked, now)
        kind = await _AGREED[asked.kind](asked, row, by, now)
        await signing.record(kind)
    return asked.kind


async def _require_still_free(asked: Asked, now: datetime) -> None:
    row = await grants.find(asked.id)
    if row["ends_on"] is not None and row["ends_on"] < mandates.today_or(None, now):
        raise Conflict("mandate-over-already")
    await mandates.require_free(
        asked.person, Role(row["role"]), MandateKind(row["kind"]), mandates.span_of(row), now, but=asked.id
    )


async def _confirm_mandate(asked: Asked, row: dict[str, Any], by: Identity, now: datetime) -> Kind:
    await Mandate.update({Mandate.confirmed_at: now, Mandate.confirmed_by: by.id}).where(Mandate.id == asked.id)
    if row["starts_on"] <= mandates.today_or(None, now):
        await mandates.carry_over(row)
        await sessions.end_all(asked.person, now=now)
    return Kind.MANDATE_CONFIRMED


async def _confirm_factor(asked: Asked, row: dict[str, Any], by: Identity, now: datetime) -> Kind:
    await fingerprints.write(asked.id, asked.person, row["shown"], by=by.id, now=now)
    return Kind.FACTOR_CONFIRMED


async def _confirm_restoration(asked: Asked, row: dict[str, Any], by: Identity, now: datetime) -> Kind:
    opens = now + OBJECTION
    await Restoration.update(
        {Restoration.confirmed_at: now, Restoration.confirmed_by: by.id, Restoration.opens_at: opens}
    ).where(Restoration.id == asked.id)
    await Invitation.update({Invitation.expires_at: opens + invitations.GOOD_FOR}).where(
        Invitation.id == row["invitation"]
    )
    return Kind.RESTORATION_CONFIRMED


_AGREED = {
    Waiting.MANDATE: _confirm_mandate,
    Waiting.ENROLMENT: _confirm_factor,
    Waiting.RESTORATION: _confirm_restoration,
}


async def decline(approval: UUID, *, reason: str, by: Identity, proof: Proof, now: datetime) -> None:
    """Refuse as the second person: the mandate or the restoration is void; a factor that is not its owner's ends, and

    where no confirmed one is left, so does every other way in.

    Raises:
        NotFound, Conflict, ProofRefused, CodeAwaited.
    """
    asked, _ = await approach(approval, by, now)

    async def look(locked: bool) -> Matter:
        return (await approach(approval, by, now, locked=locked))[1]

    async with signing_about(look, OfficeAct.DECLINE, by, proof, now=now) as signing:
        await signing.prove({"reason": reason})
        match asked.kind:
            case Waiting.MANDATE:
                await Mandate.update({Mandate.ended_at: now, Mandate.ended_by: by.id}).where(Mandate.id == asked.id)
            case Waiting.RESTORATION:
                await Restoration.update({Restoration.ended_at: now, Restoration.outcome: "declined"}).where(
                    Restoration.id == asked.id
                )
            case Waiting.ENROLMENT:
                await _put_out(asked, by, now)
        await signing.record(Kind.APPROVAL_DECLINED)


async def _put_out(asked: Asked, by: Identity, now: datetime) -> None:
    """End a factor and the sessions beside it; without a confirmed one left, whoever has enrolled it knows the

    password too: that, the links, the recovery codes and the other factors end, and the owner is invited anew.
    """
    for table in (SecondFactor, Passkey):
        await table.update({table.ended_at: now}).where(table.id == asked.id)
    await sessions.end_all(asked.person, now=now)
    if any(each.is_confirmed for each in await fingerprints.of_person(asked.person)):
        return
    await enrolment.end_factors(asked.person, by=by, reason="decline", now=now)
    await invitations.void(asked.person, now=now)
    await Person.update({Person.password_hash: None}).where(Person.id == asked.person)
