"""The municipality sends its case to the governorate, for the first time or again."""

from datetime import datetime

from portal.domain import submissions
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.services.cases import cases, eligibility
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Proof
from portal.tables.cases import Declared, Submission


async def submit(number: str, *, by: Identity, proof: Proof, now: datetime) -> None:
    """Fix the declaration and the documents as they are, and send them.

    Raises:
        NotFound, Forbidden, ProofRefused, CodeAwaited.
        Conflict: `wrong-state`, `incomplete`, `not-eligible`.
    """

    async def ready(dossier: Dossier) -> None:
        submissions.require_complete(dossier)
        await eligibility.require_reached(dossier, now)

    async with signing(number, Act.SUBMISSION, by, proof, now=now, ready=ready) as act:
        await act.prove({})
        case = act.dossier.case
        declaration = act.dossier.declaration_id
        assert declaration is not None
        last = await Submission.count().where(Submission.case == case["id"])
        submission = Submission(
            case=case["id"],
            ordinal=last + 1,
            declaration=declaration,
            documents=[held.id for held in act.dossier.documents],
            by=by.id,
            at=now,
        )
        await submission.save()
        await Declared.update({Declared.fixed_at: now}).where(Declared.id == declaration)
        await cases.move(case, act.to, now=now, submission=submission.id, declaration=None, reopened=None)
        await act.record(EventKind.CASE_SUBMITTED)
