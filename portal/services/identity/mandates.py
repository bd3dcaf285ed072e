"""Mandates: who holds which office, from when to when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import persian
from portal.domain.approvals import APPROVERS, Office
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span, shares_a_seat
from portal.tables.mandates import Mandate
from portal.tables.people import Person

_PLACED_BELOW = ", ".join(f"'{role}'" for role, approver in APPROVERS.items() if approver is Role.GOVERNORATE)
APPROVER = f"""
CASE m.role {" ".join(f"WHEN '{role}' THEN '{approver}'" for role, approver in APPROVERS.items())} END AS approver,
CASE WHEN m.role IN ({_PLACED_BELOW}) THEN coalesce(
    m.province, (SELECT t.province FROM municipalities t WHERE t.code = m.municipality)) END AS approver_province
"""
"""The office that agrees to the mandate `m`, as `approvals.approver_of` says it."""

IN_FORCE = f"""
SELECT m.id, m.kind, m.title, m.role, m.municipality, m.province, {APPROVER} FROM mandates m
WHERE m.person = p.id AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL
  AND m.starts_on <= {{}} AND coalesce(m.ends_on, 'infinity') >= {{}}
"""
"""The one mandate under which the person `p` acts; twice the day in Tehran."""

STANDING = f"""
SELECT m.person, m.starts_on, m.kind, m.title, {APPROVER} FROM mandates m
WHERE m.confirmed_at IS NOT NULL AND m.ended_at IS NULL AND coalesce(m.ends_on, 'infinity') >= {{}}
"""
"""Every mandate that is in force or still to come, and who agrees to it; with the day in Tehran."""


STANDS = frozenset({"waiting", "future", "now"})
"""The statuses of a mandate that is not yet over."""


def span_of(row: dict[str, Any]) -> Span:
    """The days of a mandate's row."""
    return Span(row["starts_on"], row["ends_on"])


def office_of(row: dict[str, Any]) -> Office:
    """The office in a row of a mandate or a person."""
    return Office(Role(row["role"]), row["municipality"], row["province"])


def status(row: dict[str, Any], now: datetime) -> str:
    """`waiting`, `declined`, `future`, `now` or `over`."""
    if row["confirmed_at"] is None:
        return "waiting" if row["ended_at"] is None else "declined"
    day, span = persian.tehran_date(now), span_of(row)
    if row["ended_at"] is not None or (span.ends_on is not None and span.ends_on < day):
        return "over"
    return "now" if span.starts_on <= day else "future"


async def of_person(person: UUID) -> list[dict[str, Any]]:
    """Every mandate of `person`, the latest first, with the names of its place and of who granted and confirmed it."""
    return await (
        Mandate.select(
            *Mandate.all_columns(),
            Mandate.municipality.display_name.as_alias("town"),
            Mandate.province.name.as_alias("province_name"),
            Mandate.granted_by.full_name.as_alias("granter"),
            Mandate.confirmed_by.full_name.as_alias("confirmer"),
        )
        .where(Mandate.person == person)
        .order_by(Mandate.starts_on, Mandate.granted_at, ascending=False)
    )


async def approvers(person: UUID, now: datetime) -> frozenset[Office]:
    """The offices that agree to what `person` holds, or is still to hold."""
    rows = await Mandate.raw(
        f"SELECT DISTINCT approver, approver_province FROM ({STANDING}) s WHERE person = {{}}",
        persian.tehran_date(now),
        person,
    )
    return frozenset(approver_in(row) for row in rows)


async def approver(mandate: UUID) -> Office:
    """The office that agrees to `mandate`."""
    rows = await Mandate.raw(f"SELECT {APPROVER} FROM mandates m WHERE m.id = {{}}", mandate)
    return approver_in(rows[0])


def approver_in(row: dict[str, Any]) -> Office:
    """The office in the columns of `APPROVER`."""
    return Office(Role(row["approver"]), None, row["approver_province"])


async def standing(person: UUID, now: datetime) -> list[dict[str, Any]]:
    """What `person` holds, is still to hold, or was proposed for, the earliest first, each with its `status`."""
    rows = [{**row, "status": status(row, now)} for row in await of_person(person)]
    return sorted((row for row in rows if row["status"] in STANDS), key=lambda row: (row["starts_on"], row["id"]))


async def in_force(person: UUID, now: datetime) -> dict[str, Any] | None:
    """The mandate of `person` in force at `now`, if any."""
    return next((row for row in await of_person(person) if status(row, now) == "now"), None)


async def office_now_or_next(person: UUID, now: datetime) -> dict[str, Any] | None:
    """The office that `person` holds at `now`, else the next one, in the columns of an account's row."""
    rows = {status(row, now): row for row in await of_person(person)}  # of several to come the earliest stays
    found = rows.get("now") or rows.get("future")
    names = ("title", "role", "municipality", "province", "town", "province_name", "starts_on")
    return {name: found[name] for name in names} if found else None


async def require_in_force(person: UUID, now: datetime) -> None:
    """Refuse who holds no office now, and say why: it is over, it is still to come, or there never was one.

    Raises:
        Conflict: `mandate-over`, `mandate-future` with the first `day`, `no-mandate`.
    """
    rows = {status(row, now): row for row in await of_person(person)}  # of several to come the earliest stays
    if "now" in rows:
        return
    if "future" in rows:
        raise Conflict("mandate-future", day=rows["future"]["starts_on"])
    raise Conflict("mandate-over" if "over" in rows else "no-mandate")


async def require_free(
    person: UUID, role: Role, kind: MandateKind, span: Span, now: datetime, *, but: UUID | None = None
) -> None:
    """Refuse a mandate on days on which `person` holds another, or somebody else holds a seat that is single.

    Raises:
        Invalid.
    """
    today = persian.tehran_date(now)
    standing = Mandate.confirmed_at.is_not_null() & Mandate.ended_at.is_null() & (Mandate.id != (but or uuid4()))
    theirs = standing & ((Mandate.ends_on.is_null()) | (Mandate.ends_on >= today))
    for row in await Mandate.select().where(theirs & (Mandate.person == person)):
        if span_of(row).meets(span):
            raise Invalid({"starts_on": ("mandate-overlaps", {"title": row["title"]})})
    rows = (
        await Mandate.select(*Mandate.all_columns(), Mandate.person.full_name.as_alias("holder")).where(
            theirs & (Mandate.role == role) & Mandate.person.ended_at.is_null()
        )
        if shares_a_seat(role, kind, kind)
        else []
    )
    for row in rows:
        if shares_a_seat(role, kind, MandateKind(row["kind"])) and span_of(row).meets(span):
            raise Invalid({"starts_on": ("seat-taken", {"holder": row["holder"]})})


async def write(
    person: UUID,
    office: Office,
    *,
    kind: MandateKind,
    title: str,
    span: Span,
    granted_by: UUID | None,
    now: datetime,
    confirmed: bool,
) -> UUID:
    """Write a mandate's row; its id."""
    mandate = uuid4()
    await Mandate(
        id=mandate,
        person=person,
        kind=kind,
        title=title,
        role=office.role,
        municipality=office.municipality,
        province=office.province,
        starts_on=span.starts_on,
        ends_on=span.ends_on,
        granted_by=granted_by,
        granted_at=now,
        confirmed_at=now if confirmed else None,
    ).save()
    return mandate


async def end_all(person: UUID, *, by: UUID | None, now: datetime) -> None:
    """End whatever mandates `person` has, those that wait or are still to come too."""
    await Mandate.update({Mandate.ended_at: now, Mandate.ended_by: by}).where(
        (Mandate.person == person) & Mandate.ended_at.is_null()
    )


async def carry_over(row: dict[str, Any]) -> None:
    """The account's row names the office of this mandate, which is in force."""
    await Person.update(
        {
            Person.title: row["title"],
            Person.role: row["role"],
            Person.municipality: row["municipality"],
            Person.province: row["province"],
        }
    ).where(Person.id == row["person"])


def today_or(day: date | None, now: datetime) -> date:
    """`day`, or today in Tehran where none was named."""
    return day or persian.tehran_date(now)
