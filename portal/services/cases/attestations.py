"""A governorate officer says of each document whether it is authentic; one code signs the whole sheet."""

from datetime import datetime

from portal.domain import attestations
from portal.domain.attestations import Sheet
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.reader import views
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Attestation


async def attest(
    number: str, *, by: Identity, sheet: Sheet, proof: Proof, now: datetime, upto: int | None = None
) -> None:
    """Record the verdicts of `sheet`, each bound to a version and to the declared values that it proves.

    The statement names the pictures of the documents' pages that were shown to `by`, with digest and renderer: up to
    view number `upto` (None: all there are), so that a review and its signature name the same ones.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
        Invalid: the sheet is empty, or names a document that is not the case's current one; a document is said to be
            authentic of which no page was shown to `by`, and not why.
    """
    seen = await views.seen(sheet, by=by, upto=await views.latest(by) if upto is None else upto)
    sheet = {document: attestations.founded(each, seen[str(document)]) for document, each in sheet.items()}

    async def ready(dossier: Dossier) -> None:
        attestations.require_current(dossier, sheet)
        attestations.require_founded(sheet, seen)

    async with signing(number, Act.ATTESTATION, by, proof, now=now, ready=ready) as act:
        verdicts = {str(document): each.as_dict() for document, each in sheet.items()}
        await act.prove({"verdicts": verdicts, "seen": seen})
        event = await act.record(EventKind.ATTESTATION_GIVEN)
        await Attestation.insert(
            *(
                Attestation(
                    case=act.dossier.case["id"],
                    document=document,
                    declared=act.dossier.document(document).proves_digest,
                    verdict=each.verdict,
                    reason_code=each.reason_code,
                    reason=each.reason,
                    unseen=each.unseen,
                    by=by.id,
                    at=now,
                    event=event,
                )
                for document, each in sheet.items()
            )
        )
