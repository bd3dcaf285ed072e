"""The governorate confirms a case whose every document it found authentic, and passes it to the Organization."""

from datetime import date

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State, Verdict
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.acts import Confirmation


def require_ready(dossier: Dossier, by: Identity, *, four_eyes: bool) -> None:
    """Refuse while a current document is not attested authentic (`Conflict`, with their `slots`).

    Under `four_eyes` whoever attested a document does not confirm it.
    """
    open_slots = tuple(held.slot for held in dossier.documents if held.verdict is not Verdict.AUTHENTIC)
    if open_slots:
        raise Conflict("not-all-authentic", slots=open_slots)
    if four_eyes and any(held.attested_by == by.id for held in dossier.documents):
        raise Conflict("four-eyes")


def prepare(
    dossier: Dossier, *, by: Identity, letter_number: str, letter_date: date, four_eyes: bool
) -> Prepared[None]:
    """The confirmation under the governorate's letter of that number and date.

    Raises:
        Forbidden, Conflict.
    """
    require_ready(dossier, by, four_eyes=four_eyes)

    async def write(signed: Signed, to: State) -> None:
        await cases.move(dossier.case, to, by=by, now=signed.now)
        event = await signed.record(EventKind.CASE_CONFIRMED)
        await Confirmation(
            case=dossier.case["id"],
            letter_number=letter_number,
            letter_date=letter_date,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    values = {"letter_number": letter_number, "letter_date": letter_date.isoformat()}
    return signing.prepare(dossier, Act.CONFIRMATION, by, write, values)


async def last_day(case: int) -> date:
    """The day (Tehran) of the last confirmation of the case with this row id, which has one."""
    row = (
        await Confirmation.select(Confirmation.at)
        .where(Confirmation.case == case)
        .order_by(Confirmation.id, ascending=False)
        .first()
    )
    assert row is not None
    return persian.tehran_date(row["at"])
