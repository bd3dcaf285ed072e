"""What a case's events say of the columns of its row, and of how the rows of its acts point at one another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piccolo.table import Table

from portal.domain.declarations import Declaration
from portal.domain.events import EventKind
from portal.domain.lifecycle import FINAL, WAITS_FOR, State
from portal.services.cases import dossiers
from portal.services.verification import rules
from portal.services.verification.statements import Entry, Finding, Row, Statement, Unreadable, statements_of
from portal.tables.acts import Assessment, Decision, LetterScan, LetterSeal, Notice, Refusal

Acts = Mapping[type[Table], Sequence[Row]]
"""The rows of the acts on a case, in their order."""


async def findings(case: Row, told: Sequence[Entry], acts: Acts, sent: Sequence[Row]) -> list[Finding]:
    """What disagrees: each column of the case by name, the declaration being edited, and what acts point at.

    `sent` are the rows of its submissions in their order.

    Raises:
        Unreadable.
    """
    if not statements_of(told, EventKind.CASE_OPENED):
        return []  # told by the state already
    where = f"case {case['number']}"
    wrong = rules.differing(case, dict(_columns(told)))
    if {place for place in _places(told) if place != case["municipality"]}:
        wrong.append("municipality")
    if case["submission"] != (sent[-1]["id"] if sent else None):
        wrong.append("submission")
    found = [Finding("case-column", where, {"column": name}) for name in wrong]
    found += await _editing(case, told, where)
    return found + _links(told, acts)


def _instants(told: Sequence[Entry], *kinds: EventKind) -> list[str]:
    return [statement.at for statement in statements_of(told, *kinds)]


def _columns(told: Sequence[Entry]) -> Iterator[tuple[str, Any]]:
    """The columns that events alone decide, and their values in a statement's words."""
    opened = statements_of(told, EventKind.CASE_OPENED)[0]
    place = opened.part("intent.signer.place.municipality", str)
    moved = _last_move(told)
    state = State(moved.after)
    sent = _instants(told, EventKind.CASE_SUBMITTED)
    ended = _instants(told, EventKind.DECISION_SIGNED, EventKind.CASE_WITHDRAWN)
    declared = statements_of(told, EventKind.DECLARATION_SAVED)
    yield "municipality", place
    yield "province", place[:2]  # the register's codes are nested
    yield "desk", WAITS_FOR[state]
    yield "since", moved.at
    yield "opened_at", opened.at
    yield "opened_by", opened.part("intent.signer.id")
    yield "submitted_at", next(iter(sent), None)
    yield "confirmed_at", next(iter(_instants(told, EventKind.CASE_CONFIRMED)), None)
    yield "archived_at", ended[-1] if sent and state in FINAL else None
    for name in ("current_grade", "requested_grade"):
        yield name, declared[-1].part(f"intent.values.{name}") if declared else None
    yield "sitting", _sitting(told)
    yield "reopened", _reopened(told)
    yield "follows", opened.values.get("follows")


def _last_move(told: Sequence[Entry]) -> Statement:
    """The statement that brought the case into its state."""
    moves = [entry.statement for entry in told if entry.statement.after != entry.statement.before]
    if not moves or moves[-1].after is None:
        raise Unreadable("intent.state.after")
    return moves[-1]


def _places(told: Sequence[Entry]) -> Iterator[str]:
    """The town that each signed statement names."""
    for entry in told:
        if "municipality" in entry.statement.facts:
            yield entry.statement.part("intent.facts.municipality", str)


def _sitting(told: Sequence[Entry]) -> str | None:
    """The sitting on whose agenda the case came last; a return takes it off."""
    sitting: str | None = None
    for entry in told:
        if entry.kind in (EventKind.CASE_TABLED, EventKind.DECISION_TAKEN):
            sitting = entry.statement.part("intent.values.sitting")
        elif entry.kind is EventKind.CASE_RETURNED:
            sitting = None
    return sitting


def _reopened(told: Sequence[Entry]) -> list[str] | None:
    """What the last return opened, and what came in since, until the case was sent again."""
    reopened: list[str] | None = None
    for entry in told:
        if entry.kind is EventKind.CASE_RETURNED:
            reopened = entry.statement.part("intent.values.reopen", list[str])
        elif entry.kind in (EventKind.CASE_SUBMITTED, EventKind.CASE_WITHDRAWN):
            reopened = None
        elif entry.kind is EventKind.DOCUMENT_ADDED and reopened is not None:
            reopened = [*reopened, *(item["id"] for item in entry.statement.items)]
    return reopened


async def _editing(case: Row, told: Sequence[Entry], where: str) -> list[Finding]:
    """The declaration that is being edited is the one that was saved last; blank before that."""
    if case["declaration"] is None:
        return []
    saved = statements_of(told, EventKind.DECLARATION_SAVED)
    said = saved[-1].declaration("intent.values") if saved else Declaration()
    kept = await dossiers.declared(case["declaration"])
    return [] if kept.as_dict() == said.as_dict() else [Finding("declaration-differs", where)]


def _links(told: Sequence[Entry], acts: Acts) -> list[Finding]:
    """Decisions, refusals and notices rest on the acts that their statements name; what was refused stands no more."""
    said = {entry.position: entry.statement for entry in told}
    assessed = {row["id"]: row["event"] for row in acts[Assessment]}
    decided = {row["id"]: row for row in acts[Decision]}
    refused = {_named(said, row, "decision") for row in acts[Refusal]}
    found = []
    for row in decided.values():
        rests = assessed.get(row["assessment"]) == _named(said, row, "assessment")
        if not rests or row["standing"] != (row["event"] not in refused):
            found.append(_differs(Decision, row))
    for table in (Refusal, Notice):
        for row in acts[table]:
            if decided.get(row["decision"], {}).get("event") != _named(said, row, "decision"):
                found.append(_differs(table, row))
    letters = {row["id"]: row for row in acts[Notice]}
    of_letters: tuple[type[Table], ...] = (LetterScan, LetterSeal)
    for each in of_letters:
        for row in acts[each]:
            number = letters.get(row["notice"], {}).get("number")
            if row["event"] in said and number != said[row["event"]].values.get("letter"):
                found.append(_differs(each, row))
    earlier = {letter: row["sha256"] for letter, row in letters.items()}
    for row in acts[LetterSeal]:
        if row["event"] in said and earlier.get(row["notice"]) != said[row["event"]].values.get("behind"):
            found.append(_differs(LetterSeal, row))
        earlier[row["notice"]] = row["sha256"]
    return found


def _named(said: Mapping[int, Statement], row: Row, act: str) -> int | None:
    """The position of the act that the statement of a row names, if it is of this case and names one."""
    statement = said.get(row["event"])
    if statement is None or act not in statement.facts:
        return None
    event: int | None = statement.part(f"intent.facts.{act}.event", int | None)
    return event


def _differs(table: type[Table], row: Row) -> Finding:
    return Finding("act-differs", f"{table._meta.tablename} {row['id']}", {"entry": row["event"]})
