"""What a row says and where the statement says it: the table of rules, over what the portal wrote itself."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from portal.domain import events
from portal.services.verification import rules, statements
from portal.services.verification.statements import Unreadable
from portal.tables.events import Event
from tests.world.letter_scans import attach
from tests.world.seals import seal_all
from tests.world.staffed import Staffed
from tests.world.statements import stated

ALONE = (rules.SUBMISSION, rules.DRAFTED, rules.PUBLISHED, rules.CALLED, rules.MINUTED, rules.LIFTED)


def test_columns_in_a_statements_words() -> None:
    at = datetime(2026, 3, 20, 21, tzinfo=UTC)
    assert rules.plain(at) == "2026-03-20T21:00:00.000000Z"
    assert rules.plain(date(2026, 3, 20)) == "2026-03-20"
    assert rules.plain(UUID(int=7)) == str(UUID(int=7))
    assert rules.plain(b"\xff\xfe") == "__4"
    assert [rules.plain(each) for each in (None, 7, "x", ["x"])] == [None, 7, "x", ["x"]]


def test_a_row_differs_by_the_columns_that_are_told_alone() -> None:
    row = {"name": "x", "on": date(2026, 3, 20), "other": 7}
    assert not rules.differs(row, {"name": "x", "on": "2026-03-20"})
    assert rules.differing(row, {"name": "y", "on": "2026-03-20", "other": None}) == ["name", "other"]


async def test_every_statement_says_what_its_rule_asks_for(staffed: Staffed) -> None:
    """And every rule has a column of its table for what is said."""
    await attach(staffed.builder, staffed.world.number)
    await seal_all(staffed.world.store, staffed.builder.clock.tick())
    kinds = set()
    for row in await Event.select(*statements.COLUMNS).order_by(Event.position):
        entry = statements.entry(row)
        for rule in (*rules.ACTS, rules.DOCUMENT, *ALONE):
            if rule.kind is entry.kind:
                items = entry.statement.items if rule is rules.DOCUMENT else [{}]
                for item in items:
                    said = rule.said(entry.statement.with_item(item))
                    assert said.keys() <= {column._meta.name for column in rule.table._meta.columns}
                kinds.add(rule.kind)
    never = {rule.table._meta.tablename for rule in (*rules.ACTS, rules.DOCUMENT, *ALONE) if rule.kind not in kinds}
    assert never == {"returns", "withdrawals", "refusals"}, "of the acts that this world knows"


def test_what_a_statement_does_not_say_cannot_be_held_against_a_row() -> None:
    lacking = statements.read(json.dumps(stated({"letter_number": "1"}, signer={"id": "p"})))
    rule = next(rule for rule in rules.ACTS if "letter_date" in rule.columns)
    with pytest.raises(Unreadable, match=r"intent\.values\.letter_date"):
        rule.agrees({"by": "p", "at": None, "letter_number": "1", "letter_date": None}, lacking)


def test_a_statement_of_before_pages_were_noted_still_agrees() -> None:
    given = {"verdict": "authentic", "reason_code": None, "reason": None}
    values = {"verdicts": {"d": given}, "pictures": {"d": []}}
    statement = statements.read(json.dumps(stated(values, items=[{"id": "d", "proves": {}}])))
    row: dict[str, Any] = {"document": "d", **given, "unseen": None, "declared": events.digest({})}
    assert rules.is_the_verdict(row, statement)
    assert not rules.is_the_verdict({**row, "unseen": "دیگر"}, statement)
    assert not rules.is_the_verdict({**row, "document": "e"}, statement)
