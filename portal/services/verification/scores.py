"""Every recorded score computed again: from its inputs, its rule set's text and this engine."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from portal.domain import grading, rulesets
from portal.domain.declarations import Declaration, declaration_in
from portal.domain.grading import Unscorable
from portal.domain.rulesets import RuleSetError
from portal.services.cases import assessments
from portal.services.verification import statements
from portal.services.verification.statements import Row, Unreadable
from portal.tables.acts import Assessment

AT_ONCE = 500

_PAGE = """
SELECT a.id, a.ruleset, a.total, a.grade, a.explanation, c.number, r.source, e.statement,
       EXISTS (SELECT 1 FROM decisions WHERE decisions.assessment = a.id) AS is_decided, d.*, a.id AS id
FROM assessments a JOIN cases c ON c.id = a."case" JOIN rulesets r ON r.digest = a.ruleset
JOIN declarations d ON d.id = a.declaration LEFT JOIN events e ON e.position = a.event
WHERE a.id > {} ORDER BY a.id LIMIT {}
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded score of case `number`; `code` says what no longer agrees, None where all does.

    Codes: `ruleset` (its text has another digest), `score` (another explanation comes out), `signed` (the journal's
    statement says otherwise).
    """

    number: str
    ruleset: str
    is_decided: bool
    code: str | None


async def count() -> int:
    """How many scores are recorded."""
    return int(await Assessment.count())


async def all_scores() -> AsyncIterator[Replayed]:
    """Every recorded score, the first one first."""
    last = 0
    while rows := await Assessment.raw(_PAGE, last, AT_ONCE):
        for row in rows:
            yield Replayed(row["number"], row["ruleset"], row["is_decided"], disagreement(row))
        last = rows[-1]["id"]


def disagreement(row: Row) -> str | None:
    """What of a recorded score does not agree with computing it again; see `Replayed`."""
    declared = declaration_in(row)
    recorded = json.loads(row["explanation"])
    try:
        rules = rulesets.parse(row["source"])
        told = grading.score(rules, assessments.inputs(declared))
    except (RuleSetError, Unscorable) as refusal:
        return "ruleset" if isinstance(refusal, RuleSetError) else "score"
    if rules.digest != row["ruleset"]:
        return "ruleset"
    if (told.as_dict(), told.total, str(told.grade)) != (recorded, row["total"], row["grade"]):
        return "score"
    return None if _is_signed(row, recorded, declared) else "signed"


def _is_signed(row: Row, recorded: Any, declared: Declaration) -> bool:
    """Whether the journal's statement says the rule set, the explanation and the declared values of a score."""
    if row["statement"] is None:
        return False
    try:
        signed = statements.read(row["statement"])
        said = signed.part("intent.values.ruleset"), signed.part("intent.values.explanation")
        return said == (row["ruleset"], recorded) and signed.declaration("intent.declared") == declared
    except Unreadable:
        return False
