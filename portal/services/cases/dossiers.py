"""A case as one person sees it: its declaration, documents and verdicts, read in a few queries.

While a case lies with its municipality, offices see what was last submitted, never the editing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from portal.domain import events
from portal.domain.declarations import Declaration, Division, Kind, Slot, missing_slots, proven_by, required_slots
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role, State, Verdict
from portal.services.identity.identity import Identity
from portal.tables.acts import Attestation
from portal.tables.cases import Case, Declared, Submission
from portal.tables.documents import Document

DECLARED_FIELDS = tuple(Declaration.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Held:
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
        return Kind(self.row["kind"]), self.row["year"]

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
    documents: tuple[Held, ...]
    before: Declaration | None = None  # of the submission before the last
    facts: dict[str, Any] = field(default_factory=dict)

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

    def document(self, document: UUID | str) -> Held:
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

    def rejected(self) -> tuple[Held, ...]:
        """Current documents that stand not accepted."""
        return tuple(held for held in self.documents if held.verdict is Verdict.NOT_ACCEPTED)

    def unattested(self) -> tuple[Held, ...]:
        """Current documents on which no verdict stands."""
        return tuple(held for held in self.documents if held.verdict is None)

    def items(self) -> list[dict[str, Any]]:
        """Every current document as a statement names it."""
        return [held.as_item() for held in self.documents]


_CASE_COLUMNS = (
    *Case.all_columns(),
    Case.municipality.name.as_alias("town"),
    Case.municipality.county.as_alias("county"),
    Case.province.name.as_alias("province_name"),
)


async def find(number: str, by: Identity) -> dict[str, Any]:
    """The row of case `number` with its place's names, if `by` may see it.

    Raises:
        NotFound: no such case within the scope of `by`.
    """
    visible = Case.visible_to(by)
    if visible is None:
        raise NotFound("case")
    row = await Case.select(*_CASE_COLUMNS).where(visible & (Case.number == number)).first()
    if row is None:
        raise NotFound("case")
    return row


async def lock(number: str, by: Identity) -> dict[str, Any]:
    """As `find`, and nobody else changes the case until the transaction ends."""
    await Case.select(Case.id).where(Case.number == number).lock_rows("UPDATE")
    return await find(number, by)


async def read(case: dict[str, Any], by: Identity) -> Dossier:
    """The dossier of `case` as the role of `by` sees it."""
    submissions = (
        await Submission.select()
        .where(Submission.case == case["id"])
        .order_by(Submission.ordinal, ascending=False)
        .limit(2)
    )
    editing = case["state"] in (State.DRAFT, State.RETURNED, State.WITHDRAWN) and by.role in (
        Role.MUNICIPALITY,
        Role.AUDITOR,
    )
    if editing or not submissions:
        documents = await Document.select().where((Document.case == case["id"]) & Document.ended_at.is_null())
        declaration_id = case["declaration"] if case["declaration"] else None
        if declaration_id is None and submissions:
            declaration_id = submissions[0]["declaration"]
    else:
        documents = await Document.select().where(Document.id.is_in(submissions[0]["documents"]))
        declaration_id = submissions[0]["declaration"]
    declaration = await declared(declaration_id)
    # Against what the office saw before: while editing, that is the last submission.
    earlier = submissions[0] if editing and submissions else (submissions[1] if len(submissions) > 1 else None)
    held = tuple(
        Held(row, proven_by(Kind(row["kind"]), row["year"], declaration)) for row in sorted(documents, key=_order)
    )
    known = frozenset(earlier["documents"]) if earlier else None
    held = tuple(replace(each, changed=known is not None and each.id not in known) for each in held)
    before = await declared(earlier["declaration"]) if earlier else None
    return Dossier(case, declaration, declaration_id, await _with_verdicts(held), before)


async def declared(declaration: int | None) -> Declaration:
    """The declared values of the row with this id; all blank for None."""
    row = await Declared.select().where(Declared.id == declaration).first() if declaration else None
    if row is None:
        return Declaration()
    values = {name: row[name] for name in DECLARED_FIELDS}
    values["division"] = Division(values["division"]) if values["division"] else None
    return Declaration(**values)


async def open_dossier(number: str, by: Identity) -> Dossier:
    """`find` and `read` together.

    Raises:
        NotFound: no such case within the scope of `by`.
    """
    return await read(await find(number, by), by)


def required(dossier: Dossier) -> tuple[Slot, ...]:
    """The places that the declaration of `dossier` asks documents for."""
    return required_slots(dossier.declaration)


_KINDS = tuple(Kind)


def _order(row: dict[str, Any]) -> tuple[int, int, Any]:
    return _KINDS.index(Kind(row["kind"])), row["year"] or 0, row["uploaded_at"]


async def _with_verdicts(held: Iterable[Held]) -> tuple[Held, ...]:
    """Each document with its last attestation, if that binds the values it proves today."""
    held = tuple(held)
    if not held:
        return ()
    rows = (
        await Attestation.select()
        .where(Attestation.document.is_in([each.id for each in held]))
        .order_by(Attestation.id)
    )
    last = {row["document"]: row for row in rows}
    return tuple(_judged(each, last.get(each.id)) for each in held)


def _judged(held: Held, row: dict[str, Any] | None) -> Held:
    if row is None or row["declared"] != held.proves_digest:
        return held
    return replace(
        held,
        verdict=Verdict(row["verdict"]),
        reason_code=row["reason_code"],
        reason=row["reason"],
        unseen=row["unseen"],
        attested_by=row["by"],
    )


__all__ = ["Dossier", "Held", "declared", "find", "lock", "open_dossier", "read", "required"]
