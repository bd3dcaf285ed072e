"""What a letter is made of: the standing decision of a case, and what it rests on."""

import json
from collections.abc import Mapping
from typing import Any

from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Act, State
from portal.services.cases import decisions
from portal.tables.acts import Decision

_RULING = """
SELECT d.*, s.title AS sitting_title, s.held_on AS sitting_date, a.event AS assessment_event, a.ruleset, a.total,
    a.grade AS computed, a.explanation, v.official, v.title_fa, v.source, v.effective_from,
    c.letter_number, c.letter_date, c.at AS confirmed_at, s.minutes <> '' AS has_minutes
FROM decisions d JOIN sittings s ON s.id = d.sitting
JOIN LATERAL (SELECT * FROM assessments WHERE "case" = d."case" ORDER BY id DESC LIMIT 1) a ON true
JOIN LATERAL (SELECT * FROM confirmations WHERE "case" = d."case" ORDER BY id DESC LIMIT 1) c ON true
JOIN rulesets v ON v.digest = a.ruleset
WHERE d."case" = {} AND d.standing
"""


async def ruling(dossier: Dossier, act: Act) -> dict[str, Any]:
    """The standing decision, its sitting, the assessment and the confirmation under it: what a letter is made of.

    Raises:
        Conflict: `wrong-state`: since the case was read, somebody refused to sign the decision.
    """
    rows = await Decision.raw(_RULING, dossier.case["id"])
    if not rows:
        raise Conflict("wrong-state", act=act, state=State.ASSESSED)
    return {**rows[0], "explanation": json.loads(rows[0]["explanation"])}


def facts(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The standing decision and its assessment (`ruling`), as the Minister's page shows them."""
    assessment = {"event": decision["assessment_event"], "grade": decision["computed"]}
    return {
        **decisions.facts({**decision, **assessment}),
        "decision": {
            "event": decision["event"],
            "outcome": decision["outcome"],
            "grade": decision["grade"],
            "effective_on": decision["effective_on"].isoformat() if decision["effective_on"] else None,
            "reason": decision["reason"],
            "refusal_code": decision["refusal_code"],
            "sitting": {
                "title": decision["sitting_title"],
                "held_on": decision["sitting_date"].isoformat(),
                "has_minutes": decision["has_minutes"],
            },
        },
    }
