"""A case as one person sees it: its declaration, its documents with the verdicts that stand, and what it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.domain import events
from portal.domain.declarations import Declaration, DocumentKind, Slot, missing_slots, required_slots
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Act, Role, State, Verdict


@dataclass(frozen=True, slots=True)
class CurrentDocument:
    """A current document with the verdict that stands on it, if any."""

    row: dict[str, Any]
    proves: dict[str, Any]
    verdict: Verdict | None = None
    reason_code: str | None = None
    reason: str | None = None
    unseen: str | None = None
    attested_by: UUID | None = None
    changed: bool = False  # came in after the submission before the last

    @property
    def id(self) -> UUID:
        value: UUID = self.row["id"]
        return value

    @property
    def slot(self) -> Slot:
        return DocumentKind(self.row["kind"]), self.row["year"]

    @property
    def proves_digest(self) -> str:
        """What an attestation binds besides the bytes."""
        return events.digest(self.proves)

    def as_item(self) -> dict[str, Any]:
        """The document as a statement names it; `size` in bytes."""
        row = self.row
        return {
            "type": "document",
            "id": str(row["id"]),
            "kind": row["kind"],
            "year": row["year"],
            "version": row["version"],
            "name": row["filename"],
            "media_type": row["media_type"],
            "pages": row["pages"],
            "size": row["size"],
            "sha256": row["sha256"],
            "proves": self.proves,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Dossier:
    """`case` is the row of `cases` with town, county and province names beside it."""

    case: dict[str, Any]
    declaration: Declaration
    declaration_id: int | None
    documents: tuple[CurrentDocument, ...]
    before: Declaration | None = None  # of the submission before the last
    version: int | None = None
    """The position of the last event about it when it was read."""

    @property
    def number(self) -> str:
        value: str = self.case["number"]
        return value

    @property
    def state(self) -> State:
        return State(self.case["state"])

    @property
    def reopened(self) -> frozenset[str]:
        """What may be edited while the case is returned: document ids and `declaration`."""
        return frozenset(self.case["reopened"] or ())

    def document(self, document: UUID | str) -> CurrentDocument:
        """The current document with this id.

        Raises:
            NotFound: no current document has it.
        """
        for held in self.documents:
            if str(held.id) == str(document):
                return held
        raise NotFound("document")

    def missing_slots(self) -> tuple[Slot, ...]:
        """Required places without a current document."""
        return missing_slots(self.declaration, (held.slot for held in self.documents))

    def rejected(self) -> tuple[CurrentDocument, ...]:
        """Current documents that stand not accepted."""
        return tuple(held for held in self.documents if held.verdict is Verdict.NOT_ACCEPTED)

    def unattested(self) -> tuple[CurrentDocument, ...]:
        """Current documents on which no verdict stands."""
        return tuple(held for held in self.documents if held.verdict is None)

    def is_complete(self) -> bool:
        """Whether a submission misses nothing."""
        return not (self.declaration.missing() or self.missing_slots() or self.rejected())

    def is_attested(self) -> bool:
        """Whether every document stands authentic."""
        return bool(self.documents) and not self.unattested() and not self.rejected()

    def items(self) -> list[dict[str, Any]]:
        """Every current document as a statement names it."""
        return [held.as_item() for held in self.documents]


def required(dossier: Dossier) -> tuple[Slot, ...]:
    """The places that the declaration of `dossier` asks documents for."""
    return required_slots(dossier.declaration)


@dataclass(frozen=True, slots=True)
class Version:
    """What of a case a role sees: `documents` are ids, None for those that are current; `declaration` is a row's id.

    `before` is the submission (its row) against which changes are told.
    """

    documents: Sequence[UUID] | None
    declaration: int | None
    before: Mapping[str, Any] | None


def seen(case: Mapping[str, Any], role: Role, submissions: Sequence[Mapping[str, Any]]) -> Version:
    """The version of `case` (its row) that `role` sees; `submissions` are the rows of its last two, newest first.

    The editing is seen by whoever edits, and by the auditor; an office sees what was last submitted.
    """
    last, previous = (*submissions, None, None)[:2]
    editing = case["state"] in _WITH_ITS_TOWN and role in (Role.MUNICIPALITY, Role.AUDITOR)
    if last is None or editing:
        return Version(None, case["declaration"] or (last["declaration"] if last else None), last)
    return Version(last["documents"], last["declaration"], previous)


_WITH_ITS_TOWN = (State.DRAFT, State.RETURNED, State.WITHDRAWN)


def lead(dossier: Dossier) -> Act | None:
    """The act that the case as it is asks for, where the state alone allows several."""
    if dossier.state is State.ASSESSED:
        return Act.DECISION
    if dossier.state is not State.SUBMITTED:
        return None
    if dossier.unattested():
        return Act.ATTESTATION
    return Act.RETURN if dossier.rejected() else Act.CONFIRMATION
