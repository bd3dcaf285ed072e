"""The journal as the auditor looks through it: by case, person, act and day."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from piccolo.custom_types import Combinable

from portal.domain import bidi
from portal.domain.events import EventKind
from portal.domain.lists import COUNT_TO
from portal.domain.persian import TEHRAN, fold_digits, normalise
from portal.tables.events import Event
from portal.tables.people import Person

PAGE = 25
MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for: a case's number (or another subject's id), part of a name, an act, a day in Tehran."""

    subject: str = ""
    person: str = ""
    kind: EventKind | None = None
    day: date | None = None


async def listing(asked: Criteria, *, before: int | None) -> dict[str, Any]:
    """A page of the journal, the newest first: `rows`, and `older` to go on with."""
    where = await _matching(asked)
    if where is None:
        return {"rows": [], "older": None}
    query = Event.select(Event.position, Event.kind, Event.subject, Event.subject_type, Event.at, Event.statement)
    query = query.where(where)
    if before is not None:
        query = query.where(Event.position < before)
    rows = await query.order_by(Event.position, ascending=False).limit(PAGE + 1)
    for row in rows:
        row["signer"] = _signer(row.pop("statement"))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return {"rows": rows, "older": rows[-1]["position"] if more else None}


async def hits(asked: Criteria) -> int:
    """How many entries match; `COUNT_TO` + 1 stands for more than that."""
    where = await _matching(asked)
    if where is None:
        return 0
    return len(await Event.select(Event.position).where(where).order_by(Event.position).limit(COUNT_TO + 1))


async def _matching(asked: Criteria) -> Combinable | None:
    """What an entry has to be; None where none can be."""
    where: Combinable = Event.position.is_not_null()
    if asked.subject:
        where = where & (Event.subject == bidi.year_first(fold_digits(asked.subject)))
    if asked.kind:
        where = where & (Event.kind == asked.kind)
    if asked.day:
        begin = datetime.combine(asked.day, time(), TEHRAN).astimezone(UTC)
        where = where & (Event.at >= begin) & (Event.at < begin + timedelta(days=1))
    if asked.person:
        people = await _people(asked.person)
        if not people:
            return None
        where = where & Event.person.is_in(people)
    return where


def _signer(text: str) -> str:
    """The name of who signed; none where the statement was altered so that it can no longer be read."""
    try:
        return str(json.loads(text)["intent"]["signer"].get("name", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


async def _people(text: str) -> list[str]:
    """Ids of the people with this username, or with `text` in their name."""
    plain = normalise(text).translate(str.maketrans("", "", "%_\\\0"))
    rows = (
        await Person.select(Person.id)
        .where((Person.username == fold_digits(plain).casefold()) | Person.full_name.like(f"%{plain}%"))
        .order_by(Person.id)
        .limit(MOST_PEOPLE)
    )
    return [str(row["id"]) for row in rows]
