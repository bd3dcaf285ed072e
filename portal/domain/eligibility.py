"""When a town may ask again: the waiting period since its last notification, unless it was lifted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portal.domain.grading import waiting_until
from portal.domain.lifecycle import Outcome
from portal.domain.rulesets import RuleSet


class Source(StrEnum):
    """Who says when the last grade was notified; the first that knows counts."""

    PORTAL = "portal"
    REGISTER = "register"
    DECLARATION = "declaration"


@dataclass(frozen=True, slots=True)
class Notified:
    """An answer that the portal itself gave: its day in Tehran; `grade` is None for a refused request."""

    on: date
    outcome: Outcome
    grade: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a town without asking it.

    `notified`: the portal's own answers, the last one first; `census`: persons by Solar Hijri year; `lifted_on`: the
    day of the last lift.
    """

    notified: Sequence[Notified] = ()
    register_grade: int | None = None
    register_notified_on: date | None = None
    census: Mapping[int, int] = field(default_factory=dict)
    lifted_on: date | None = None

    def grade(self) -> tuple[Source, int] | None:
        """The grade that the town holds, and who says so."""
        own = next((each.grade for each in self.notified if each.grade is not None), None)
        if own is not None:
            return Source.PORTAL, own
        return None if self.register_grade is None else (Source.REGISTER, self.register_grade)

    def notified_on(self, waiting_after: Sequence[Outcome] = tuple(Outcome)) -> tuple[Source, date] | None:
        """When it was last told an answer of `waiting_after`, and who says so."""
        own = next((each.on for each in self.notified if each.outcome in waiting_after), None)
        if own is not None:
            return Source.PORTAL, own
        return None if self.register_notified_on is None else (Source.REGISTER, self.register_notified_on)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """From when on a request can be sent. `day` is None where nothing makes the town wait."""

    source: Source | None
    since: date | None
    years: int
    day: date | None
    is_lifted: bool

    def is_reached(self, today: date) -> bool:
        """Whether a request can be sent on the day `today`."""
        return self.day is None or self.is_lifted or self.day <= today


def of_town(rules: RuleSet, known: Known, declared: date | None) -> Eligibility:
    """The eligibility of a town under `rules`.

    The last notification is the portal's own, else the register's, else the declared one. A lift counts for the
    waiting that had begun by its day, not for a later one.
    """
    found = known.notified_on(rules.waiting_after) or (declared and (Source.DECLARATION, declared)) or None
    if found is None:
        return Eligibility(None, None, rules.waiting_years, None, known.lifted_on is not None)
    source, since = found
    is_lifted = known.lifted_on is not None and known.lifted_on >= since
    return Eligibility(source, since, rules.waiting_years, waiting_until(since, rules.waiting_years), is_lifted)


def next_request(rules: RuleSet, outcome: Outcome, notified_on: date) -> date | None:
    """The first day of a next request after this answer; None where it makes nobody wait."""
    return waiting_until(notified_on, rules.waiting_years) if outcome in rules.waiting_after else None
