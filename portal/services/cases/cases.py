"""Cases: opened, declared, moved. `move` is the one writer of a case's state."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from portal.domain import events, permissions, persian
from portal.domain.declarations import Declaration
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict, Forbidden, Overtaken
from portal.domain.events import EventKind
from portal.domain.lifecycle import FINAL, WAITS_FOR, Act, Role, State
from portal.services.cases import assignments, dossiers, signing
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.cases import Case, CaseNumber, Declared
from portal.tables.places import Municipality


async def open_case(*, by: Identity, now: datetime) -> str:
    """Open a draft for the municipality of `by`; the case's number.

    Raises:
        Forbidden: `by` is no municipality.
        Conflict: `open-case`, with its `number`, while another one is open.
    """
    if by.role is not Role.MUNICIPALITY or by.municipality is None:
        raise Forbidden("role", act="case")
    if number := await open_number(by):
        raise Conflict("open-case", number=number)
    town = await Municipality.select().where(Municipality.code == by.municipality).first()
    assert town is not None
    try:
        async with Case._meta.db.transaction():
            return await _open(town, by, now)
    except UniqueViolationError:
        raise Conflict("open-case", number=await open_number(by)) from None


async def _open(town: dict[str, Any], by: Identity, now: datetime) -> str:
    number = await _next_number(persian.jalali_year(now))
    case = Case(
        number=number,
        municipality=town["code"],
        province=town["province"],
        state=State.DRAFT,
        desk=WAITS_FOR[State.DRAFT],
        since=now,
        opened_at=now,
        opened_by=by.id,
    )
    await case.save()
    declared = Declared(case=case.id, saved_at=now, saved_by=by.id)
    await declared.save()
    await Case.update({Case.declaration: declared.id}).where(Case.id == case.id)
    await log.note(EventKind.CASE_OPENED, ("case", number), by=by, now=now, state=(None, State.DRAFT))
    return number


async def _next_number(year: int) -> str:
    rows = await CaseNumber.raw(
        "INSERT INTO case_numbers (year, last) VALUES ({}, 1) "
        "ON CONFLICT (year) DO UPDATE SET last = case_numbers.last + 1 RETURNING last",
        year,
    )
    return f"{year}-{rows[0]['last']:05d}"


async def open_number(by: Identity) -> str | None:
    """The number of the open case of the municipality of `by`, if there is one."""
    row = await Case.select(Case.number).where((Case.municipality == by.municipality) & Case.desk.is_not_null()).first()
    return row["number"] if row else None


async def editing(number: str, act: Act, by: Identity) -> Dossier:
    """The case, locked, for an edit by its municipality. Inside a transaction.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    permissions.require_role(by.role, act)
    await dossiers.lock_state(number)
    dossier = await dossiers.open_dossier(number, by)
    permissions.require(by.role, dossier.state, act)
    return dossier


def require_reopened(dossier: Dossier) -> None:
    """Refuse an edit of a declaration that the return left closed (`Conflict`)."""
    if dossier.state is State.RETURNED and "declaration" not in dossier.reopened:
        raise Conflict("not-reopened", act=Act.DECLARATION)


def version_of(declaration: Declaration) -> str:
    """What a form carries of the values that it showed."""
    return events.digest(declaration.as_dict())


async def declare(
    number: str, *, by: Identity, declaration: Declaration, seen: str | None = None, now: datetime
) -> None:
    """Save the declared values; blanks are blanks. `seen` is the version that the form showed, None for a form without.

    Raises:
        NotFound, Forbidden, Conflict.
        Overtaken: others have been saved since the form showed `seen`.
    """
    await require_declarable(number, by)
    async with Case._meta.db.transaction():
        dossier = await editing(number, Act.DECLARATION, by)
        require_reopened(dossier)
        if declaration == dossier.declaration:
            return
        if seen is not None and seen != version_of(dossier.declaration):
            raise Overtaken
        values = {getattr(Declared, name): value for name, value in asdict(declaration).items()}
        await Declared.update({**values, Declared.saved_at: now, Declared.saved_by: by.id}).where(
            Declared.id == dossier.case["declaration"]
        )
        await Case.update(
            {Case.current_grade: declaration.current_grade, Case.requested_grade: declaration.requested_grade}
        ).where(Case.id == dossier.case["id"])
        await record_edit(EventKind.DECLARATION_SAVED, Act.DECLARATION, dossier, by, now, declaration.as_dict())


async def require_declarable(number: str, by: Identity) -> Dossier:
    """The doors before the declaration's form and its POST."""
    dossier = await signing.approach(number, Act.DECLARATION, by)
    require_reopened(dossier)
    return dossier


async def move(case: dict[str, Any], to: State, *, by: Identity, now: datetime, **columns: Any) -> None:
    """Write the state of `case`, with it whose desk it lies on, and in whose hand. `columns` go along by name."""
    changes = dict(columns)
    if to != case["state"]:
        changes |= {"state": to, "desk": WAITS_FOR[to], "since": now}
    if to is State.SUBMITTED and case["submitted_at"] is None:
        changes["submitted_at"] = now
    if to is State.CONFIRMED and case["confirmed_at"] is None:
        changes["confirmed_at"] = now
    if to in FINAL and case["submitted_at"] is not None:
        changes["archived_at"] = now
    sets = ", ".join(f"{name} = {{}}" for name in changes)
    moved = f"UPDATE cases SET {sets} WHERE id = {{}} RETURNING id" if changes else "SELECT {}::bigint"
    follows, values = assignments.following(case, to, by=by, now=now)
    await Case.raw(f"WITH moved AS ({moved}) {follows}", *changes.values(), case["id"], *values)


async def record_edit(
    kind: EventKind,
    act: Act,
    dossier: Dossier,
    by: Identity,
    now: datetime,
    values: dict[str, Any],
    items: list[dict[str, Any]] | None = None,
    nonce: str | None = None,
) -> int:
    """Write the event of an edit that leaves the state as it is; the first one takes the case in hand."""
    await move(dossier.case, dossier.state, by=by, now=now)
    return await log.note(
        kind,
        ("case", dossier.number),
        by=by,
        now=now,
        act=act,
        values=values,
        state=(dossier.state, dossier.state),
        items=items or (),
        nonce=nonce,
    )
