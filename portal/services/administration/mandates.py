"""Mandates are granted and ended by administrators; what is granted waits for a second person."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.domain.approvals import Office
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span, require_span, require_title
from portal.domain.persian import normalise
from portal.services.administration import access, administrators, invitations, links
from portal.services.authentication import sessions
from portal.services.cases import assignments
from portal.services.identity import account_events, accounts, mandates
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Matter, Prepared, Signed, prepare
from portal.tables.mandates import Mandate
from portal.tables.people import Person


@dataclass(frozen=True, slots=True)
class Grant:
    """What a mandate is granted as; the days are Tehran's, both included."""

    kind: MandateKind
    title: str
    role: Role
    municipality: str | None
    province: str | None
    starts_on: date
    ends_on: date | None = None

    @property
    def office(self) -> Office:
        return Office(self.role, self.municipality, self.province)

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.ends_on)

    def as_dict(self) -> dict[str, Any]:
        """The mandate as a statement carries it."""
        return accounts.in_words(self.office, self.title, self.kind, self.span)


async def _checked(person: UUID, grant: Grant, now: datetime) -> Grant:
    office = accounts.placed(grant.role, grant.municipality, grant.province)
    grant = replace(grant, title=normalise(grant.title), municipality=office.municipality, province=office.province)
    if not grant.title:
        raise Invalid({"title": "blank"})
    await accounts.require_place(office)
    require_title(grant.kind, grant.title)
    require_span(grant.kind, grant.span, mandates.today_or(None, now))
    await mandates.require_free(person, grant.role, grant.kind, grant.span, now)
    return grant


async def prepare_grant(person: UUID, grant: Grant, *, by: Identity, now: datetime) -> Prepared[UUID]:
    """A mandate proposed for the owner of an account; it has no effect before a second person agrees. Its id.

    Raises:
        Forbidden, NotFound.
        Conflict: the account is closed, one's own, or a mandate of it waits already.
        Invalid: the days are past, in the wrong order or taken, or the place does not fit the role.
    """
    access.require_administrator(by)

    async def look(locked: bool) -> Matter:
        row = await access.require_manageable(person, by, locked=locked)
        if await Mandate.exists().where(
            (Mandate.person == person) & Mandate.confirmed_at.is_null() & Mandate.ended_at.is_null()
        ):
            raise Conflict("mandate-waits")
        await _checked(person, grant, now)
        return access.subject_of(row)

    async def write(signed: Signed) -> UUID:
        mandate = await mandates.write(
            person,
            wanted.office,
            kind=wanted.kind,
            title=wanted.title,
            span=wanted.span,
            granted_by=by.id,
            now=signed.now,
            confirmed=False,
        )
        await signed.record(EventKind.MANDATE_GRANTED, {"mandate": str(mandate)})
        return mandate

    await look(False)
    wanted = await _checked(person, grant, now)
    values = {**wanted.as_dict(), "place": await accounts.require_place(wanted.office)}
    return await prepare(OfficeAct.MANDATE, by, look, write, values)


async def agree_by_machine(person: UUID, *, now: datetime) -> None:
    """By whoever holds the machine: agree to the mandate of `person` that waits, where no second person is left.

    Raises:
        Conflict: `no-mandate-waits`, `account-closed`, `mandate-over-already`.
        Invalid: its days are taken meanwhile.
    """
    async with Mandate._meta.db.transaction():
        await Person.select(Person.id).where(Person.id == person).lock_rows("UPDATE")
        if (await accounts.find(person))["ended_at"] is not None:
            raise Conflict("account-closed")
        row = next((each for each in await mandates.standing(person, now) if each["status"] == "waiting"), None)
        if row is None:
            raise Conflict("no-mandate-waits")
        await require_agreeable(row, now)
        await write_agreement(row, by=None, now=now)
        values = {"mandate": str(row["id"]), "by": "machine"}
        await account_events.record(EventKind.MANDATE_CONFIRMED, person, None, values, now)


async def require_agreeable(row: dict[str, Any], now: datetime) -> None:
    """Refuse a mandate that waits, once its days are past (`Conflict`) or taken (`Invalid`)."""
    if row["ends_on"] is not None and row["ends_on"] < mandates.today_or(None, now):
        raise Conflict("mandate-over-already")
    role, kind = Role(row["role"]), MandateKind(row["kind"])
    await mandates.require_free(row["person"], role, kind, mandates.span_of(row), now, but=row["id"])


async def write_agreement(row: dict[str, Any], *, by: UUID | None, now: datetime) -> None:
    """The mandate of `row` is agreed to; one that has begun is entered anew. Inside a transaction."""
    await Mandate.update({Mandate.confirmed_at: now, Mandate.confirmed_by: by}).where(Mandate.id == row["id"])
    await invitations.void_restoration(row["person"], now=now)
    if row["starts_on"] <= mandates.today_or(None, now):
        await mandates.carry_over(row)
        await sessions.end_all(row["person"], now=now)


async def find(mandate: UUID) -> dict[str, Any]:
    """The row of a mandate.

    Raises:
        NotFound.
    """
    row = await Mandate.select().where(Mandate.id == mandate).first()
    if row is None:
        raise NotFound("mandate")
    return row


async def approach_end(mandate: UUID, by: Identity, now: datetime, *, locked: bool = False) -> Matter:
    """The doors before a mandate is ended.

    Raises:
        Forbidden, NotFound.
        Conflict: it is over already, or one's own.
    """
    access.require_administrator(by)
    held = await find(mandate)
    row = await access.require_manageable(held["person"], by, locked=locked)
    if mandates.status(held, now) in ("over", "declined"):
        raise Conflict("mandate-over-already")
    if locked:
        await administrators.lock(held["person"])
        held = (await Mandate.select().where(Mandate.id == mandate).lock_rows("UPDATE"))[0]
        if held["ended_at"] is not None:
            raise Conflict("mandate-over-already")
    return access.subject_of(row, mandate=await as_fact(held))


async def as_fact(held: dict[str, Any]) -> dict[str, Any]:
    """A mandate's row as a statement carries it."""
    office, kind = mandates.office_of(held), MandateKind(held["kind"])
    said = accounts.in_words(office, held["title"], kind, mandates.span_of(held))
    return {"id": str(held["id"]), **said, "place": await accounts.require_place(office)}


async def prepare_end(mandate: UUID, *, last_day: date | None, by: Identity, now: datetime) -> Prepared[None]:
    """A mandate's end, at once (None) or with a day that is still to come. What its holder has in hand passes on.

    Raises:
        Forbidden, NotFound.
        Conflict: it is over already, one's own, or nobody would administer the portal after it.
        Invalid: the day is past, or after the mandate's own last one.
    """

    async def look(locked: bool) -> Matter:
        matter = await approach_end(mandate, by, now, locked=locked)
        held = await find(mandate)
        _require_shorter(held, last_day, now)
        await administrators.require_another(now, person=held["person"], mandate=mandate, last_day=last_day)
        return matter

    async def write(signed: Signed) -> None:
        held, now = await find(mandate), signed.now
        if last_day is None:
            await invitations.void_restoration(held["person"], now=now)
            await Mandate.update({Mandate.ended_at: now, Mandate.ended_by: by.id}).where(Mandate.id == mandate)
            if mandates.status(held, now) == "now":
                await sessions.end_all(held["person"], now=now)
                await assignments.release_all(held["person"], now=now)
                await links.void_made_by(held["person"], now=now)
        else:
            await Mandate.update({Mandate.ends_on: last_day, Mandate.ended_by: by.id}).where(Mandate.id == mandate)
        await signed.record(EventKind.MANDATE_ENDED)

    values = {"last_day": last_day.isoformat() if last_day else None}
    return await prepare(OfficeAct.MANDATE_END, by, look, write, values)


def _require_shorter(held: dict[str, Any], last_day: date | None, now: datetime) -> None:
    if last_day is None:
        return
    if last_day < max(mandates.today_or(None, now), held["starts_on"]):
        raise Invalid({"last_day": "past-day"})
    if held["ends_on"] is not None and last_day > held["ends_on"]:
        raise Invalid({"last_day": "no-longer"})
