"""The Minister refuses to sign a decision, and says why: the case goes back to the Organization."""

from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.letters import rulings
from portal.services.signing.signoffs import Prepared, Signed
from portal.tables.acts import Decision, Refusal


async def prepare(dossier: Dossier, *, by: Identity, reason: str) -> Prepared[None]:
    """The refusal to sign: the decision stands no more, and the case goes back to the Organization.

    Raises:
        Forbidden, Conflict.
    """
    decision = await rulings.ruling(dossier, Act.REFUSAL)

    async def write(signed: Signed, to: State) -> None:
        case, now = dossier.case["id"], signed.now
        await cases.move(dossier.case, to, by=by, now=now, decided_grade=None, outcome=None)
        await Decision.update({Decision.standing: False}).where(Decision.id == decision["id"])
        event = await signed.record(EventKind.SIGNATURE_REFUSED)
        await Refusal(case=case, decision=decision["id"], reason=reason, by=by.id, at=now, event=event).save()

    return signing.prepare(dossier, Act.REFUSAL, by, write, {"reason": reason}, rulings.facts(decision))
