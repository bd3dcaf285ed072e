"""Statements as the journal holds them, made without a portal."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain import events, signatures
from portal.domain.signed_notes import Signer


def whole(of: Mapping[str, Any], **about: Any) -> dict[str, Any]:
    """The statement over the intent `of`; `about` as of `events.record`."""
    return {"intent": dict(of), "record": events.record(events.digest(of), **about)}


def signed(statement: Mapping[str, Any], by: Signer) -> dict[str, Any]:
    """`statement` with the signature of its record, over all of it that is there."""
    return {**statement, signatures.SIGNATURE: signatures.signature_of(events.canonical(dict(statement)), by)}


def stated(
    values: Mapping[str, Any],
    *,
    at: Any = "2026-03-20T21:00:00.000000Z",
    signer: Mapping[str, Any] | None = None,
    before: str | None = None,
    after: str | None = None,
    items: Sequence[Mapping[str, Any]] = (),
    facts: Mapping[str, Any] | None = None,
    factor: Mapping[str, Any] | None = None,
    produced: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A statement with every part that all of them have."""
    return {
        "intent": {
            "act": "act",
            "subject": {"type": "case", "id": "1405-00001"},
            "state": {"before": before, "after": after},
            "items": list(items),
            "declared": {},
            "facts": dict(facts or {}),
            "values": dict(values),
            "signer": dict(signer or {}),
            "nonce": "n",
        },
        "record": {
            "kind": "kind",
            "intent_sha256": "",
            "at": at,
            "factor": factor,
            "position": 0,
            "produced": dict(produced or {}),
        },
    }
