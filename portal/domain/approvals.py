"""Nobody makes themselves Minister: who must agree before an account can sign. A table, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from portal.domain.lifecycle import Role

APPROVERS: Mapping[Role, Role] = MappingProxyType(
    {
        Role.MUNICIPALITY: Role.GOVERNORATE,
        Role.GOVERNORATE: Role.ORGANIZATION,
        Role.ORGANIZATION: Role.ADMINISTRATOR,
        Role.MINISTER: Role.ADMINISTRATOR,
        Role.ARCHIVIST: Role.ADMINISTRATOR,
        Role.AUDITOR: Role.ADMINISTRATOR,
        Role.ADMINISTRATOR: Role.ADMINISTRATOR,
    }
)
"""Whose account, and which office agrees to it: the superior place, else another administrator than the first."""

OBJECTION = timedelta(hours=24)
"""How long the owner of a lost device can object, after the second person has agreed to its restoration."""


class Waiting(StrEnum):
    """What waits for a second person."""

    ENROLMENT = "enrolment"
    MANDATE = "mandate"
    RESTORATION = "restoration"


@dataclass(frozen=True, slots=True)
class Office:
    """An office: a role and, where the role has one, its place by code of the register."""

    role: Role
    municipality: str | None = None
    province: str | None = None


HEIGHT = (Role.GOVERNORATE, Role.ORGANIZATION, Role.ADMINISTRATOR)
"""Offices that agree, the highest last: of several, it is asked where a person's whole way in changes."""


def approver_of(office: Office, province: str | None) -> Office:
    """The office that agrees to what concerns `office`; `province` is the code of the province it lies in."""
    role = APPROVERS[office.role]
    return Office(role, None, province if role is Role.GOVERNORATE else None)


def may_approve(role: Role, province: str | None, approver: Office) -> bool:
    """Whether someone of this role and province speaks for the office `approver`."""
    return role is approver.role and (approver.province is None or approver.province == province)


def spoken_code(shown: str) -> str:
    """The code by which people tell a factor, from the hex SHA-256 of what it is made of: six groups of four digits.

    Digits alone, since letters of another script are misheard on the telephone; 24 of them are 79 bits of the digest.
    """
    code = f"{int(shown, 16) % 10**24:024}"
    return " ".join(code[at : at + 4] for at in range(0, 24, 4))


class Hearing(StrEnum):
    """How a fingerprint was heard from its owner."""

    PHONE = "phone"
    FACE = "face"


class Ends(StrEnum):
    """What ends when an enrolled factor is declined."""

    NOTHING = "nothing"
    FACTOR = "factor"
    EVERYTHING = "everything"
