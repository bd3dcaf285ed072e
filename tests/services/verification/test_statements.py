"""A statement is parsed once: what somebody took out of it is unreadable, and nothing else is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.declarations import Declaration
from portal.domain.lifecycle import State
from portal.services.verification import statements
from portal.services.verification.statements import Statement, Unreadable
from portal.settings import Settings
from portal.tables.places import Municipality
from tests.world.builders import DECLARED
from tests.world.statements import stated

AT = "2026-03-20T21:00:00.000000Z"


def read(raw: Any) -> Statement:
    return statements.read(json.dumps(raw))


def test_a_statement_is_read_with_its_common_parts() -> None:
    said = read(stated({"reason": "دلیل"}, at=AT, signer={"id": "p"}, after="draft"))
    assert (said.at, said.by, said.before, said.after, said.factor) == (AT, "p", None, "draft", None)
    assert (said.values, said.facts, said.items) == ({"reason": "دلیل"}, {}, [])
    assert read(stated({}, signer={})).by is None


@pytest.mark.parametrize("part", ["subject", "state", "items", "facts", "values", "signer", "nonce"])
def test_a_part_of_the_intent_is_gone_or_something_else(part: str) -> None:
    whole = stated({})
    lacking = {**whole, "intent": {name: each for name, each in whole["intent"].items() if name != part}}
    other = {**whole, "intent": {**whole["intent"], part: 7}}
    for each in (lacking, *([other] if part != "nonce" else [])):
        with pytest.raises(Unreadable):
            read(each)


@pytest.mark.parametrize("at", [None, 7, "", "yesterday", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59.000000Z"])
def test_an_instant_that_is_none(at: Any) -> None:
    with pytest.raises(Unreadable):
        read(stated({}, at=at))


@pytest.mark.parametrize("text", ["", "{", "7", "[]", "{}", '{"intent": {"signer": []}, "record": {}}', "[" * 100_000])
def test_a_text_that_is_no_statement(text: str) -> None:
    with pytest.raises(Unreadable):
        statements.read(text)


def test_a_part_is_asked_for_by_its_path_and_type() -> None:
    said = read(stated({"total": "57.25", "place": {"code": "07"}}, after="draft"))
    assert said.part("intent.values.place.code", str) == "07"
    assert said.part("intent.values.total", Decimal) == Decimal("57.25")
    assert said.part("intent.state.after", State | None) is State.DRAFT
    assert said.with_item({"id": "d"}).part("item.id") == "d"
    for path, kind in (
        ("intent.values.place.name", Any),
        ("intent.values.total.code", Any),
        ("intent.values.place", str),
        ("intent.values.total", int),
        ("item", Any),
    ):
        with pytest.raises(Unreadable, match=path):
            said.part(path, kind)
        with pytest.raises(Unreadable, match=path):
            said.require({"intent.values": dict[str, Any], path: kind})


def test_what_canonical_json_cannot_carry() -> None:
    said = read(stated({"value": 2**60}))
    with pytest.raises(Unreadable):
        said.digest("intent.values")
    with pytest.raises(Unreadable):
        said.canonical()
    for value in ("\ud800", {"\ud800": 1}, float("inf"), float("nan")):
        with pytest.raises(Unreadable):
            read(stated({"value": value}))


def test_declared_values() -> None:
    said = read(stated(DECLARED.as_dict()))
    assert said.declaration("intent.values") == DECLARED
    assert read(stated({})).declaration("intent.values") == Declaration()
    for wrong in (
        {"division": "town"},
        {"settled_amount_1": "x"},
        {"population": "9"},
        {"current_grade_notified_on": ""},
    ):
        with pytest.raises(Unreadable):
            read(stated(wrong)).declaration("intent.values")


def test_an_event_of_a_kind_that_nobody_knows() -> None:
    row = {"position": 4, "kind": "CaseOpened", "subject_type": "case", "subject": "1405-00001"}
    text = json.dumps(stated({}))
    assert statements.entry({**row, "statement": text}).position == 4
    with pytest.raises(Unreadable):
        statements.entry({**row, "kind": "CaseForgotten", "statement": text})
    assert statements.unreadable(row) == statements.Finding("statement-unreadable", "entry 4")


async def test_batches_are_every_row_once_in_its_order(engine: Settings) -> None:
    codes = [row["code"] for row in await Municipality.select(Municipality.code).order_by(Municipality.code)]
    for size in (1, 7, len(codes), len(codes) + 1):
        if size == 1:
            where, wanted = Municipality.province == codes[0][:2], [each for each in codes if each[:2] == codes[0][:2]]
        else:
            where, wanted = None, codes
        read = [
            rows
            async for rows in statements.batches(
                Municipality, Municipality.code, Municipality.code, where=where, size=size
            )
        ]
        assert [row for rows in read for row in rows] == [{"code": code} for code in wanted]
        assert [len(rows) for rows in read] == [min(size, len(wanted) - at) for at in range(0, len(wanted), size)]
