"""What a case's events alone say of it: played again through the table of transitions, against what the rows say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.domain.events import EventKind
from portal.domain.lifecycle import TRANSITIONS, Act, Role, State

KINDS: Mapping[Act, EventKind] = {
    Act.DECLARATION: EventKind.DECLARATION_SAVED,
    Act.DOCUMENT: EventKind.DOCUMENT_ADDED,
    Act.DOCUMENT_WITHDRAWAL: EventKind.DOCUMENT_WITHDRAWN,
    Act.SUBMISSION: EventKind.CASE_SUBMITTED,
    Act.WITHDRAWAL: EventKind.CASE_WITHDRAWN,
    Act.ATTESTATION: EventKind.ATTESTATION_GIVEN,
    Act.CONFIRMATION: EventKind.CASE_CONFIRMED,
    Act.RETURN: EventKind.CASE_RETURNED,
    Act.ASSESSMENT: EventKind.CASE_ASSESSED,
    Act.AGENDA: EventKind.CASE_TABLED,
    Act.DECISION: EventKind.DECISION_TAKEN,
    Act.SIGNATURE: EventKind.DECISION_SIGNED,
    Act.REFUSAL: EventKind.SIGNATURE_REFUSED,
}
"""The event that each act writes."""

ACTS: Mapping[EventKind, Act] = {kind: act for act, kind in KINDS.items()}


@dataclass(slots=True)
class Replay:
    """A case as its events tell it so far. `held` are its current documents, id to the item of the statement."""

    state: State | None = None
    held: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def play(self, kind: EventKind, intent: Mapping[str, Any]) -> str | None:
        """Go one event on; the code of what is wrong with it, or None. A wrong event is still followed."""
        before, after = intent["state"]["before"], intent["state"]["after"]
        wrong = self._wrong(kind, intent, before, after)
        if after is not None:
            self.state = State(after)
        for item in intent["items"]:
            if kind is EventKind.DOCUMENT_ADDED:
                self.held.pop(intent["values"].get("replaces") or "", None)
                self.held[item["id"]] = item
            elif kind is EventKind.DOCUMENT_WITHDRAWN:
                self.held.pop(item["id"], None)
        return wrong

    def _wrong(self, kind: EventKind, intent: Mapping[str, Any], before: str | None, after: str | None) -> str | None:
        if before != self.state and before is not None:
            return "state-before"
        if kind is EventKind.CASE_OPENED:
            return None if (before, after, self.state) == (None, State.DRAFT, None) else "opened-twice"
        if self.state is None:
            return "never-opened"
        act = ACTS.get(kind)
        if act is None:
            return None if before == after else "no-such-transition"
        if intent["act"] != act:
            return "another-act"
        to = TRANSITIONS.get((self.state, act, Role(intent["signer"]["role"])))
        return None if to == after else "no-such-transition"
