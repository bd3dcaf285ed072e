"""The rows of the work list: grades in a few signs, and the days of each case as a bar, all on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from portal.domain import persian
from portal.domain.lifecycle import State
from portal.texts import gettext, ngettext
from portal.web.formats import clauses, digits
from portal.web.pages import pictures
from portal.web.pages.pictures import Picture


@dataclass(frozen=True, slots=True)
class Span:
    """Days that a case spent: `kind` is `town` (before its submission), `past` (on its way) or `now` (as it stands)."""

    kind: str
    days: int


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the list. `grade` is drawn for the eye, `grade_words` says the same."""

    row: Mapping[str, Any]
    held: int | None
    asked: int | None
    grade: str
    grade_words: str
    bar: Picture


def lines(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Line]:
    """`rows` of a list as they are drawn; the longest case fills its bar."""
    spent = [_spans(row, now) for row in rows]
    most = max((sum(each.days for each in spans) for spans in spent), default=0)
    return [_line(row, spans, most) for row, spans in zip(rows, spent, strict=True)]


def _line(row: Mapping[str, Any], spans: Sequence[Span], most: int) -> Line:
    is_notified = row["state"] == State.NOTIFIED
    held, asked = row["current_grade"] or None, row["decided_grade"] if is_notified else row["requested_grade"]
    return Line(row, held, asked, _grade(held, asked), _grade_words(held, asked, is_notified), _bar(spans, most))


def _grade(held: int | None, asked: int | None) -> str:
    if held and asked and held != asked:
        return gettext("%(held)s → %(asked)s", held=digits(held), asked=digits(asked))
    return digits(asked or held or "—")


def _grade_words(held: int | None, asked: int | None, is_notified: bool) -> str:
    if is_notified and asked:
        if held is None or held == asked:
            return gettext("Grade %(grade)s", grade=digits(asked))
        return gettext("Grade %(grade)s, before that %(held)s", grade=digits(asked), held=digits(held))
    if asked and held:
        return gettext("Current grade %(held)s, requested %(asked)s", held=digits(held), asked=digits(asked))
    if asked:
        return gettext("No grade yet, requested %(asked)s", asked=digits(asked))
    return gettext("Current grade: %(grade)s", grade=digits(held)) if held else gettext("No grade yet")


def _spans(row: Mapping[str, Any], now: datetime) -> list[Span]:
    """Calendar days (Asia/Tehran): before the first submission, from there to its present state, and in that."""
    ends = now if row["desk"] else row["since"]
    marks = [row["opened_at"], row["submitted_at"] or row["since"], row["since"], ends]
    days = [persian.tehran_date(each) for each in marks]
    kinds = zip(("town", "past", "now"), pairwise(days), strict=True)
    return [Span(kind, (end - begin).days) for kind, (begin, end) in kinds if end > begin]


def _bar(spans: Sequence[Span], most: int) -> Picture:
    said = clauses(_days(each) for each in spans)
    return pictures.bar(said or gettext("less than a day in all"), [(each.kind, each.days) for each in spans], most)


def _days(span: Span) -> str:
    n = digits(span.days)
    if span.kind == "town":
        return ngettext("%(n)s day before submission", "%(n)s days before submission", span.days, n=n)
    if span.kind == "past":
        return ngettext("%(n)s day on its way here", "%(n)s days on its way here", span.days, n=n)
    return ngettext("%(n)s day in this state", "%(n)s days in this state", span.days, n=n)
