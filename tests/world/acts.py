"""Acts as pages do them: prepared behind the doors of the case or the approval, looked at, and signed."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from portal.domain.approvals import Hearing, Waiting
from portal.domain.attestations import Sheet
from portal.domain.decisions import Ruling
from portal.domain.lifecycle import Act
from portal.services.administration import approvals
from portal.services.authentication.second_factor import Given
from portal.services.cases import (
    assessments,
    attestations,
    confirmations,
    decisions,
    returns,
    signing,
    submissions,
)
from portal.services.identity.identity import Identity
from portal.services.letters import issuing, refusals
from portal.services.signing import signoffs
from portal.services.signing.signoffs import Prepared, Proof
from portal.storage.objects import ObjectStore

T = TypeVar("T")
Verb = Callable[[datetime], Awaitable[Prepared[T]]]
"""Prepares an act at an instant."""
GOOD_FOR = timedelta(minutes=30)


def proof_of(prepared: Prepared[Any], code: Given, now: datetime) -> Proof:
    """What the page that shows `prepared` sends with a code."""
    return Proof(code, prepared.basis, uuid4().hex + uuid4().hex, now + GOOD_FOR)


async def sign(verb: Verb[T], code: Given, now: datetime) -> T:
    """Prepare an act, and sign it with a code; what it gives."""
    prepared = await verb(now)
    return await signoffs.sign(prepared, proof_of(prepared, code, now), now=now)


async def submit(number: str, *, by: Identity, now: datetime) -> Prepared[None]:
    return await submissions.prepare(await signing.approach(number, Act.SUBMISSION, by), by=by, now=now)


async def attest(number: str, *, by: Identity, sheet: Sheet, upto: int | None = None) -> Prepared[None]:
    dossier = await signing.approach(number, Act.ATTESTATION, by)
    return await attestations.prepare(dossier, by=by, sheet=sheet, upto=upto)


async def confirm(
    number: str, *, by: Identity, letter_number: str, letter_date: date, four_eyes: bool = False
) -> Prepared[None]:
    dossier = await signing.approach(number, Act.CONFIRMATION, by)
    letter = {"letter_number": letter_number, "letter_date": letter_date}
    return confirmations.prepare(dossier, by=by, **letter, four_eyes=four_eyes)  # type: ignore[arg-type]


async def send_back(number: str, *, by: Identity, reason: str, reopen: tuple[str, ...] | list[str]) -> Prepared[None]:
    return returns.prepare(await signing.approach(number, Act.RETURN, by), by=by, reason=reason, reopen=reopen)


async def assess(number: str, *, by: Identity, ruleset: str, note: str = "") -> Prepared[None]:
    dossier = await signing.approach(number, Act.ASSESSMENT, by)
    return await assessments.prepare(dossier, by=by, ruleset=ruleset, note=note)


async def decide(
    number: str, *, by: Identity, ruling: Ruling, four_eyes: bool = False, now: datetime
) -> Prepared[None]:
    dossier = await signing.approach(number, Act.DECISION, by)
    assessment = await decisions.rests_on(dossier, by, four_eyes=four_eyes)
    return await decisions.prepare(dossier, by=by, assessment=assessment, ruling=ruling, now=now)


async def notify(number: str, *, by: Identity, store: ObjectStore, base_url: str, seal: str = "none") -> Prepared[None]:
    dossier = await signing.approach(number, Act.SIGNATURE, by)
    return await issuing.prepare(dossier, by=by, store=store, base_url=base_url, seal=seal)


async def refuse(number: str, *, by: Identity, reason: str) -> Prepared[None]:
    return await refusals.prepare(await signing.approach(number, Act.REFUSAL, by), by=by, reason=reason)


async def agree(approval: UUID, *, compared: Hearing | None, by: Identity, now: datetime) -> Prepared[Waiting]:
    asked, _ = await approvals.approach(approval, by, now)
    return await approvals.prepare_agreement(asked, compared=compared, by=by, now=now)


async def decline(approval: UUID, *, reason: str, by: Identity, now: datetime) -> Prepared[None]:
    asked, _ = await approvals.approach(approval, by, now)
    return await approvals.prepare_decline(asked, reason=reason, by=by, now=now)
