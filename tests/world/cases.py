"""What tests of services look up about a case, and the rule sets that they publish."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from portal.domain import persian
from portal.services.rulesets import versions
from portal.services.signing.signoffs import Proof
from portal.tables.cases import Case
from portal.tables.events import Event
from tests.builders import Builder

RULES = next(versions.SHIPPED.glob("*.toml")).read_text(encoding="utf-8")
"""The sample that the portal ships."""


async def case_of(number: str) -> dict[str, Any]:
    """The row of a case."""
    row: dict[str, Any] | None = await Case.select().where(Case.number == number).first()
    assert row is not None
    return row


async def events_of(subject: str) -> list[str]:
    """The kinds of the events about `subject`, the first one first."""
    rows = await Event.select(Event.kind).where(Event.subject == subject).order_by(Event.position)
    return [row["kind"] for row in rows]


async def statement_at(position: int) -> dict[str, Any]:
    """What the journal says at `position`."""
    row = await Event.select(Event.statement).where(Event.position == position).first()
    assert row is not None
    statement: dict[str, Any] = json.loads(row["statement"])
    return statement


def unproven(now: datetime) -> Proof:
    """The proof of a form that is only being reviewed: no code yet."""
    return Proof(None, "", "nonce", now + timedelta(minutes=30))


def today(builder: Builder) -> date:
    """The day in Tehran."""
    return persian.tehran_date(builder.clock())


def variant(day: date, *changes: tuple[str, str]) -> str:
    """The shipped sample with another day, and other changes."""
    text = RULES.replace("effective_from = 2015-04-18", f"effective_from = {day.isoformat()}")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


async def publish(builder: Builder, text: str) -> str:
    """Bring `text` as the administrator and publish it as the Organization; its digest."""
    digest = await versions.draft(text, by=builder.people["head"], now=builder.clock.tick(1))
    by = builder.people["examiner"]
    await builder.sign(by, lambda proof, now: versions.publish(digest, by=by, proof=proof, now=now))
    return digest
