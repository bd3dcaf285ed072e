"""What became of one file that was sent both to the portal and to another program: pure judgement, no I/O."""

from dataclasses import dataclass
from enum import StrEnum

from bench.likeness import Likeness
from portal.sandbox.errors import CODES

UNSTATED = frozenset({"broken", "too_heavy"})  # no reason that a clerk could act on
RULES = CODES - UNSTATED  # what is refused though another program opens it, for a reason that the portal states


class Outcome(StrEnum):
    """What became of a file."""

    WRONGLY = "refused wrongly"
    UNDRAWN = "taken, but a page cannot be drawn"
    COUNTS = "taken, with another number of pages"
    BLANK = "taken, but a page is blank"
    LACKING = "taken, with a blank page that says what it lacks"
    TAKEN = "taken"
    ALONE = "taken, though the other program does not open it"
    RULE = "refused by a rule"
    NEITHER = "opened by neither"
    UNJUDGED = "without another program"


DEFECTS = (Outcome.WRONGLY, Outcome.UNDRAWN, Outcome.COUNTS, Outcome.BLANK)


@dataclass(frozen=True, slots=True)
class Ours:
    """What the portal says: the pages that it counts, what it mended, or the `code` of its refusal.

    With both pages and a code, the file is taken and a page of it is not drawn. `is_said`: of the page that is least
    alike, the reader's page says that something is not shown on it.
    """

    pages: int | None = None
    mended: tuple[str, ...] = ()
    code: str = ""
    is_said: bool = False


def outcome(ours: Ours, pages: int | None, least: Likeness | None) -> Outcome:
    """`pages` is what the other program counts, None where it does not open the file or draws nothing of it; `least`
    is the likeness of the pages that are least alike, of those that both draw."""
    if not pages:
        return Outcome.ALONE if ours.pages is not None else _refusal(ours.code, Outcome.NEITHER)
    if ours.pages is None:
        return _refusal(ours.code, Outcome.WRONGLY)
    if ours.code:
        return Outcome.UNDRAWN
    if ours.pages != pages:
        return Outcome.COUNTS
    if least is not None and least.is_blank:
        return Outcome.LACKING if ours.is_said else Outcome.BLANK
    return Outcome.TAKEN


def _refusal(code: str, otherwise: Outcome) -> Outcome:
    return Outcome.RULE if code in RULES else otherwise


def looked_at(pages: int, most: int) -> list[int]:
    """Of `pages`, those that are drawn: the first ones and the last one, `most` in all."""
    if most < 1:
        return []
    return sorted({*range(1, min(pages, most - 1) + 1), pages} if most > 1 else {1})
