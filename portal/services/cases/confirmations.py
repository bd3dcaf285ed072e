"""The governorate confirms a case whose every document it found authentic, and passes it to the Organization."""

from datetime import date, datetime
from functools import partial

from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, Verdict
from portal.services.cases import cases
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Confirmation


async def ready(dossier: Dossier, by: Identity, *, four_eyes: bool) -> None:
    """Refuse while a current document is not attested authentic (`Conflict`, with their `slots`).

    Under `four_eyes` whoever attested a document does not confirm it.
    """
    open_slots = tuple(held.slot for held in dossier.documents if held.verdict is not Verdict.AUTHENTIC)
    if open_slots:
        raise Conflict("not-all-authentic", slots=open_slots)
    if four_eyes and any(held.attested_by == by.id for held in dossier.documents):
        raise Conflict("four-eyes")


async def confirm(
    number: str,
    *,
    by: Identity,
    letter_number: str,
    letter_date: date,
    proof: Proof,
    four_eyes: bool,
    now: datetime,
) -> None:
    """Confirm under the governorate's letter of that number and date.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
    """
    check = partial(ready, by=by, four_eyes=four_eyes)
    async with signing(number, Act.CONFIRMATION, by, proof, now=now, ready=check) as act:
        await act.prove({"letter_number": letter_number, "letter_date": letter_date.isoformat()})
        await cases.move(act.dossier.case, act.to, now=now)
        event = await act.record(EventKind.CASE_CONFIRMED)
        await Confirmation(
            case=act.dossier.case["id"],
            letter_number=letter_number,
            letter_date=letter_date,
            by=by.id,
            at=now,
            event=event,
        ).save()
