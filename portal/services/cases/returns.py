"""The governorate or the Organization sends a case back to its municipality, and says what is to be redone."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from portal.domain import returns
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.services.cases import cases
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Proof
from portal.tables.acts import Return
from portal.tables.cases import Declared


async def send_back(
    number: str, *, by: Identity, reason: str, reopen: Collection[str], proof: Proof, now: datetime
) -> None:
    """Return the case; attestations on what stays as it is keep standing, and it leaves any agenda.

    Raises:
        NotFound, Forbidden, Conflict, Invalid, ProofRefused, CodeAwaited.
    """

    async def ready(dossier: Dossier) -> None:
        returns.reopening(dossier, reopen)

    async with signing(number, Act.RETURN, by, proof, now=now, ready=ready) as act:
        reopened = returns.reopening(act.dossier, reopen)
        await act.prove({"reason": reason, "reopen": reopened})
        case = act.dossier.case
        copy = Declared(case=case["id"], saved_at=now, saved_by=by.id, **asdict(act.dossier.declaration))
        await copy.save()
        await cases.move(case, act.to, now=now, declaration=copy.id, reopened=reopened, sitting=None)
        event = await act.record(EventKind.CASE_RETURNED)
        await Return(case=case["id"], reason=reason, reopened=reopened, by=by.id, at=now, event=event).save()
