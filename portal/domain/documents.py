"""Documents of a case: which of them can be changed now."""

from portal.domain.declarations import Slot, required_slots
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Act, State, Verdict


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
