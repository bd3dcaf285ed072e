"""The grades that a case is about, on one strip and one stair: held, asked, computed, decided, and where they part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain.declarations import GRADES
from portal.domain.lifecycle import Outcome
from portal.texts import NN_, gettext, ngettext
from portal.web.formats import clauses, digits
from portal.web.words import labels

SIGNS: Mapping[str, str] = {"held": "●", "asked": "◆", "computed": "■", "decided": "★"}
"""What marks each of the four, beside its colour."""


@dataclass(frozen=True, slots=True)
class Figure:
    kind: str
    label: str
    value: str
    parts: bool  # from the figure that it should agree with
    is_refused: bool  # its value is a word

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]


@dataclass(frozen=True, slots=True)
class Stair:
    """A step of the stair: its grade, the signs above it, and its classes."""

    grade: int
    signs: str
    kinds: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`told` says in sentences where the figures part; empty where they agree."""

    figures: list[Figure]
    stair: list[Stair]
    words: str
    told: list[str]
    reason: str | None


def facts(
    declaration: Mapping[str, Any], assessment: Mapping[str, Any] | None, decision: Mapping[str, Any] | None
) -> Facts:
    """The strip of a case.

    `declaration` names `current_grade` and `requested_grade`; `assessment` its `grade`, `decision` its `outcome`,
    `grade` and `reason`.
    """
    grades = {
        "held": declaration["current_grade"] or None,
        "asked": declaration["requested_grade"],
        "computed": int(assessment["grade"]) if assessment else None,
        "decided": decision["grade"] if decision else None,
    }
    is_refused = decision is not None and decision["outcome"] == Outcome.REFUSED
    apart = _apart(grades)
    figures = [_figure(kind, grade, kind in apart, is_refused) for kind, grade in grades.items()]
    return Facts(
        figures=figures,
        stair=[_step(n, grades, apart) for n in GRADES],
        words=clauses(f"{each.label}: {each.value}" for each in figures),
        told=_told(grades),
        reason=decision["reason"] if decision and (is_refused or "decided" in apart) else None,
    )


def _apart(grades: Mapping[str, int | None]) -> dict[str, tuple[int, int]]:
    """What departs, and the span to what it departs from: a decision from the score, the score from the request."""
    asked, computed, decided = grades["asked"], grades["computed"], grades["decided"]
    if computed and decided:
        return {"decided": (computed, decided)} if decided != computed else {}
    return {"computed": (asked, computed)} if asked and computed and asked != computed else {}


def _figure(kind: str, grade: int | None, parts: bool, is_refused: bool) -> Figure:
    is_word = kind == "decided" and is_refused
    value = labels.label(Outcome.REFUSED) if is_word else digits(grade) if grade else "—"
    return Figure(kind, _name(kind), value, parts, is_word)


def _name(kind: str) -> str:
    match kind:
        case "held":
            return gettext("Held")
        case "asked":
            return gettext("Requested")
        case "computed":
            return gettext("Computed")
        case _:
            return gettext("Decided")


def _step(n: int, grades: Mapping[str, int | None], apart: Mapping[str, tuple[int, int]]) -> Stair:
    held, asked = grades["held"] or 0, grades["asked"] or 0
    kinds = ["held"] if n <= held else ["asked"] if n <= asked else []
    kinds += ["computed"] if n == grades["computed"] else []
    kinds += ["decided"] if n == grades["decided"] else []
    for low, high in (sorted(span) for span in apart.values()):
        kinds += ["between"] if low <= n <= high else []
        kinds += ["first"] if n == low else ["last"] if n == high else []
    return Stair(n, "".join(SIGNS[kind] for kind, grade in grades.items() if grade == n), " ".join(kinds))


PARTED: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "decided": (
        NN_(
            "The decision is %(n)s grade above the computed one.",
            "The decision is %(n)s grades above the computed one.",
        ),
        NN_(
            "The decision is %(n)s grade below the computed one.",
            "The decision is %(n)s grades below the computed one.",
        ),
    ),
    "asked": (
        NN_(
            "The computed grade is %(n)s grade above the requested one.",
            "The computed grade is %(n)s grades above the requested one.",
        ),
        NN_(
            "The computed grade is %(n)s grade below the requested one.",
            "The computed grade is %(n)s grades below the requested one.",
        ),
    ),
    "held": (
        NN_("It is %(n)s grade above the current one.", "It is %(n)s grades above the current one."),
        NN_("It is %(n)s grade below the current one.", "It is %(n)s grades below the current one."),
    ),
}
"""How far a grade is above another one, and below it."""


def _told(grades: Mapping[str, int | None]) -> list[str]:
    held, asked, computed, decided = grades.values()
    if not computed:
        return []
    if decided:
        return _parted("decided", decided - computed) if decided != computed else []
    if not asked or asked == computed:
        return []
    return _parted("asked", computed - asked) + (_beside_held(computed - held) if held else [])


def _beside_held(above: int) -> list[str]:
    return _parted("held", above) if above else [gettext("It equals the current grade.")]


def _parted(of: str, above: int) -> list[str]:
    n = abs(above)
    return [ngettext(*PARTED[of][above < 0], n, n=digits(n))]
