"""What a declaration would score, before anything is sent: a preview by the very engine and table that assess."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from portal.domain import grading, persian
from portal.domain.declarations import NEW_TOWN, Declaration
from portal.services.cases import assessments, eligibility
from portal.services.rulesets import versions
from portal.texts import N_, gettext
from portal.web.formats import digits, points
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
class Progress:
    """How far a declaration is filled in: so many of the needed fields, and name and label of each that is not."""

    filled: int
    needed: int
    missing: list[tuple[str, str]]


def progress(declaration: Declaration) -> Progress:
    missing = declaration.missing()
    has_optional = declaration.current_grade == NEW_TOWN and declaration.current_grade_notified_on is None
    needed = len(fields(declaration)) - has_optional
    return Progress(needed - len(missing), needed, [(name, labels.field_label(name)) for name in missing])


AGAINST = {
    -1: ("wait", N_("below the requested grade")),
    0: ("good", N_("equal to the requested grade")),
    1: ("good", N_("above the requested grade")),
}


def against(declaration: Declaration, scored: dict[str, Any] | None) -> tuple[str, str] | None:
    """How the expected grade compares with the one asked for: kind of a chip and its words."""
    asked = declaration.requested_grade
    if scored is None or asked is None:
        return None
    grade = scored["card"]["grade"]
    kind, words = AGAINST[(grade > asked) - (grade < asked)]
    return kind, gettext(words)


def said(scored: dict[str, Any] | None) -> str:
    """What is announced of a score: its grade and points, no more."""
    if scored is None:
        return ""
    card = scored["card"]
    return gettext("Expected: grade %(grade)s, %(points)s", grade=digits(card["grade"]), points=points(card["total"]))


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
    progress: Progress
    against: tuple[str, str] | None
    said: str
    is_saved: bool
    is_part: bool


async def context(
    declaration: Declaration, case: dict[str, Any], now: datetime, *, is_saved: bool = True
) -> DeclarationPreview:
    """What is shown beside typed values: amounts in words, their score, what is missing, what disagrees."""
    standing = await eligibility.standing(case, declaration, now)
    scored = await score(declaration, case, now)
    return DeclarationPreview(
        case=case,
        preview=scored,
        lacking=[labels.field_label(name) for name in NEEDED if getattr(declaration, name) is None],
        remarks=[cross_check_messages.sentence(each) for each in standing.remarks],
        waiting=cross_check_messages.waiting(standing.eligibility, persian.tehran_date(now)),
        in_words=declared.amounts_in_words(declaration),
        mean=declared.mean(declaration),
        progress=progress(declaration),
        against=against(declaration, scored),
        said=said(scored),
        is_saved=is_saved,
        is_part=True,
    )
