"""What a declaration would score, before anything is sent: a preview by the very engine and table that assess."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from portal.domain import grading, persian
from portal.domain.declarations import Declaration
from portal.services.cases import assessments, eligibility
from portal.services.rulesets import versions
from portal.web.pages import scorecard
from portal.web.words import cross_check_messages, declared, labels

NEEDED = ("population", "division", "settled_amount_1", "settled_amount_2", "settled_amount_3")


async def score(declaration: Declaration, case: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """The score of `declaration` under the table that its case is assessed by, or None while inputs are missing.

    That is the one in force when the case was first submitted; before that, the one of now.
    """
    version = await versions.in_force(case["submitted_at"] or now)
    if version is None:
        return None
    rules = versions.parsed(version["source"])
    try:
        explanation = grading.score(rules, assessments.inputs(declaration))
    except grading.Unscorable:
        return None
    card = scorecard.card(explanation.as_dict(), rules)
    return {"explanation": explanation, "card": card, "official": version["official"], "version": version}


@dataclass(frozen=True, slots=True)
class DeclarationPreview:
    template: ClassVar = "declaration/_preview.html"
    case: dict[str, Any]
    preview: dict[str, Any] | None
    lacking: list[str]
    remarks: list[str]
    waiting: dict[str, Any] | None
    in_words: dict[str, str]
    mean: str
    is_part: bool


async def context(declaration: Declaration, case: dict[str, Any], now: datetime) -> DeclarationPreview:
    """What is shown beside typed values: amounts in words, their score, what is missing, what disagrees."""
    standing = await eligibility.standing(case, declaration, now)
    return DeclarationPreview(
        case=case,
        preview=await score(declaration, case, now),
        lacking=[labels.field_label(name) for name in NEEDED if getattr(declaration, name) is None],
        remarks=[cross_check_messages.sentence(each) for each in standing.remarks],
        waiting=cross_check_messages.waiting(standing.eligibility, persian.tehran_date(now)),
        in_words=declared.amounts_in_words(declaration),
        mean=declared.mean(declaration),
        is_part=True,
    )
