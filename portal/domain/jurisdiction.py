"""How far each role sees: the second door. Data, so that the rows' read scopes and the tests share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State


class Place(StrEnum):
    """Whose cases."""

    TOWN = "town"
    PROVINCE = "province"
    COUNTRY = "country"


class Since(StrEnum):
    """From which moment of its life on a case is seen, and then for good."""

    OPENED = "opened"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    ARCHIVED = "archived"  # notified, or withdrawn after submission


@dataclass(frozen=True, slots=True)
class Scope:
    place: Place
    since: Since


SCOPES: Mapping[Role, Scope | None] = MappingProxyType(
    {
        Role.MUNICIPALITY: Scope(Place.TOWN, Since.OPENED),
        Role.GOVERNORATE: Scope(Place.PROVINCE, Since.SUBMITTED),
        Role.ORGANIZATION: Scope(Place.COUNTRY, Since.CONFIRMED),
        Role.MINISTER: Scope(Place.COUNTRY, Since.CONFIRMED),
        Role.ARCHIVIST: Scope(Place.COUNTRY, Since.ARCHIVED),
        Role.AUDITOR: Scope(Place.COUNTRY, Since.OPENED),
        Role.ADMINISTRATOR: None,
    }
)

_AWAITS_THE_ANSWER = frozenset({Role.MUNICIPALITY, Role.GOVERNORATE})
_ANSWERS = frozenset({EventKind.CASE_ASSESSED, EventKind.DECISION_TAKEN, EventKind.SIGNATURE_REFUSED})
"""What the Organization and the Minister sign before the municipality is notified."""


def answer_is_open(role: Role, state: State) -> bool:
    """Whether `role` may see score, decision and reasons of a case in `state`: two offices read them when notified."""
    return state is State.NOTIFIED or role not in _AWAITS_THE_ANSWER


def entry_is_open(kind: EventKind, role: Role, state: State) -> bool:
    """Whether `role` may read what an entry of `kind` says about a case in `state`."""
    return kind not in _ANSWERS or answer_is_open(role, state)
