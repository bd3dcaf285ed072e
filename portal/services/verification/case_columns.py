"""What a case's events say of the columns of its row, and of how the rows of its acts point at one another."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.domain import events
from portal.domain.declarations import declaration_of
from portal.domain.events import EventKind
from portal.domain.lifecycle import FINAL, WAITS_FOR, State
from portal.services.cases import dossiers
from portal.services.verification.entries import Finding
from portal.tables.acts import Assessment, Decision, Notice, Refusal
from portal.tables.cases import Submission

Row = Mapping[str, Any]
Statement = Mapping[str, Any]
Told = Mapping[int, tuple[EventKind, Statement]]


async def findings(case: Row, told: Told) -> list[Finding]:
    """What disagrees: each column of the case by name, the declaration being edited, and what acts point at."""
    if not _instants(told, EventKind.CASE_OPENED):
        return []  # told by the state already
    where, said = f"case {case['number']}", dict(_columns(told))
    kept = {name: _plain(case[name]) for name in said}
    found = [Finding("case-column", where, {"column": name}) for name in said if said[name] != kept[name]]
    if {place for place in _places(told) if place != case["municipality"]}:
        found.append(Finding("case-column", where, {"column": "municipality"}))
    found += await _submission(case, told, where)
    found += await _editing(case, told, where)
    return found + await _links(case, told)


def _plain(value: Any) -> Any:
    if hasattr(value, "astimezone"):
        return events.moment(value)
    return value if value is None or isinstance(value, int | str | list) else str(value)


def _instants(told: Told, *kinds: EventKind) -> list[str]:
    return [statement["record"]["at"] for kind, statement in told.values() if kind in kinds]


def _columns(told: Told) -> Iterator[tuple[str, Any]]:
    """The columns that events alone decide, and their values in a statement's words."""
    (opened, *_) = [statement for kind, statement in told.values() if kind is EventKind.CASE_OPENED]
    place = opened["intent"]["signer"]["place"]["municipality"]
    moves = [s for _, s in told.values() if s["intent"]["state"]["after"] != s["intent"]["state"]["before"]]
    state = State(moves[-1]["intent"]["state"]["after"])
    sent = _instants(told, EventKind.CASE_SUBMITTED)
    ended = _instants(told, EventKind.DECISION_SIGNED, EventKind.CASE_WITHDRAWN)
    declared = [s["intent"]["values"] for kind, s in told.values() if kind is EventKind.DECLARATION_SAVED]
    yield "municipality", place
    yield "province", place[:2]  # the register's codes are nested
    yield "desk", WAITS_FOR[state]
    yield "since", moves[-1]["record"]["at"]
    yield "opened_at", opened["record"]["at"]
    yield "opened_by", opened["intent"]["signer"]["id"]
    yield "submitted_at", next(iter(sent), None)
    yield "confirmed_at", next(iter(_instants(told, EventKind.CASE_CONFIRMED)), None)
    yield "archived_at", ended[-1] if sent and state in FINAL else None
    yield "current_grade", declared[-1]["current_grade"] if declared else None
    yield "requested_grade", declared[-1]["requested_grade"] if declared else None
    yield "sitting", _sitting(told)
    yield "reopened", _reopened(told)
    yield "follows", opened["intent"]["values"].get("follows")


def _places(told: Told) -> Iterator[str]:
    """The town that each signed statement names."""
    for _, statement in told.values():
        if "municipality" in statement["intent"]["facts"]:
            yield statement["intent"]["facts"]["municipality"]


def _sitting(told: Told) -> str | None:
    """The sitting on whose agenda the case came last; a return takes it off."""
    sitting = None
    for kind, statement in told.values():
        if kind in (EventKind.CASE_TABLED, EventKind.DECISION_TAKEN):
            sitting = statement["intent"]["values"]["sitting"]
        elif kind is EventKind.CASE_RETURNED:
            sitting = None
    return sitting


def _reopened(told: Told) -> list[str] | None:
    """What the last return opened, and what came in since, until the case was sent again."""
    reopened: list[str] | None = None
    for kind, statement in told.values():
        intent = statement["intent"]
        if kind is EventKind.CASE_RETURNED:
            reopened = list(intent["values"]["reopen"])
        elif kind in (EventKind.CASE_SUBMITTED, EventKind.CASE_WITHDRAWN):
            reopened = None
        elif kind is EventKind.DOCUMENT_ADDED and reopened is not None:
            reopened += [item["id"] for item in intent["items"]]
    return reopened


async def _submission(case: Row, told: Told, where: str) -> list[Finding]:
    """The case names its last submission."""
    rows = await Submission.select(Submission.id).where(Submission.case == case["id"]).order_by(Submission.ordinal)
    last = rows[-1]["id"] if rows else None
    return [] if case["submission"] == last else [Finding("case-column", where, {"column": "submission"})]


async def _editing(case: Row, told: Told, where: str) -> list[Finding]:
    """The declaration that is being edited is the one that was saved last; blank before that."""
    if case["declaration"] is None:
        return []
    saved = [s["intent"]["values"] for kind, s in told.values() if kind is EventKind.DECLARATION_SAVED]
    kept = (await dossiers.declared(case["declaration"])).as_dict()
    said = declaration_of(saved[-1] if saved else {}).as_dict()
    return [] if kept == said else [Finding("declaration-differs", where)]


async def _links(case: Row, told: Told) -> list[Finding]:
    """Decisions, refusals and notices rest on the acts that their statements name; what was refused stands no more."""
    assessed = {row["id"]: row["event"] for row in await _rows(Assessment, case)}
    decided = {row["id"]: row for row in await _rows(Decision, case)}
    refused = {_facts(told, row["event"]).get("decision", {}).get("event") for row in await _rows(Refusal, case)}
    found = []
    for row in decided.values():
        rests = _facts(told, row["event"]).get("assessment", {}).get("event")
        if assessed.get(row["assessment"]) != rests or row["standing"] != (row["event"] not in refused):
            found.append(_differs("decisions", row))
    for table in (Refusal, Notice):
        for row in await _rows(table, case):
            decision = decided.get(row["decision"], {}).get("event")
            if decision != _facts(told, row["event"]).get("decision", {}).get("event"):
                found.append(_differs(table._meta.tablename, row))
    return found


async def _rows(table: Any, case: Row) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await table.select().where(table.case == case["id"]).order_by(table.id)
    return rows


def _facts(told: Told, position: int) -> Mapping[str, Any]:
    """The facts of the event at `position`, if it is one of this case."""
    facts: Mapping[str, Any] = told[position][1]["intent"]["facts"] if position in told else {}
    return facts


def _differs(table: str, row: Row) -> Finding:
    return Finding("act-differs", f"{table} {row['id']}", {"entry": row["event"]})
