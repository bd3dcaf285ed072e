"""The way of a case: states, roles, acts, and the one table that says which act leads where.

The same table guards every act and draws every button (DESIGN: transitions are keyed by state, act and role).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """An account has exactly one."""

    MUNICIPALITY = "municipality"
    GOVERNORATE = "governorate"
    ORGANIZATION = "organization"
    MINISTER = "minister"
    ARCHIVIST = "archivist"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    ASSESSED = "assessed"
    DECIDED = "decided"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What a person does to a case; the word is the last segment of its address."""

    DECLARATION = "declaration"
    DOCUMENT = "document"
    DOCUMENT_WITHDRAWAL = "document-withdrawal"
    SUBMISSION = "submission"
    WITHDRAWAL = "withdrawal"
    ATTESTATION = "attestation"
    CONFIRMATION = "confirmation"
    RETURN = "return"
    ASSESSMENT = "assessment"
    AGENDA = "agenda"
    DECISION = "decision"
    SIGNATURE = "signature"
    REFUSAL = "refusal"


class Outcome(StrEnum):
    """What a decision can be; each is signed and notified."""

    RAISED = "raised"
    UNCHANGED = "unchanged"
    LOWERED = "lowered"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What an officer says of one document."""

    AUTHENTIC = "authentic"
    NOT_ACCEPTED = "not-accepted"


_EDITS = (Act.DECLARATION, Act.DOCUMENT, Act.DOCUMENT_WITHDRAWAL)
_EDITED = (State.DRAFT, State.RETURNED)

TRANSITIONS: Mapping[tuple[State, Act, Role], State] = MappingProxyType(
    {(state, act, Role.MUNICIPALITY): state for state in _EDITED for act in _EDITS}
    | {(state, Act.SUBMISSION, Role.MUNICIPALITY): State.SUBMITTED for state in _EDITED}
    | {(state, Act.WITHDRAWAL, Role.MUNICIPALITY): State.WITHDRAWN for state in _EDITED}
    | {
        (State.SUBMITTED, Act.ATTESTATION, Role.GOVERNORATE): State.SUBMITTED,
        (State.SUBMITTED, Act.CONFIRMATION, Role.GOVERNORATE): State.CONFIRMED,
        (State.SUBMITTED, Act.RETURN, Role.GOVERNORATE): State.RETURNED,
        (State.CONFIRMED, Act.ASSESSMENT, Role.ORGANIZATION): State.ASSESSED,
        (State.CONFIRMED, Act.RETURN, Role.ORGANIZATION): State.RETURNED,
        (State.ASSESSED, Act.ASSESSMENT, Role.ORGANIZATION): State.ASSESSED,
        (State.ASSESSED, Act.AGENDA, Role.ORGANIZATION): State.ASSESSED,
        (State.ASSESSED, Act.DECISION, Role.ORGANIZATION): State.DECIDED,
        (State.ASSESSED, Act.RETURN, Role.ORGANIZATION): State.RETURNED,
        (State.DECIDED, Act.SIGNATURE, Role.MINISTER): State.NOTIFIED,
        (State.DECIDED, Act.REFUSAL, Role.MINISTER): State.ASSESSED,
    }
)

FINAL = frozenset({State.NOTIFIED, State.WITHDRAWN})

SIGN_OFFS = frozenset(
    {
        Act.SUBMISSION,
        Act.ATTESTATION,
        Act.CONFIRMATION,
        Act.RETURN,
        Act.ASSESSMENT,
        Act.DECISION,
        Act.SIGNATURE,
        Act.REFUSAL,
    }
)


def desk(state: State) -> Role | None:
    """The one office that `state` waits for; None once the case is final. Derived from the table itself."""
    offices = {role for (at, _, role) in TRANSITIONS if at is state}
    return offices.pop() if offices else None


WAITS_FOR: Mapping[State, Role | None] = MappingProxyType({state: desk(state) for state in State})
"""Every open state with its one desk (tested: never two)."""

WAY: tuple[Role, ...] = (Role.MUNICIPALITY, Role.GOVERNORATE, Role.ORGANIZATION, Role.MINISTER)
"""The four desks in the order in which a case passes them."""
