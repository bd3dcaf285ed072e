"""What a statement must hold for its case or account to be played again, by the kind of its event.

The replays of the domain (`domain/replay.py`, `domain/account_replay.py`) read statements as the portal writes them.
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State
from portal.domain.replay import ACTS
from portal.services.verification.statements import Statement

Shape = Mapping[str, Any]
"""Types of the parts of a statement, by their paths."""


class _Named(TypedDict):
    id: str


class _Place(TypedDict):
    municipality: str | None
    province: str | None


class _Office(TypedDict):
    title: str
    role: Role
    municipality: str | None
    province: str | None


class _Granted(_Office):
    kind: str
    starts_on: str
    ends_on: str | None


class _Factor(TypedDict):
    factor: str
    kind: str
    fingerprint: NotRequired[str | None]


class _Passkey(_Factor):
    public_key: str
    credential: str
    rp_id: NotRequired[str]
    origin: NotRequired[str]


class _Approver(TypedDict):
    role: str
    province: str | None


class _Heard(TypedDict, total=False):
    offices: list[_Approver | None] | None


class _HeardBy(TypedDict, total=False):
    approver: _Approver | None


class _Declined(TypedDict, total=False):
    waiting: list[str]


class _Mandate(TypedDict, total=False):
    id: str | None


class _Signer(TypedDict):
    id: str
    role: str
    place: _Place
    mandate: NotRequired[_Mandate | None]


class _Proof(TypedDict):
    kind: str
    id: NotRequired[str | None]


SIGNATURE: Shape = {"intent.signer": _Signer, "record.factor": _Proof}
"""Of a sign-off: who signed under what, and with which factor."""


def of_case(kind: EventKind) -> Shape:
    """The parts that `Replay` reads of an event about a case."""
    shape: dict[str, Any] = {"intent.act": str, "intent.state.after": State | None, "intent.items": list[_Named]}
    if kind in ACTS:
        shape["intent.signer.role"] = Role
    if kind is EventKind.DOCUMENT_ADDED:
        shape["intent.values.replaces"] = str | None
    return shape


def of_account(kind: EventKind, statement: Statement) -> Shape:
    """The parts that `AccountReplay` reads of an event about an account; its versions differ in what they wrote."""
    values, facts = statement.values, statement.facts
    match kind:
        case EventKind.ACCOUNT_OPENED:
            name = "full_name" if "full_name" in values else "name"
            office = _Granted if "kind" in values else _Office
            return {"intent.values": office, f"intent.values.{name}": str, "intent.values.username": str}
        case EventKind.MANDATE_GRANTED:
            return {"intent.values": _Granted, "record.produced.mandate": str}
        case EventKind.MANDATE_CONFIRMED:
            return {"intent.values.mandate" if values.get("mandate") else "intent.facts.mandate.id": str}
        case EventKind.MANDATE_ENDED:
            return {"intent.facts.mandate.id": str, "intent.values.last_day": str | None}
        case EventKind.APPROVAL_DECLINED if "mandate" in facts:
            return {"intent.facts.mandate.id": str}
        case EventKind.APPROVAL_DECLINED if "factor" in facts:
            return {"intent.facts.factor": str, "record.produced": _Declined | None}
        case EventKind.FACTOR_ENROLLED:
            return {"intent.values": _Passkey if values.get("kind") == "passkey" else _Factor}
        case EventKind.FACTOR_ENDED:
            return {"intent.values.factor": str}
        case EventKind.FACTOR_CONFIRMED:
            return _confirmed(statement)
    return {}


def _confirmed(statement: Statement) -> Shape:
    """Of a factor that was heard: which one, for which offices; where none are named, for its signer's own."""
    values, facts = statement.values, statement.facts
    shape: dict[str, Any] = {"intent.values": _Heard, "intent.facts": _HeardBy}
    for name in ("factor", "fingerprint"):
        shape[f"intent.{'values' if name in values else 'facts'}.{name}"] = str | None
    if not values.get("offices") and facts.get("approver") is None and statement.intent["signer"]:
        shape |= {"intent.signer.role": str, "intent.signer.place.province": str | None}
    return shape
