"""Sittings of the working group, their agenda, minutes and attendance."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import events, persian
from portal.domain.errors import Forbidden, Invalid, NotFound, Overtaken
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, Role, State
from portal.services.cases import assessments
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.acts import Sitting
from portal.tables.cases import Case

PAGE = 25
MOST = 200


async def call(
    *, by: Identity, title: str, held_on: date, once: UUID | None = None, now: datetime
) -> tuple[UUID, bool]:
    """Call a sitting for the day `held_on`; its id, and False where `by` has called just this one already.

    `once` is what the form drew: of any number of its posts with the same values one counts.

    Raises:
        Forbidden: `by` is not of the Organization.
    """
    _require_organization(by)
    sitting = uuid4()
    values = {"title": title, "held_on": held_on.isoformat()}
    nonce = events.digest([str(once), str(by.id), EventKind.SITTING_CALLED, values]) if once else None
    async with Sitting._meta.db.transaction():
        await log.lock()
        if nonce and (known := await log.subject_of(nonce)):
            return UUID(known), False
        await Sitting(id=sitting, title=title, held_on=held_on, made_by=by.id, made_at=now).save()
        await log.note(EventKind.SITTING_CALLED, ("sitting", str(sitting)), by=by, now=now, values=values, nonce=nonce)
    return sitting, True


def version_of(row: Mapping[str, Any]) -> str:
    """What a form carries of the minutes and the attendance that it showed."""
    return events.digest([row["minutes"], row["attendance"]])


async def keep(
    sitting: UUID,
    *,
    by: Identity,
    agenda: Collection[str],
    minutes: str | None,
    attendance: str | None,
    seen: str | None = None,
    now: datetime,
) -> None:
    """Put the cases numbered in `agenda` on the sitting's agenda, and keep its minutes and attendance.

    None leaves either as it is. `seen` is the version that the form showed, None for a form without.

    Raises:
        Forbidden, NotFound.
        Invalid: `agenda` names a case that is not waiting for a sitting, or since the form was shown for another one.
        Overtaken: minutes or attendance were written since the form showed `seen`.
    """
    _require_organization(by)
    async with Case._meta.db.transaction():
        known = (
            await Case.select(Case.id, Case.number, Case.sitting)
            .where(Case.number.is_in(list(agenda)) & (Case.state == State.ASSESSED))
            .lock_rows("UPDATE")
            if agenda
            else []
        )
        if len(known) < len(set(agenda)):
            raise Invalid({"case": "not-assessed"})
        if seen is not None and any(each["sitting"] not in (None, sitting) for each in known):
            raise Invalid({"case": "tabled-elsewhere"})
        await Sitting.select(Sitting.id).where(Sitting.id == sitting).lock_rows("UPDATE")
        row = await find(sitting)
        minutes = row["minutes"] if minutes is None else minutes
        attendance = row["attendance"] if attendance is None else attendance
        known = [each for each in known if each["sitting"] != sitting]
        if known:
            await Case.update({Case.sitting: sitting}).where(Case.id.is_in([each["id"] for each in known]))
        if (minutes, attendance) != (row["minutes"], row["attendance"]):
            if seen is not None and seen != version_of(row):
                raise Overtaken
            await Sitting.update({Sitting.minutes: minutes, Sitting.attendance: attendance}).where(
                Sitting.id == sitting
            )
            values = {"minutes": minutes, "attendance": attendance}
            await log.note(EventKind.SITTING_MINUTED, ("sitting", str(sitting)), by=by, now=now, values=values)
        for each in sorted(known, key=lambda case: str(case["number"])):
            await record_tabled(each["number"], sitting, by, now)


async def record_tabled(number: str, sitting: UUID, by: Identity, now: datetime) -> None:
    """Write that a case came onto the agenda of `sitting`."""
    await log.note(
        EventKind.CASE_TABLED,
        ("case", number),
        by=by,
        now=now,
        act=Act.AGENDA,
        values={"sitting": str(sitting)},
        state=(State.ASSESSED, State.ASSESSED),
    )


async def find(sitting: UUID) -> dict[str, Any]:
    """The sitting's row.

    Raises:
        NotFound.
    """
    row = await Sitting.select().where(Sitting.id == sitting).first()
    if row is None:
        raise NotFound("sitting")
    return row


async def usable(now: datetime, since: date) -> list[dict[str, Any]]:
    """Sittings at which a case that was confirmed on `since` can be decided now, newest first.

    They were held today (Tehran) or before, and on or after that day.
    """
    return await (
        Sitting.select()
        .where((Sitting.held_on <= persian.tehran_date(now)) & (Sitting.held_on >= since))
        .order_by(Sitting.held_on, Sitting.made_at, ascending=False)
        .limit(50)
    )


_HELD = """
SELECT s.held_on, (SELECT c.at FROM confirmations c WHERE c."case" = {} ORDER BY c.id DESC LIMIT 1) AS confirmed_at
FROM sittings s WHERE s.id = {}
"""


async def require_usable(sitting: UUID, case: int, now: datetime) -> None:
    """Refuse (`Invalid`, its `sitting`) a sitting that is still to come, or was held before the case was confirmed.

    `case` is the id of the row of a case that is confirmed.
    """
    rows = await Sitting.raw(_HELD, case, sitting)
    if not rows:
        raise Invalid({"sitting": "unusable-sitting"})
    if rows[0]["held_on"] > persian.tehran_date(now):
        raise Invalid({"sitting": "sitting-to-come"})
    if rows[0]["held_on"] < persian.tehran_date(rows[0]["confirmed_at"]):
        raise Invalid({"sitting": "sitting-before-confirmation"})


async def listing(after: str) -> dict[str, Any]:
    """A page of all sittings, the latest first: `rows`, and `older` to go on with. `after` is an earlier `older`."""
    bound = _bound(after)
    query = Sitting.select().order_by(Sitting.held_on, Sitting.id, ascending=False).limit(PAGE + 1)
    if bound:
        day, last = bound
        query = query.where((Sitting.held_on < day) | ((Sitting.held_on == day) & (Sitting.id < last)))
    rows = await query
    more, rows = len(rows) > PAGE, rows[:PAGE]
    older = f"{rows[-1]['held_on'].isoformat()}~{rows[-1]['id']}" if more else None
    return {"rows": rows, "older": older}


def _bound(after: str) -> tuple[date, UUID] | None:
    day, _, sitting = after.partition("~")
    try:
        return date.fromisoformat(day), UUID(sitting)
    except ValueError:
        return None


async def agenda(sitting: UUID) -> list[dict[str, Any]]:
    """The cases on the agenda of `sitting`, with town and grades; `computed` is the grade of the last assessment."""
    rows = await _named(Case.sitting == sitting)
    computed = await assessments.grades([row["id"] for row in rows]) if rows else {}
    return [{**row, "computed": computed.get(row["id"])} for row in rows]


async def waiting() -> list[dict[str, Any]]:
    """Assessed cases that are on no agenda yet, the longest waiting first."""
    return await _named((Case.state == State.ASSESSED) & Case.sitting.is_null())


async def _named(where: Any) -> list[dict[str, Any]]:
    return await (
        Case.select(
            Case.id,
            Case.number,
            Case.state,
            Case.since,
            Case.current_grade,
            Case.requested_grade,
            Case.decided_grade,
            Case.outcome,
            Case.municipality.display_name.as_alias("town"),
            Case.province.name.as_alias("province_name"),
        )
        .where(where)
        .order_by(Case.since)
        .limit(MOST)
    )


def _require_organization(by: Identity) -> None:
    if by.role is not Role.ORGANIZATION:
        raise Forbidden("role", act="sitting")
