"""Receipts: who reads which, and what is found when an entry is checked."""

import json
from contextlib import suppress
from typing import Any

import pytest

from portal.domain import events, merkle
from portal.domain.errors import NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import State
from portal.domain.signatures import Worth
from portal.services.archive import receipts
from portal.services.archive.receipts import Receipt
from portal.services.journal import log
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.cast import Cast


async def row_of(kind: EventKind) -> dict[str, Any]:
    row = await Event.select(Event.position).where(Event.kind == kind).order_by(Event.position).first()
    assert row is not None
    return await log.entry(row["position"])


async def may_read(people: Cast, kind: EventKind) -> set[str]:
    """Who of the cast reads the receipt of the first event of this kind."""
    position, found = (await row_of(kind))["position"], set()
    for name, by in people.items():
        with suppress(NotFound):
            await receipts.find(position, by)
            found.add(name)
    return found


async def test_a_receipt_proves_what_was_signed(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    found = await receipts.find((await row_of(EventKind.CASE_SUBMITTED))["position"], builder.people["clerk"])
    assert found.statement is not None
    assert (found.kind, found.subject) == (EventKind.CASE_SUBMITTED, number)
    assert found.statement["intent"]["signer"]["username"] == "clerk"
    assert (found.is_included, found.record, found.is_demanded, found.holds) == (True, Worth.GOOD, True, True)
    assert found.key_id == found.statement["signature"]["key_id"]
    assert (found.passkey, found.passkey_signed) == (None, True)


async def test_the_score_is_read_by_those_who_wait_for_it_once_it_is_notified(builder: Builder) -> None:
    number = await builder.case(State.DECIDED)
    knowing = {"examiner", "minister", "auditor"}
    waiting = {"clerk", "officer", "colleague"}
    for kind in (EventKind.CASE_ASSESSED, EventKind.DECISION_TAKEN):
        assert await may_read(builder.people, kind) == knowing
    assert await may_read(builder.people, EventKind.CASE_CONFIRMED) == knowing | waiting
    await builder.notify(number)
    assert await may_read(builder.people, EventKind.CASE_ASSESSED) == knowing | waiting | {"keeper"}


async def test_what_nobody_signed_has_no_receipt(builder: Builder) -> None:
    await builder.draft()
    for kind in (EventKind.CASE_OPENED, EventKind.DOCUMENT_ADDED, EventKind.JOURNAL_KEY_INTRODUCED):
        with pytest.raises(NotFound):
            await receipts.find((await row_of(kind))["position"], builder.people["auditor"])
    with pytest.raises(NotFound):
        await receipts.find(await log.size(), builder.people["auditor"])


async def checked(row: dict[str, Any], **others: Any) -> Receipt:
    return await receipts.check({**row, **others})


async def test_an_entry_that_says_something_else_does_not_hold(builder: Builder) -> None:
    await builder.case(State.SUBMITTED)
    row = await row_of(EventKind.CASE_SUBMITTED)
    said = json.loads(row["statement"])
    said["intent"]["signer"]["name"] = "کس دیگر"
    altered = events.canonical(said).decode()
    for others in ({"statement": altered}, {"statement": altered, "leaf": merkle.leaf_hash(altered.encode())}):
        found = await checked(row, **others)
        assert (found.statement, found.text) == (None, altered)
        assert not any((found.is_intact, found.is_included, found.holds))
    assert (await checked(row)).holds


async def test_a_statement_of_another_place_or_without_its_signature_does_not_hold(builder: Builder) -> None:
    await builder.case(State.SUBMITTED)
    row, other = await row_of(EventKind.CASE_SUBMITTED), await row_of(EventKind.CASE_OPENED)
    moved = await checked(row, statement=other["statement"], leaf=other["leaf"])
    assert (moved.statement, moved.holds) == (None, False)
    bare = json.loads(row["statement"])
    del bare["signature"]
    text = events.canonical(bare).decode()
    unsigned = await checked(row, statement=text, leaf=merkle.leaf_hash(text.encode()))
    assert unsigned.statement is not None
    assert (unsigned.record, unsigned.is_signed, unsigned.key_id, unsigned.holds) == (Worth.UNSIGNED, False, "", False)
