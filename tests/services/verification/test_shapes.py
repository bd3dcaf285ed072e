"""Whatever somebody changes in a statement, what plays it again stands: it agrees, differs or is unreadable."""

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from portal.domain.account_replay import AccountReplay, UnknownMandate
from portal.domain.events import EventKind
from portal.services.verification import accounts, case_columns, cases, rules, shapes, statements
from portal.services.verification.statements import Entry, Unreadable
from portal.tables.events import Event
from tests.world.staffed import Staffed

JUNK: tuple[Any, ...] = (None, 7, "x", [{}], {"id": []})


def changed(whole: Any) -> Iterator[Any]:
    """`whole` with each of its parts taken out, and with junk in its place."""
    if not isinstance(whole, dict | list):
        return
    for name in whole if isinstance(whole, dict) else range(len(whole)):
        lacking = copy.copy(whole)
        del lacking[name]
        yield lacking
        for other in (*JUNK, *changed(whole[name])):
            put = copy.copy(whole)
            put[name] = other
            yield put


def forged(entry: Entry) -> Iterator[Entry]:
    """The entry with one part of its statement changed, where that can be parsed still."""
    for raw in changed({"intent": entry.statement.raw["intent"], "record": entry.statement.raw["record"]}):
        with suppress(Unreadable):
            yield replace(entry, statement=statements.read(json.dumps(raw)))


async def journal() -> list[Entry]:
    return [statements.entry(row) for row in await Event.select(*statements.COLUMNS).order_by(Event.position)]


async def test_accounts(staffed: Staffed) -> None:
    told, kinds = await journal(), set()
    replays = {entry.subject: AccountReplay() for entry in told if entry.subject_type == "account"}
    for entry in told:
        concerned = {each for each in (entry.subject, entry.statement.by) if each in replays}
        if concerned and entry.kind not in kinds:
            kinds.add(entry.kind)
            for each in forged(entry):
                played = {name: copy.deepcopy(replays[name]) for name in concerned}
                with suppress(Unreadable, UnknownMandate):
                    accounts.play(played, each)
                for replay in played.values():
                    assert all(office.keys() <= {*shapes._Office.__annotations__} for office in replay.offices())
                    accounts._approvers(replay)
        accounts.play(replays, entry)
    assert len(kinds) > 15


def case(told: Sequence[Entry]) -> None:
    """All that is read of the events about a case."""
    cases._replayed({"number": ""}, told, [])
    cases._outcome({"number": "", "state": "decided", "decided_grade": None, "outcome": None}, told)
    dict(case_columns._columns(told))
    list(case_columns._places(told))
    said = {entry.position: entry.statement for entry in told}
    for entry in told:
        for act in ("decision", "assessment"):
            case_columns._named(said, {"event": entry.position}, act)
        for rule in rules.ACTS:
            if rule.kind is entry.kind:
                rule.said(entry.statement)
        if entry.kind is EventKind.DECLARATION_SAVED:
            entry.statement.declaration("intent.values")
        if entry.kind is EventKind.ATTESTATION_GIVEN:
            nothing = dict.fromkeys(("verdict", "reason_code", "reason", "unseen", "declared"))
            rules.is_the_verdict({"document": entry.statement.items[0].get("id"), **nothing}, entry.statement)


async def test_cases(staffed: Staffed) -> None:
    told = [each for each in await journal() if each.subject == staffed.world.number]
    case(told)
    kinds = set()
    for number, entry in enumerate(told):
        if entry.kind not in kinds:
            kinds.add(entry.kind)
            for each in forged(entry):
                with suppress(Unreadable):
                    case([*told[:number], each, *told[number + 1 :]])
    assert len(kinds) > 8


async def test_what_the_portal_wrote_has_its_shape(staffed: Staffed) -> None:
    for entry in await journal():
        statement = entry.statement
        match entry.subject_type:
            case "case":
                statement.require(shapes.of_case(entry.kind))
            case "account":
                statement.require(shapes.of_account(entry.kind, statement))
        if statement.factor:
            statement.require(shapes.SIGNATURE)
