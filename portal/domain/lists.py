"""What lists are narrowed to: the tabs of the work list, by role, and the views of the list of accounts."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.domain.lifecycle import Role, State

WAITING = "waiting"
ALL = "all"
COUNT_TO = 200
"""Nobody reads on so far: what is found beyond that is «more», and costs no counting."""

TABS: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.MUNICIPALITY: (),
        Role.GOVERNORATE: (
            WAITING,
            State.RETURNED,
            State.CONFIRMED,
            State.ASSESSED,
            State.DECIDED,
            State.NOTIFIED,
            ALL,
        ),
        Role.ORGANIZATION: (WAITING, State.RETURNED, State.DECIDED, State.NOTIFIED, ALL),
        Role.MINISTER: (WAITING, State.ASSESSED, State.NOTIFIED, ALL),
        Role.ARCHIVIST: (State.NOTIFIED, State.WITHDRAWN, ALL),
        Role.AUDITOR: (*State, ALL),
    }
)
"""Beside the states, `WAITING` are the cases that wait for one's own office. A role without a row has no list."""


class Show(StrEnum):
    """What the list is narrowed to; open accounts alone."""

    ALL = ""
    UNENROLLED = "unenrolled"
    UNCONFIRMED = "unconfirmed"
    QUIET = "quiet"
    ENDING = "ending"
    WITHOUT = "without"
