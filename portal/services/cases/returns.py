"""The governorate or the Organization sends a case back to its municipality, and says what is to be redone."""

from collections.abc import Collection
from dataclasses import asdict

from portal.domain import returns
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.acts import Return
from portal.tables.cases import Declared


def prepare(dossier: Dossier, *, by: Identity, reason: str, reopen: Collection[str]) -> Prepared[None]:
    """The return of the case; attestations on what stays as it is keep standing, and it leaves any agenda.

    Raises:
        Forbidden, Conflict, Invalid.
    """
    reopened, case = returns.reopening(dossier, reopen), dossier.case

    async def write(signed: Signed, to: State) -> None:
        now = signed.now
        copy = Declared(case=case["id"], saved_at=now, saved_by=by.id, **asdict(dossier.declaration))
        await copy.save()
        await cases.move(case, to, by=by, now=now, declaration=copy.id, reopened=reopened, sitting=None)
        event = await signed.record(EventKind.CASE_RETURNED)
        await Return(case=case["id"], reason=reason, reopened=reopened, by=by.id, at=now, event=event).save()

    return signing.prepare(dossier, Act.RETURN, by, write, {"reason": reason, "reopen": reopened})
