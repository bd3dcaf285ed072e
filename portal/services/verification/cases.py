"""Cases against their own events: state, documents, and every row of an act against the statement that it rests on."""

from collections.abc import Sequence
from typing import Any

from portal.domain.events import EventKind
from portal.domain.lifecycle import Outcome, State
from portal.domain.replay import Replay
from portal.services.cases import dossiers
from portal.services.verification import case_columns, rules, shapes, statements
from portal.services.verification.rules import ACTS, DOCUMENT, SUBMISSION, Rule
from portal.services.verification.statements import Entry, Finding, Row, Tick, Unreadable, statements_of
from portal.tables.acts import LetterSeal
from portal.tables.cases import Case, Submission
from portal.tables.documents import Document
from portal.tables.events import Event


async def walk(found: list[Finding], tick: Tick) -> int:
    """Every case against its events, and that no event speaks of a case that is not there; how many cases."""
    count = 0
    async for cases in statements.batches(Case, Case.id):
        for case in cases:
            found += await of_case(case)
            tick(1)
        count += len(cases)
    found += await statements.strangers("case", "cases", "p.number")
    return count


async def of_case(case: Row) -> list[Finding]:
    """What disagrees between the row of a case, the rows of its acts, and its events."""
    about = (Event.subject == case["number"]) & (Event.subject_type == "case")
    try:
        told = [
            statements.entry(row)
            async for rows in statements.batches(Event, Event.position, *statements.COLUMNS, where=about)
            for row in rows
        ]
        return await _findings(case, told)
    except Unreadable:
        return [Finding("statement-unreadable", f"case {case['number']}")]


async def _findings(case: Row, told: Sequence[Entry]) -> list[Finding]:
    found: list[Finding] = []
    replay = _replayed(case, told, found)
    if replay.state != case["state"]:
        facts = {"said": replay.state, "kept": case["state"]}
        found.append(Finding("case-state", f"case {case['number']}", facts))
    acts = {rule.table: await _rows(rule.table, case) for rule in ACTS}
    found += _outcome(case, told)
    sent = await Submission.select().where(Submission.case == case["id"]).order_by(Submission.ordinal)
    found += await case_columns.findings(case, told, acts, sent)
    found += await _documents(case, replay, told)
    found += await _submissions(case, sent, told)
    for rule in ACTS:
        found += _acts(case, rule, acts[rule.table], told)
    return found


def _replayed(case: Row, told: Sequence[Entry], found: list[Finding]) -> Replay:
    """The case as its events leave it."""
    replay = Replay()
    for entry in told:
        entry.statement.require(shapes.of_case(entry.kind))
        if wrong := replay.play(entry.kind, entry.statement.intent):
            found.append(Finding(wrong, f"entry {entry.position}", {"case": case["number"]}))
    return replay


async def _rows(table: Any, case: Row) -> list[dict[str, Any]]:
    of_case = table.notice.case if table is LetterSeal else table.case
    rows: list[dict[str, Any]] = await table.select().where(of_case == case["id"]).order_by(table.id)
    return rows


def _outcome(case: Row, told: Sequence[Entry]) -> list[Finding]:
    """The grade and outcome of a decided case are those of its last decision."""
    taken = statements_of(told, EventKind.DECISION_TAKEN)
    said: dict[str, Any] = {"grade": None, "outcome": None}
    if taken and case["state"] in (State.DECIDED, State.NOTIFIED):
        said = {name: taken[-1].part(f"intent.values.{name}") for name in said}
    if (case["decided_grade"], case["outcome"]) == (said["grade"], said["outcome"]):
        return []
    facts = {"said": said["outcome"] or Outcome.UNCHANGED, "kept": case["outcome"]}
    return [Finding("case-outcome", f"case {case['number']}", facts)]


async def _documents(case: Row, replay: Replay, told: Sequence[Entry]) -> list[Finding]:
    """Every row of a document came in by an event that names its bytes, and those current are the current ones."""
    said = {
        item["id"]: DOCUMENT.said(statement.with_item(item))
        for statement in statements_of(told, DOCUMENT.kind)
        for item in statement.items
    }
    rows = {str(row["id"]): row for row in await Document.select().where(Document.case == case["id"])}
    found = [Finding("document-missing", f"document {each}") for each in said.keys() - rows.keys()]
    for each, row in rows.items():
        if each not in said:
            found.append(Finding("document-unrecorded", f"document {each}"))
        elif rules.differs(row, said[each]):
            found.append(Finding("document-differs", f"document {each}"))
        elif (row["ended_at"] is None) != (each in replay.held):
            found.append(Finding("document-ended", f"document {each}"))
    return found


async def _submissions(case: Row, rows: Sequence[Row], told: Sequence[Entry]) -> list[Finding]:
    """What was sent is what the statements of its submissions name, in their order."""
    where = f"case {case['number']}"
    sent = statements_of(told, SUBMISSION.kind)
    if len(rows) != len(sent):
        return [Finding("submission-count", where)]
    found = []
    for row, statement in zip(rows, sent, strict=True):
        declared = (await dossiers.declared(row["declaration"])).as_dict()
        if not SUBMISSION.agrees(row, statement) or declared != statement.part("intent.declared"):
            found.append(Finding("submission-differs", f"{where}, submission {row['ordinal']}"))
    return found


def _acts(case: Row, rule: Rule, rows: Sequence[Row], told: Sequence[Entry]) -> list[Finding]:
    """Every row of an act rests on an event that says the same, and every such event has a row."""
    name, found = rule.table._meta.tablename, list[Finding]()
    said = {entry.position: entry.statement for entry in told if entry.kind is rule.kind}
    for row in rows:
        position = row["event"]
        if position not in said:
            found.append(Finding("act-unrecorded", f"{name} {row['id']}", {"case": case["number"]}))
        elif not rule.agrees(row, said[position]):
            found.append(Finding("act-differs", f"{name} {row['id']}", {"entry": position}))
    missing = sorted(said.keys() - {row["event"] for row in rows})
    return found + [Finding("act-missing", f"entry {position}", {"table": name}) for position in missing]
