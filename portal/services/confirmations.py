"""The governorate confirms a case whose every document it found authentic, and passes it to the Organization."""

from datetime import date, datetime

from portal.domain.errors import Conflict
from portal.domain.events import Kind
from portal.domain.lifecycle import Act, Verdict
from portal.services import cases
from portal.services.dossiers import Dossier
from portal.services.people import Identity
from portal.services.signoffs import Proof, signing
from portal.tables.acts import Confirmation


async def ready(dossier: Dossier) -> None:
    """Refuse while a current document is not attested authentic (`Conflict`, with their `slots`)."""
    open_slots = tuple(held.slot for held in dossier.documents if held.verdict is not Verdict.AUTHENTIC)
    if open_slots:
        raise Conflict("not-all-authentic", slots=open_slots)


async def confirm(
    number: str, *, by: Identity, letter_number: str, letter_date: date, proof: Proof, now: datetime
) -> None:
    """Confirm under the governorate's letter of that number and date.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
    """
    async with signing(number, Act.CONFIRMATION, by, proof, now=now, ready=ready) as act:
        await act.prove({"letter_number": letter_number, "letter_date": letter_date.isoformat()})
        await cases.move(act.dossier.case, act.to, now=now)
        event = await act.record(Kind.CASE_CONFIRMED)
        await Confirmation(
            case=act.dossier.case["id"],
            letter_number=letter_number,
            letter_date=letter_date,
            by=by.id,
            at=now,
            event=event,
        ).save()
