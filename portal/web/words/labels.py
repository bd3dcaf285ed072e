"""What closed sets are called on screen, which chip they wear, and what follows from an act, in the current locale."""

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.alerts import Alert
from portal.domain.approvals import Ends, Waiting
from portal.domain.attestations import Reason
from portal.domain.decisions import RefusalCode
from portal.domain.declarations import DocumentKind
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Act, Outcome, Role, State
from portal.domain.lists import ALL, WAITING, Show
from portal.domain.mandates import MandateKind
from portal.domain.seals import SealState
from portal.texts import N_, gettext
from portal.web.words.names import NAMES

TABS: Mapping[str, str] = {
    WAITING: N_("Awaiting my action"),
    State.DRAFT: N_("Draft"),
    State.SUBMITTED: N_("Awaiting authentication"),
    State.RETURNED: N_("Returned"),
    State.CONFIRMED: N_("Awaiting assessment"),
    State.ASSESSED: N_("Awaiting a meeting"),
    State.DECIDED: N_("Awaiting signature"),
    State.NOTIFIED: N_("Notified"),
    State.WITHDRAWN: N_("Withdrawn"),
    ALL: N_("All"),
}
"""Names so short that a row of them fits: of lists, and of states within a list."""

CHIPS: Mapping[State, str] = {
    State.DRAFT: "plain",
    State.SUBMITTED: "wait",
    State.RETURNED: "bad",
    State.CONFIRMED: "here",
    State.ASSESSED: "here",
    State.DECIDED: "wait",
    State.NOTIFIED: "good",
    State.WITHDRAWN: "plain",
}
"""Which chip a state wears; the word stands on it."""

OUTCOME_CHIPS: Mapping[Outcome, str] = {
    Outcome.RAISED: "up",
    Outcome.UNCHANGED: "same",
    Outcome.LOWERED: "down",
    Outcome.REFUSED: "refused",
}
"""Which chip an outcome wears: never a verdict's tick, which would bless a refusal."""

SEAL_CHIPS: Mapping[SealState, str] = {
    SealState.NONE: "plain",
    SealState.PENDING: "wait",
    SealState.SEALED: "good",
    SealState.STAMP_PENDING: "wait",
    SealState.STAMPED: "good",
}
"""Which chip the state of a letter's seal wears."""

FIELDS: Mapping[str, str] = {
    "current_grade": N_("Current grade"),
    "current_grade_notified_on": N_("Date of notification of the current grade"),
    "requested_grade": N_("Requested grade"),
    "census_year": N_("Census year"),
    "population": N_("Population"),
    "division": N_("Division status"),
    "settled_year_1": N_("First settlement year"),
    "settled_year_2": N_("Second settlement year"),
    "settled_year_3": N_("Third settlement year"),
    "settled_amount_1": N_("Sustained and net revenue of the first year (budget settlement)"),
    "settled_amount_2": N_("Sustained and net revenue of the second year (budget settlement)"),
    "settled_amount_3": N_("Sustained and net revenue of the third year (budget settlement)"),
}


def label(value: StrEnum) -> str:
    """The name of a member of a closed set, in the current locale."""
    return gettext(NAMES[type(value)][value])


def options(of: type[StrEnum]) -> list[tuple[str, str]]:
    """Value and name of every member, for a choice."""
    return [(each.value, label(each)) for each in of]


def labelled(of: type[StrEnum], value: str | None) -> str:
    """The name of the member with this value; a dash for None."""
    return label(of(value)) if value is not None else "—"


def field_label(name: str) -> str:
    """The name of a declared value."""
    return gettext(FIELDS[name])


CONSEQUENCES: Mapping[str, str] = {
    Act.SUBMISSION: N_("The case is submitted to the governorate and cannot be changed unless it is returned."),
    Act.ATTESTATION: N_("Your verdicts are recorded. The case stays with you until you confirm or return it."),
    Act.CONFIRMATION: N_("The case is forwarded from the governorate to the Organization."),
    Act.RETURN: N_("The case is returned to the municipality; parts that you do not reopen stay unchanged."),
    Act.ASSESSMENT: N_("The score is recorded and the case awaits a meeting of the working group."),
    Act.DECISION: N_("The decision is recorded and forwarded to the Minister for signature."),
    Act.SIGNATURE: N_("The decision becomes final; the letter is issued and notified at once."),
    Act.REFUSAL: N_("The decision becomes void and the case is returned to the Organization."),
    OfficeAct.PUBLICATION: N_("The score table can never be changed afterwards, and applies from its date on."),
    OfficeAct.ELIGIBILITY: N_("The municipality may submit its request before its waiting period ends."),
    OfficeAct.OPENING: N_(
        "The next page shows a one-time link. Until a second person confirms, the "
        "account opens nothing but “My account”."
    ),
    OfficeAct.INVITATION: N_("The next page shows a one-time link; earlier ones become void."),
    OfficeAct.RESET: N_("Once the link is used, the account cannot sign until a second person confirms it again."),
    OfficeAct.RESTORATION: N_(
        "The owner is told and can object; the link becomes valid after a second person’s approval."
    ),
    OfficeAct.MANDATE: N_("It takes effect once a second person approves."),
    OfficeAct.MANDATE_END: N_("From then on nothing is signed under it; open work passes to the office."),
    OfficeAct.CLOSING: N_(
        "A closed account cannot be used to sign in or be reopened; its earlier signatures remain valid."
    ),
    OfficeAct.ENROLMENT_APPROVAL: N_("From now on this authenticator signs in its owner’s name."),
    OfficeAct.MANDATE_APPROVAL: N_("From its first day, its holder signs under it."),
    OfficeAct.RESTORATION_APPROVAL: N_("After the time for objections, the link lets its owner enrol a new device."),
    OfficeAct.DECLINE: N_("The request becomes void, or ends as described above; your reason is recorded."),
}


def state_label(state: str) -> str:
    """The name of a state."""
    return labelled(State, state)


def state_chip(state: str) -> str:
    """The kind of chip that a state wears."""
    return CHIPS[State(state)]


def outcome_label(outcome: str | None) -> str:
    """The name of a decision's outcome."""
    return labelled(Outcome, outcome)


def outcome_chip(outcome: str) -> str:
    """The kind of chip that a decision's outcome wears."""
    return OUTCOME_CHIPS[Outcome(outcome)]


def case_chip(state: str, outcome: str | None) -> tuple[str, str]:
    """Kind and word of the chip of a case in a list: its outcome once that is notified, its state until then."""
    if state == State.NOTIFIED and outcome is not None:
        return outcome_chip(outcome), outcome_label(outcome)
    return state_chip(state), tab_label(state)


def role_label(role: str) -> str:
    """The name of an office."""
    return labelled(Role, role)


def kind_label(kind: str) -> str:
    """The name of a kind of document."""
    return labelled(DocumentKind, kind)


def event_label(kind: str) -> str:
    """The name of an event."""
    return labelled(EventKind, kind)


def caution_label(kind: str) -> str:
    """What the owner of an account is warned of, in a sentence."""
    return labelled(Alert, kind)


def act_label(act: str) -> str:
    """The name of an act, on a case or on anything else; one that this version does not know is shown as it is."""
    for known in (Act, OfficeAct, EventKind):
        if act in set(known):
            return labelled(known, act)
    return act


def reason_label(code: str | None) -> str:
    """Why a document is not accepted, by its code."""
    return labelled(Reason, code)


def refusal_label(code: str | None) -> str:
    """Why a request is refused, by its code."""
    return labelled(RefusalCode, code)


def consequence(act: str) -> str:
    """What follows from signing `act`, in one sentence."""
    return gettext(CONSEQUENCES[act])


def tab_label(tab: str) -> str:
    """The name of a list's filter, short."""
    return gettext(TABS[tab])


def mandate_kind_label(kind: str) -> str:
    """How an office is held."""
    return labelled(MandateKind, kind)


def waiting_label(kind: str) -> str:
    """What waits for a second person."""
    return labelled(Waiting, kind)


def ends_label(ends: str) -> str:
    """What ends when an enrolled factor is declined."""
    return labelled(Ends, ends)


def show_label(show: str) -> str:
    """What a list of accounts is narrowed to."""
    return labelled(Show, show)


def seal_label(state: str) -> str:
    """How far the seal of a letter is."""
    return labelled(SealState, state)


def seal_chip(state: str) -> str:
    """Which chip that wears."""
    return SEAL_CHIPS[SealState(state)]


SPEAKERS = (
    label,
    labelled,
    field_label,
    state_label,
    state_chip,
    outcome_label,
    outcome_chip,
    case_chip,
    role_label,
    kind_label,
    event_label,
    caution_label,
    act_label,
    reason_label,
    refusal_label,
    consequence,
    tab_label,
    mandate_kind_label,
    waiting_label,
    ends_label,
    show_label,
    seal_label,
    seal_chip,
)
"""What every template can call by name."""
