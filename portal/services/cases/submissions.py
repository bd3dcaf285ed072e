"""The municipality sends its case to the governorate, for the first time or again."""

from datetime import datetime

from portal.domain import submissions
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, eligibility, signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.cases import Submission

_SEND = """
WITH fixed AS (UPDATE declarations SET fixed_at = {} WHERE id = {})
INSERT INTO submissions ("case", ordinal, declaration, documents, by, at)
SELECT {}, count(*) + 1, {}, {}, {}, {} FROM submissions WHERE "case" = {} RETURNING id
"""


async def prepare(dossier: Dossier, *, by: Identity, now: datetime) -> Prepared[None]:
    """The declaration and the documents as they are, to be fixed and sent.

    Raises:
        Forbidden.
        Conflict: `wrong-state`, `incomplete`, `not-eligible`.
    """
    submissions.require_complete(dossier)
    await eligibility.require_reached(dossier, now)

    async def write(signed: Signed, to: State) -> None:
        case, declaration = dossier.case["id"], dossier.declaration_id
        documents = [held.id for held in dossier.documents]
        row = (case, declaration, documents, by.id, signed.now)
        sent = await Submission.raw(_SEND, signed.now, declaration, *row, case)
        columns = {"submission": sent[0]["id"], "declaration": None, "reopened": None}
        await cases.move(dossier.case, to, by=by, now=signed.now, **columns)
        await signed.record(EventKind.CASE_SUBMITTED)

    return signing.prepare(dossier, Act.SUBMISSION, by, write, {})
