"""Who of an office has a case in hand while it lies there. It informs colleagues; it never blocks anyone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.domain import persian
from portal.domain.errors import Conflict
from portal.domain.events import EventKind
from portal.domain.lifecycle import WAITS_FOR, State
from portal.services.cases import dossiers
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.tables.mandates import Assignment

HELD = """
SELECT a.person, p.full_name AS holder, a.since AS held_since FROM assignments a
JOIN people p ON p.id = a.person AND p.ended_at IS NULL
WHERE a."case" = cases.id AND a.ended_at IS NULL AND a.desk = cases.desk AND EXISTS (
    SELECT 1 FROM mandates m WHERE m.person = a.person AND m.role = a.desk
    AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL
    AND m.starts_on <= {} AND coalesce(m.ends_on, 'infinity') >= {}
    AND coalesce(m.municipality, cases.municipality) = cases.municipality
    AND coalesce(m.province, cases.province) = cases.province)
"""
"""Who has the case of the row `cases` in hand; twice the day in Tehran.

Work of those who hold the office no more has passed to the office: nothing stays in a hand that may not act.
"""


async def holder(case: int, now: datetime) -> dict[str, Any] | None:
    """Who has the case in hand: `person`, `holder` (the name), `held_since`; None where it lies with the office."""
    today = persian.tehran_date(now)
    rows: list[dict[str, Any]] = await Assignment.raw(
        f"SELECT h.* FROM cases JOIN LATERAL ({HELD}) h ON true WHERE cases.id = {{}}", today, today, case
    )
    return rows[0] if rows else None


async def assign(number: str, *, by: Identity, seen: UUID | None, now: datetime) -> None:
    """Take a case in hand, from nobody or from the colleague `seen` on the page. Taken already by `by`: nothing.

    Raises:
        NotFound: out of the scope of `by`.
        Conflict: `other-desk`, or `hand-changed` with its `holder` where someone else took it meanwhile.
    """
    _require_desk(await dossiers.find(number, by), by)
    async with Assignment._meta.db.transaction():
        case = await dossiers.lock(number, by)
        _require_desk(case, by)
        held = await holder(case["id"], now)
        if held and held["person"] == by.id:
            return
        if (held["person"] if held else None) != seen:
            raise Conflict("hand-changed", holder=held["holder"] if held else "")
        await release(case["id"], now=now)
        await _write(case, by, now)
        state = (case["state"], case["state"])
        values = {"from": held["holder"] if held else None}
        await log.note(
            EventKind.CASE_TAKEN, ("case", case["number"]), by=by, now=now, act="hand", values=values, state=state
        )


def _require_desk(case: dict[str, Any], by: Identity) -> None:
    if WAITS_FOR[State(case["state"])] is not by.role:
        raise Conflict("other-desk")


_LEAVE = 'UPDATE assignments SET ended_at = {} WHERE "case" = {} AND ended_at IS NULL'
_TAKE = f"""
held AS (SELECT h.* FROM cases JOIN LATERAL ({HELD}) h ON true WHERE cases.id = {{}}),
put_down AS (
    UPDATE assignments SET ended_at = {{}} WHERE "case" = {{}} AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM held)
    RETURNING id)
INSERT INTO assignments ("case", desk, person, since)
SELECT {{}}, {{}}, {{}}, {{}} WHERE NOT EXISTS (SELECT 1 FROM held) AND (SELECT count(*) FROM put_down) >= 0
"""


def following(case: Mapping[str, Any], to: State, *, by: Identity, now: datetime) -> tuple[str, tuple[Any, ...]]:
    """What becomes of whoever has the case (its row) in hand as it goes to the state `to`.

    It leaves whatever hand it is in where it goes on to another office. Where it stays, the first act of an office
    takes it in hand, unless a colleague has it; the act's own event says who did it, and no other one is written.

    Returns:
        The end of a statement that begins with `WITH moved AS (…)`, and the values of its places.
    """
    if WAITS_FOR[to] != case["desk"]:
        return _LEAVE, (now, case["id"])
    if case["desk"] != by.role:
        return "SELECT 1", ()
    today = persian.tehran_date(now)
    return f", {_TAKE}", (today, today, case["id"], now, case["id"], case["id"], case["desk"], by.id, now)


async def release(case: int, *, now: datetime) -> None:
    """The case leaves whatever hand it is in: it goes on to another office."""
    await Assignment.update({Assignment.ended_at: now}).where((Assignment.case == case) & Assignment.ended_at.is_null())


async def release_all(person: UUID, *, now: datetime) -> None:
    """What `person` had in hand passes to the office."""
    await Assignment.update({Assignment.ended_at: now}).where(
        (Assignment.person == person) & Assignment.ended_at.is_null()
    )


async def _write(case: dict[str, Any], by: Identity, now: datetime) -> None:
    await Assignment(case=case["id"], desk=case["desk"], person=by.id, since=now).save()
