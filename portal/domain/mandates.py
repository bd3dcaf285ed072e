"""Mandates: who holds an office, in which way, and from which day to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from portal.domain.errors import Invalid
from portal.domain.lifecycle import Role


class MandateKind(StrEnum):
    """How an office is held."""

    REGULAR = "regular"
    ACTING = "acting"  # the office has no holder yet
    DEPUTY = "deputy"  # in place of the holder, while they are away


STYLES: Mapping[MandateKind, str] = MappingProxyType({MandateKind.ACTING: "سرپرست", MandateKind.DEPUTY: "جانشین"})
"""How acting officers and deputies sign, in the language of the record."""

SINGLE_SEATS = frozenset({Role.MINISTER})
"""Offices that one person holds at a time, regular or acting; a deputy stands beside them."""

LONGEST = timedelta(days=366)
"""No acting officer or deputy is appointed for longer at once."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; without an end until it is ended."""

    starts_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def meets(self, other: "Span") -> bool:
        """Whether some day lies in both."""
        begins_in_time = other.ends_on is None or self.starts_on <= other.ends_on
        return begins_in_time and (self.ends_on is None or other.starts_on <= self.ends_on)


def require_title(kind: MandateKind, title: str) -> None:
    """Refuse the title of an office for its acting officer: no word before it makes theirs («سرپرست وزارت کشور»).

    Raises:
        Invalid.
    """
    if kind is MandateKind.ACTING and not title.startswith(STYLES[kind]):
        raise Invalid({"title": "acting-title"})


def styled(kind: MandateKind, title: str) -> str:
    """`title` as its holder signs with it.

    Before 0.3.0 acting officers were granted the title of their office: those keep the word before it.
    """
    style = STYLES.get(kind)
    return title if style is None or title.startswith(style) else f"{style} {title}"


def require_span(kind: MandateKind, span: Span, today: date) -> None:
    """Refuse days that no mandate of this kind can have; `today` in Tehran.

    Raises:
        Invalid: it begins or ends in the past, ends before it begins, or stands in for an office without an end.
    """
    if span.starts_on < today:
        raise Invalid({"starts_on": "past-day"})
    if span.ends_on is None:
        if kind is not MandateKind.REGULAR:
            raise Invalid({"ends_on": "end-needed"})
        return
    if span.ends_on < today:
        raise Invalid({"ends_on": "past-day"})
    if span.ends_on < span.starts_on:
        raise Invalid({"ends_on": "ends-before-start"})
    if kind is not MandateKind.REGULAR and span.ends_on - span.starts_on > LONGEST:
        raise Invalid({"ends_on": ("too-long-mandate", {"days": LONGEST.days})})


def shares_a_seat(role: Role, kind: MandateKind, other: MandateKind) -> bool:
    """Whether two people cannot hold this office in these ways on the same day."""
    return role in SINGLE_SEATS and MandateKind.DEPUTY not in (kind, other)
