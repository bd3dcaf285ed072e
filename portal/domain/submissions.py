"""Submissions: what a case needs before it is sent."""

from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict


def require_complete(dossier: Dossier) -> None:
    """Refuse what is incomplete (`Conflict`, with `fields`, `slots` and `rejected` that are missing or refused)."""
    fields, slots = dossier.declaration.missing(), dossier.missing_slots()
    rejected = tuple(held.slot for held in dossier.rejected())
    if fields or slots or rejected:
        raise Conflict("incomplete", fields=fields, slots=slots, rejected=rejected)
