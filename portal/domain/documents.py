"""Documents of a case: where a file belongs, and which of them can be changed now."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.declarations import DocumentKind, Slot, required_slots
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.lifecycle import Act, State, Verdict


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a file belongs: `replaces` is the id of a current document, or None.

    `once` is what the form drew: of any number of its posts with the same file one counts.
    """

    kind: DocumentKind
    year: int | None
    replaces: UUID | None
    filename: str
    once: UUID | None = None

    @property
    def slot(self) -> Slot:
        """The place that it takes."""
        return self.kind, self.year


def is_editable(dossier: Dossier, held: CurrentDocument | None, slot: Slot) -> bool:
    """Whether a document (or an empty slot) can be changed now.

    In a draft all; after a return what it reopened, and what a change of the reopened declaration asks for or voids.
    """
    if dossier.state is State.DRAFT:
        return True
    if dossier.state is not State.RETURNED:
        return False
    if held is not None:
        void = "declaration" in dossier.reopened and held.verdict is None
        return void or str(held.id) in dossier.reopened or held.verdict is Verdict.NOT_ACCEPTED
    whole = len(dossier.reopened) > len(dossier.documents)
    return whole or slot in required_slots(dossier.declaration)


def require_editable(dossier: Dossier, held: CurrentDocument | None, slot: Slot) -> None:
    """Refuse (`Conflict`) what `is_editable` denies."""
    if not is_editable(dossier, held, slot):
        raise Conflict("not-reopened", act=Act.DOCUMENT)


def require_place(dossier: Dossier, filing: Filing) -> CurrentDocument | None:
    """The current document whose place `filing` takes, if there is one.

    Raises:
        Invalid: it names a document that is not current, or of another kind.
        Conflict: that place is closed, or was empty on the page whose form sends this and is not any more.
    """
    replaced = _replaced(dossier, filing)
    if filing.once and replaced and filing.replaces is None:
        raise Conflict("filled-meanwhile")
    require_editable(dossier, replaced, filing.slot)
    return replaced


def _replaced(dossier: Dossier, filing: Filing) -> CurrentDocument | None:
    """The current document that `filing` takes the place of: the named one, else whatever fills its slot."""
    if filing.replaces is not None:
        try:
            named = dossier.document(filing.replaces)
        except NotFound:
            raise Invalid({"replaces": "not-current"}) from None
        if named.slot != filing.slot:
            raise Invalid({"replaces": "other-kind"})
        return named
    if filing.kind is DocumentKind.OTHER:
        return None
    return next((held for held in dossier.documents if held.slot == filing.slot), None)
