"""Cases against their own events: state, documents, and every row of an act against the statement that it rests on."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from typing import Any

from piccolo.table import Table

from portal.domain import events
from portal.domain.events import EventKind
from portal.domain.lifecycle import Outcome, State
from portal.domain.replay import Replay
from portal.services.cases import dossiers
from portal.services.verification import case_columns
from portal.services.verification.entries import BATCH, UNREADABLE, Finding, Tick
from portal.tables.acts import Assessment, Attestation, Confirmation, Decision, Notice, Refusal, Return, Withdrawal
from portal.tables.cases import Case, Submission
from portal.tables.documents import Document
from portal.tables.events import Event

Row = Mapping[str, Any]
Statement = Mapping[str, Any]


def _attestation(row: Row, statement: Statement) -> bool:
    document, intent = str(row["document"]), statement["intent"]
    given = intent["values"]["verdicts"].get(document)
    item = next((each for each in intent["items"] if each["id"] == document), None)
    said = {name: row[name] for name in ("verdict", "reason_code", "reason", "unseen")}
    told = {"unseen": None, **(given or {})}  # statements before 0.3.0 know of no pages that were shown
    return told == said and item is not None and events.digest(item["proves"]) == row["declared"]


def _confirmation(row: Row, statement: Statement) -> bool:
    values = statement["intent"]["values"]
    return (row["letter_number"], row["letter_date"].isoformat()) == (values["letter_number"], values["letter_date"])


def _return(row: Row, statement: Statement) -> bool:
    values = statement["intent"]["values"]
    return bool((row["reason"], row["reopened"]) == (values["reason"], values["reopen"]))


def _reason(row: Row, statement: Statement) -> bool:
    return bool(row["reason"] == statement["intent"]["values"]["reason"])


def _assessment(row: Row, statement: Statement) -> bool:
    values = statement["intent"]["values"]
    told = values["explanation"]
    kept = json.loads(row["explanation"]) if isinstance(row["explanation"], str) else row["explanation"]
    return bool(
        (row["ruleset"], row["note"], row["grade"], row["total"], kept)
        == (values["ruleset"], values["note"], str(told["grade"]), Decimal(told["total"]), told)
    )


def _decision(row: Row, statement: Statement) -> bool:
    values = statement["intent"]["values"]
    said = {name: row[name] for name in ("outcome", "grade", "reason", "refusal_code")}
    said["effective_on"] = row["effective_on"].isoformat() if row["effective_on"] else None
    said["sitting"] = str(row["sitting"])
    return all(values[name] == said[name] for name in said)


def _notice(row: Row, statement: Statement) -> bool:
    letter = statement["record"]["produced"]["letter"]
    return all(letter[name] == row[name] for name in ("number", "sha256", "size"))


RESTS_ON: tuple[tuple[type[Table], EventKind, Callable[[Row, Statement], bool]], ...] = (
    (Attestation, EventKind.ATTESTATION_GIVEN, _attestation),
    (Confirmation, EventKind.CASE_CONFIRMED, _confirmation),
    (Return, EventKind.CASE_RETURNED, _return),
    (Withdrawal, EventKind.CASE_WITHDRAWN, _reason),
    (Assessment, EventKind.CASE_ASSESSED, _assessment),
    (Decision, EventKind.DECISION_TAKEN, _decision),
    (Refusal, EventKind.SIGNATURE_REFUSED, _reason),
    (Notice, EventKind.DECISION_SIGNED, _notice),
)
"""Each table of acts, the event that each of its rows rests on, and whether a row says what its statement says."""


async def walk(found: list[Finding], tick: Tick) -> int:
    """Every case against its events, and that no event speaks of a case that is not there; how many cases."""
    count = 0
    async for case in _cases():
        found += await of_case(case)
        count += 1
        tick(1)
    strangers = await Event.raw(
        "SELECT min(position) AS position FROM events e WHERE subject_type = 'case' "
        "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.number = e.subject) GROUP BY subject ORDER BY 1 LIMIT 20"
    )
    found += [Finding("case-missing", f"entry {row['position']}") for row in strangers]
    return count


async def _cases() -> AsyncIterator[dict[str, Any]]:
    after = 0
    while rows := await Case.select().where(Case.id > after).order_by(Case.id).limit(BATCH):
        for row in rows:
            yield row
        after = rows[-1]["id"]


async def of_case(case: Row) -> list[Finding]:
    """What disagrees between the row of a case, the rows of its acts, and its events."""
    where = f"case {case['number']}"
    rows = (
        await Event.select(Event.position, Event.kind, Event.statement)
        .where((Event.subject == case["number"]) & (Event.subject_type == "case"))
        .order_by(Event.position)
    )
    try:
        told = {row["position"]: (EventKind(row["kind"]), json.loads(row["statement"])) for row in rows}
        replay, found = Replay(), list[Finding]()
        for position, (kind, statement) in told.items():
            if wrong := replay.play(kind, statement["intent"]):
                found.append(Finding(wrong, f"entry {position}", {"case": case["number"]}))
        if replay.state != case["state"]:
            found.append(Finding("case-state", where, {"said": replay.state, "kept": case["state"]}))
        found += _outcome(case, told, where)
        found += await case_columns.findings(case, told)
        found += await _documents(case, replay, told)
        found += await _submissions(case, told)
        for table, kind, agrees in RESTS_ON:
            found += await _acts(case, table, kind, agrees, told)
    except UNREADABLE:
        return [Finding("statement-unreadable", where)]
    return found


Told = Mapping[int, tuple[EventKind, Statement]]


def _outcome(case: Row, told: Told, where: str) -> list[Finding]:
    """The grade and outcome of a decided case are those of its last decision."""
    last = next((s["intent"] for kind, s in reversed([*told.values()]) if kind is EventKind.DECISION_TAKEN), None)
    decided = case["state"] in (State.DECIDED, State.NOTIFIED)
    values = last["values"] if last and decided else {"grade": None, "outcome": None}
    if (case["decided_grade"], case["outcome"]) == (values["grade"], values["outcome"]):
        return []
    return [Finding("case-outcome", where, {"said": values["outcome"] or Outcome.UNCHANGED, "kept": case["outcome"]})]


async def _documents(case: Row, replay: Replay, told: Told) -> list[Finding]:
    """Every row of a document came in by an event that names its bytes, and those current are the current ones."""
    said = {
        item["id"]: (*(item[name] for name in _DOCUMENT), *_coming(statement))
        for kind, statement in told.values()
        if kind is EventKind.DOCUMENT_ADDED
        for item in statement["intent"]["items"]
    }
    rows = {str(row["id"]): row for row in await Document.select().where(Document.case == case["id"])}
    found = [Finding("document-missing", f"document {each}") for each in said.keys() - rows.keys()]
    for each, row in rows.items():
        if each not in said:
            found.append(Finding("document-unrecorded", f"document {each}"))
        elif _document(row) != said[each]:
            found.append(Finding("document-differs", f"document {each}"))
        elif (row["ended_at"] is None) != (each in replay.held):
            found.append(Finding("document-ended", f"document {each}"))
    return found


_DOCUMENT = {
    "kind": "kind",
    "year": "year",
    "version": "version",
    "size": "size",
    "sha256": "sha256",
    "pages": "pages",
    "name": "filename",
    "media_type": "media_type",
}
"""What an item of a statement says of a document, and the column that says it."""


def _coming(statement: Statement) -> tuple[str | None, str, str]:
    """What the document replaced, who brought it, and when."""
    intent = statement["intent"]
    return intent["values"]["replaces"], intent["signer"]["id"], statement["record"]["at"]


def _document(row: Row) -> tuple[Any, ...]:
    replaces = str(row["replaces"]) if row["replaces"] else None
    came = (replaces, str(row["uploaded_by"]), events.moment(row["uploaded_at"]))
    return (*(row[column] for column in _DOCUMENT.values()), *came)


async def _submissions(case: Row, told: Told) -> list[Finding]:
    """What was sent is what the statements of its submissions name, in their order."""
    where = f"case {case['number']}"
    rows = await Submission.select().where(Submission.case == case["id"]).order_by(Submission.ordinal)
    sent = [statement for kind, statement in told.values() if kind is EventKind.CASE_SUBMITTED]
    if len(rows) != len(sent):
        return [Finding("submission-count", where)]
    found = []
    for row, statement in zip(rows, sent, strict=True):
        intent, ids = statement["intent"], {str(each) for each in row["documents"]}
        signed = (str(row["by"]), events.moment(row["at"])) == (intent["signer"]["id"], statement["record"]["at"])
        declared = (await dossiers.declared(row["declaration"])).as_dict()
        if not signed or ids != {item["id"] for item in intent["items"]} or declared != intent["declared"]:
            found.append(Finding("submission-differs", f"{where}, submission {row['ordinal']}"))
    return found


async def _acts(
    case: Row, table: Any, kind: EventKind, agrees: Callable[[Row, Statement], bool], told: Told
) -> list[Finding]:
    rows = await table.select().where(table.case == case["id"])
    name, found, seen = table._meta.tablename, list[Finding](), set()
    for row in rows:
        position = row["event"]
        seen.add(position)
        entry = told.get(position)
        if entry is None or entry[0] is not kind:
            found.append(Finding("act-unrecorded", f"{name} {row['id']}", {"case": case["number"]}))
        elif not agrees(row, entry[1]) or not _is_signed(row, entry[1]):
            found.append(Finding("act-differs", f"{name} {row['id']}", {"entry": position}))
    written = {position for position, (each, _) in told.items() if each is kind}
    found += [Finding("act-missing", f"entry {position}", {"table": name}) for position in sorted(written - seen)]
    return found


def _is_signed(row: Row, statement: Statement) -> bool:
    """Whether an act's row names its signer and its instant."""
    signed = (statement["intent"]["signer"]["id"], statement["record"]["at"])
    return (str(row["by"]), events.moment(row["at"])) == signed
