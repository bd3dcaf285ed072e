"""The pages of papers that were not shown to somebody, in words: beside what they judge, and in what they signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.domain.declarations import DocumentKind
from portal.domain.pageviews import gaps
from portal.texts import gettext
from portal.web.formats import clauses, digits, listed
from portal.web.words import declared

MOST_RUNS = 6
"""Runs of pages of one paper that are named; of the others it is said how many they are."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper by the name that tells it from the others, how many pages it has, and which of them were shown."""

    name: str
    pages: int
    seen: frozenset[int]


def name_of(kind: DocumentKind, year: int | None, filename: str) -> str:
    """A paper's name: of its place, and of the file where a place holds many."""
    label = declared.slot_label((kind, year))
    return f"{label} ({filename})" if kind is DocumentKind.OTHER else label


def told(papers: Iterable[Paper]) -> str:
    """The pages of `papers` that were not shown, those without any shown page last; empty where all were."""
    missing = [(paper, gaps(paper.seen, paper.pages)) for paper in papers]
    whole = [_quoted(paper) for paper, runs in missing if runs == [(1, paper.pages)]]
    parts = [_part(paper, runs) for paper, runs in missing if runs and runs != [(1, paper.pages)]]
    if whole:
        parts.append(gettext("no page of %(papers)s", papers=_and(whole)))
    return clauses(parts)


def _quoted(paper: Paper) -> str:
    return gettext("“%(paper)s”", paper=paper.name)


def _part(paper: Paper, runs: list[tuple[int, int]]) -> str:
    pages = _and(_spoken(runs))
    if len(runs) == 1 and runs[0][0] == runs[0][1]:
        return gettext("page %(pages)s of %(papers)s", pages=pages, papers=_quoted(paper))
    return gettext("pages %(pages)s of %(papers)s", pages=pages, papers=_quoted(paper))


def _spoken(runs: list[tuple[int, int]]) -> list[str]:
    """Runs of pages, each in words; of many the first ones, and how many pages are in the others."""
    spoken = [text for first, last in runs[:MOST_RUNS] for text in _run(first, last)]
    if rest := sum(last - first + 1 for first, last in runs[MOST_RUNS:]):
        spoken.append(gettext("%(n)s more", n=digits(rest)))
    return spoken


def _run(first: int, last: int) -> tuple[str, ...]:
    if last - first < 2:
        return tuple(digits(each) for each in range(first, last + 1))
    return (gettext("%(first)s to %(last)s", first=digits(first), last=digits(last)),)


def _and(texts: list[str]) -> str:
    """`a, b and c`; there is one at least."""
    *these, that = texts
    return gettext("%(these)s and %(that)s", these=listed(these), that=that) if these else that
