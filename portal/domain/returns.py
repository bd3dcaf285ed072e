"""Returns: what a case that is sent back opens for editing."""

from collections.abc import Collection

from portal.domain.dossiers import Dossier
from portal.domain.errors import Invalid

DECLARATION = "declaration"


def reopening(dossier: Dossier, reopen: Collection[str]) -> list[str]:
    """What a return opens for editing: what `reopen` names and whatever stands refused.

    Empty `reopen` means everything that was not accepted, or the whole case if nothing was refused.

    Raises:
        Invalid: `reopen` names something that is not in the case.
    """
    every = [DECLARATION, *(str(held.id) for held in dossier.documents)]
    rejected = {str(held.id) for held in dossier.rejected()}
    if any(each not in every for each in reopen):
        raise Invalid({"reopen": "not-in-case"})
    chosen = set(reopen) | rejected or set(every)
    return [each for each in every if each in chosen]
