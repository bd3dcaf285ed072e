"""A governorate officer says of each document whether it is authentic; one code signs the whole sheet."""

from portal.domain import attestations
from portal.domain.attestations import Sheet
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.reader import views
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.acts import Attestation

_WRITE = """
INSERT INTO attestations (document, verdict, reason_code, reason, unseen, declared, "case", by, at, event)
SELECT s.*, {}, {}, {}, {} FROM unnest({}::uuid[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[]) s
"""


async def prepare(dossier: Dossier, *, by: Identity, sheet: Sheet, upto: int | None = None) -> Prepared[None]:
    """The verdicts of `sheet`, each bound to a version and to the declared values that it proves.

    The statement names the pictures of the documents' pages that were shown to `by`, with digest and renderer: up to
    view number `upto` (None: all there are), so that a review and its signature name the same ones.

    Raises:
        Forbidden, Conflict.
        Invalid: the sheet is empty, or names a document that is not the case's current one; a document is said to be
            authentic of which no page was shown to `by`, and not why.
    """
    seen = await views.seen(sheet, by=by, upto=await views.latest(by) if upto is None else upto)
    sheet = {document: attestations.founded(each, seen[str(document)]) for document, each in sheet.items()}
    attestations.require_current(dossier, sheet)
    attestations.require_founded(sheet, seen)

    async def write(signed: Signed, to: State) -> None:
        await cases.move(dossier.case, to, by=by, now=signed.now)
        event = await signed.record(EventKind.ATTESTATION_GIVEN)
        rows = [
            (each.verdict, each.reason_code, each.reason, each.unseen, dossier.document(document).proves_digest)
            for document, each in sheet.items()
        ]
        columns = (list(column) for column in zip(*rows, strict=True))
        await Attestation.raw(_WRITE, dossier.case["id"], by.id, signed.now, event, list(sheet), *columns)

    verdicts = {str(document): each.as_dict() for document, each in sheet.items()}
    return signing.prepare(dossier, Act.ATTESTATION, by, write, {"verdicts": verdicts, "seen": seen})
