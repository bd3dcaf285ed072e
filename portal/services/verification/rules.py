"""What a row says, and where the statement that it rests on says the same: one table of rules."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from piccolo.table import Table

from portal.domain import assertions, events, letter_codes
from portal.domain.account_replay import Said
from portal.domain.events import EventKind
from portal.services.letters.proofs import Status
from portal.services.verification.statements import Row, Statement
from portal.tables.acts import (
    Assessment,
    Attestation,
    Confirmation,
    Decision,
    LetterScan,
    LetterSeal,
    Notice,
    Refusal,
    Return,
    Sitting,
    Withdrawal,
)
from portal.tables.cases import Submission
from portal.tables.documents import Document
from portal.tables.eligibility import EligibilityLift
from portal.tables.rulesets import RuleSetVersion


def plain(value: Any) -> Any:
    """A column as statements say it."""
    match value:
        case datetime():
            return events.moment(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return assertions.encode(value)
    return value


def differing(row: Row, said: Said) -> list[str]:
    """The columns in which a row says something else than the events do."""
    return [name for name, value in said.items() if plain(row[name]) != value]


def differs(row: Row, said: Said) -> bool:
    """Whether a row says something else than the events do."""
    return bool(differing(row, said))


def _by(statement: Statement) -> str | None:
    """Who signed, None for the machine."""
    return statement.by


def _grade(statement: Statement) -> str:
    """The assessed grade: a number in the statement, text in its column."""
    return str(statement.part("intent.values.explanation.grade"))


def _total(statement: Statement) -> Decimal:
    """The assessed total: exact decimals are text in a statement."""
    total: Decimal = statement.part("intent.values.explanation.total", Decimal)
    return total


def is_the_verdict(row: Row, statement: Statement) -> bool:
    """Whether an attestation is the verdict on its document, over the values that the document proves."""
    document = str(row["document"])
    given = statement.part("intent.values.verdicts", dict[str, dict[str, Any] | None]).get(document)
    item = next((each for each in statement.items if each.get("id") == document), None)
    said = {name: row[name] for name in ("verdict", "reason_code", "reason", "unseen")}
    told = {"unseen": None, **(given or {})}  # statements before 0.3.0 know of no pages that were shown
    return told == said and item is not None and statement.with_item(item).digest("item.proves") == row["declared"]


def _is_the_explanation(row: Row, statement: Statement) -> bool:
    """Whether the explanation of a score is the one that was signed; its column is JSON."""
    return bool(json.loads(row["explanation"]) == statement.part("intent.values.explanation"))


def _are_the_documents(row: Row, statement: Statement) -> bool:
    """Whether a submission sends the documents that its statement lists."""
    return {str(each) for each in row["documents"]} == {each.get("id") for each in statement.items}


def _is_the_letter(row: Row, statement: Statement) -> bool:
    """Whether a letter has the pages, the code and the QR code that were recorded; before 0.3.0 it had none of them.

    It is in force: no event says anything else of a letter yet.
    """
    if row["status"] != Status.IN_FORCE or row["superseded_by"] is not None:
        return False
    if row["year"] is None:
        return row["code"] is None and row["qr"] is None
    try:
        claim = letter_codes.parse(row["qr"]).claim
    except letter_codes.Unreadable:
        return False
    code = hashlib.sha256(row["code"].encode()).hexdigest()
    kept = [f"{row['year']}/{row['serial']}", row["number"], row["code"], code, row["pages"], claim.statement.hex()]
    return kept == [
        claim.number,
        claim.number,
        claim.code,
        statement.part("record.produced.letter.code_sha256", str),
        statement.part("record.produced.letter.pages", int),
        statement.part("record.intent_sha256", str)[:16],
    ]


def _nothing_else(row: Row, statement: Statement) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of `table` says what the statement of an event of `kind` says.

    `columns` names where: by column the path in the statement, or a function of it where the two write it differently.
    `also` holds the rest of the row against it.
    """

    table: type[Table]
    kind: EventKind
    columns: Mapping[str, str | Callable[[Statement], Any]]
    also: Callable[[Row, Statement], bool] = _nothing_else

    def said(self, statement: Statement) -> Said:
        """What the row must say, by column.

        Raises:
            Unreadable.
        """
        return {
            column: statement.part(where) if isinstance(where, str) else where(statement)
            for column, where in self.columns.items()
        }

    def agrees(self, row: Row, statement: Statement) -> bool:
        """Whether a row says what the statement says.

        Raises:
            Unreadable.
        """
        return not differs(row, self.said(statement)) and self.also(row, statement)


_SIGNED = {"by": "intent.signer.id", "at": "record.at"}


def _values(*columns: str) -> dict[str, str]:
    """Columns that are called as the values of the intent."""
    return {column: f"intent.values.{column}" for column in columns}


ACTS = (
    Rule(Attestation, EventKind.ATTESTATION_GIVEN, _SIGNED, is_the_verdict),
    Rule(Confirmation, EventKind.CASE_CONFIRMED, {**_SIGNED, **_values("letter_number", "letter_date")}),
    Rule(Return, EventKind.CASE_RETURNED, {**_SIGNED, **_values("reason"), "reopened": "intent.values.reopen"}),
    Rule(Withdrawal, EventKind.CASE_WITHDRAWN, {**_SIGNED, **_values("reason")}),
    Rule(
        Assessment,
        EventKind.CASE_ASSESSED,
        {**_SIGNED, **_values("ruleset", "note"), "grade": _grade, "total": _total},
        _is_the_explanation,
    ),
    Rule(
        Decision,
        EventKind.DECISION_TAKEN,
        {**_SIGNED, **_values("outcome", "grade", "reason", "refusal_code", "effective_on", "sitting")},
    ),
    Rule(Refusal, EventKind.SIGNATURE_REFUSED, {**_SIGNED, **_values("reason")}),
    Rule(
        Notice,
        EventKind.DECISION_SIGNED,
        {**_SIGNED, **{name: f"record.produced.letter.{name}" for name in ("number", "sha256", "size")}},
        _is_the_letter,
    ),
    Rule(LetterSeal, EventKind.LETTER_SEALED, {"at": "record.at", **_values("size", "sha256", "is_stamped")}),
    Rule(
        LetterScan,
        EventKind.LETTER_SCANNED,
        {
            **_SIGNED,
            **_values("id", "letter_number", "letter_date", "filename", "media_type", "size", "pages", "sha256"),
        },
    ),
)
"""The acts on a case: each row names its event by position, and each event has a row."""

DOCUMENT = Rule(
    Document,
    EventKind.DOCUMENT_ADDED,
    {
        **{name: f"item.{name}" for name in ("kind", "year", "version", "size", "sha256", "pages", "media_type")},
        **{"filename": "item.name", "replaces": "intent.values.replaces"},
        **{"uploaded_by": "intent.signer.id", "uploaded_at": "record.at"},
    },
)
"""Each item of the statement is a row."""

SUBMISSION = Rule(Submission, EventKind.CASE_SUBMITTED, _SIGNED, _are_the_documents)

DRAFTED = Rule(
    RuleSetVersion,
    EventKind.RULESET_DRAFTED,
    {"drafted_by": _by, "drafted_at": "record.at", **_values("name", "effective_from")},
)
PUBLISHED = Rule(
    RuleSetVersion,
    EventKind.RULESET_PUBLISHED,
    {
        **{"published_by": _by, "published_at": "record.at", "title_fa": "intent.facts.title"},
        **{name: f"intent.facts.{name}" for name in ("name", "effective_from", "official", "waiting_years")},
    },
)
CALLED = Rule(
    Sitting, EventKind.SITTING_CALLED, {"made_by": _by, "made_at": "record.at", **_values("title", "held_on")}
)
MINUTED = Rule(Sitting, EventKind.SITTING_MINUTED, _values("minutes", "attendance"))
LIFTED = Rule(
    EligibilityLift,
    EventKind.WAITING_LIFTED,
    {
        **{"by": _by, "at": "record.at", "reason": "intent.values.reason"},
        **{name: f"intent.facts.{name}" for name in ("notified_on", "eligible_on")},
    },
)
