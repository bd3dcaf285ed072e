"""The Minister signs a decision, and with that it is notified; or they refuse, and say why."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import anyio

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.errors import NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act
from portal.domain.mandates import MandateKind
from portal.letters.decision import MINISTER, REFUSALS, Criterion, DecisionLetter, typeset
from portal.services.cases import assessments, cases, decisions
from portal.services.cases.signing import signing
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints
from portal.services.signing.signoffs import Proof
from portal.storage.calls import StoreUnavailable
from portal.storage.keys import letter_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import Confirmation, Decision, Notice, Refusal

WITHIN = 8.0
"""Seconds for a letter to be set and stored: the case is locked meanwhile, and the database soon ends who idles."""
_late: set[asyncio.Task[Stored]] = set()


async def facts(dossier: Dossier) -> dict[str, Any]:
    """The standing decision and its assessment, as the Minister's page shows them."""
    decision = await decisions.standing(dossier.case["id"])
    assert decision is not None
    return {
        **await decisions.facts(dossier),
        "decision": {
            "event": decision["event"],
            "outcome": decision["outcome"],
            "grade": decision["grade"],
            "effective_on": decision["effective_on"].isoformat() if decision["effective_on"] else None,
            "reason": decision["reason"],
            "refusal_code": decision["refusal_code"],
            "sitting": {"title": decision["sitting_title"], "held_on": decision["sitting_date"].isoformat()},
        },
    }


async def sign(number: str, *, by: Identity, proof: Proof, store: ObjectStore, base_url: str, now: datetime) -> None:
    """Sign and notify. The letter is typeset and stored before the journal is locked, and its digest recorded.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
        portal.storage.calls.StoreUnavailable: nothing is signed.
    """
    async with signing(number, Act.SIGNATURE, by, proof, now=now) as act:
        await act.prove({}, await facts(act.dossier))
        case = act.dossier.case
        letter = await _letter(act.dossier, by, base_url, now)
        stored = await _stored(letter, letter_key(number, uuid4()), store)
        await cases.move(case, act.to, now=now)
        decision = await decisions.standing(case["id"])
        assert decision is not None
        event = await act.record(
            EventKind.DECISION_SIGNED,
            {"letter": {"number": letter.number, "sha256": stored.sha256, "size": stored.size}},
        )
        await Notice(
            case=case["id"],
            decision=decision["id"],
            number=letter.number,
            key=stored.key,
            size=stored.size,
            sha256=stored.sha256,
            by=by.id,
            at=now,
            event=event,
        ).save()


async def _stored(letter: DecisionLetter, key: str, store: ObjectStore) -> Stored:
    """The letter, typeset and in the store. One that comes late is given up, and cleans up behind itself.

    Raises:
        StoreUnavailable: it took too long, or the store says so.
    """

    async def make() -> Stored:
        return await store.put_bytes(key, await anyio.to_thread.run_sync(typeset, letter), "application/pdf")

    making = asyncio.create_task(make())
    _late.add(making)
    making.add_done_callback(_forget)
    try:
        await asyncio.wait([making], timeout=WITHIN)
        if making.done():
            return making.result()
    finally:
        making.cancel()
    raise StoreUnavailable("the letter was not stored in time")


def _forget(made: asyncio.Task[Stored]) -> None:
    _late.discard(made)
    if not made.cancelled():
        made.exception()  # whoever gave it up does not ask any more


async def _letter(dossier: Dossier, minister: Identity, base_url: str, now: datetime) -> DecisionLetter:
    case = dossier.case
    decision = await decisions.standing(case["id"])
    assessment = await assessments.latest(case["id"])
    confirmation = (
        await Confirmation.select()
        .where(Confirmation.case == case["id"])
        .order_by(Confirmation.id, ascending=False)
        .first()
    )
    assert decision is not None
    assert assessment is not None
    assert confirmation is not None
    return DecisionLetter(
        number=f"{dossier.number}/1",
        case_number=dossier.number,
        province=case["province_name"],
        municipality=case["town"],
        county=case["county"],
        outcome=decision["outcome"],
        grade=decision["grade"],
        previous_grade=dossier.declaration.current_grade or None,
        governorate_letter_number=confirmation["letter_number"],
        governorate_letter_date=confirmation["letter_date"],
        sitting_title=decision["sitting_title"],
        sitting_date=decision["sitting_date"],
        effective_on=decision["effective_on"],
        notified_on=persian.tehran_date(now),
        minister_name=minister.full_name,
        minister_title=MINISTER if minister.mandate_kind is MandateKind.REGULAR else minister.title,
        reason=decision["reason"],
        refusal_code_text=REFUSALS.get(decision["refusal_code"]),
        ruleset_title=assessment["title_fa"],
        ruleset_official=assessment["official"],
        total=str(assessment["total"]),
        verify_url=f"{base_url}/verify",
        checkpoint=(await checkpoints.current()).note,
        criteria=tuple(
            Criterion(*(str(each[name]) for name in ("name", "value", "points", "weight", "product")))
            for each in assessment["explanation"]["criteria"]
        ),
    )


async def refuse(number: str, *, by: Identity, reason: str, proof: Proof, now: datetime) -> None:
    """Do not sign: the decision stands no more, and the case goes back to the Organization.

    Raises:
        NotFound, Forbidden, Conflict, ProofRefused, CodeAwaited.
    """
    async with signing(number, Act.REFUSAL, by, proof, now=now) as act:
        await act.prove({"reason": reason}, await facts(act.dossier))
        case = act.dossier.case
        decision = await decisions.standing(case["id"])
        assert decision is not None
        await cases.move(case, act.to, now=now, decided_grade=None, outcome=None)
        await Decision.update({Decision.standing: False}).where(Decision.id == decision["id"])
        event = await act.record(EventKind.SIGNATURE_REFUSED)
        await Refusal(case=case["id"], decision=decision["id"], reason=reason, by=by.id, at=now, event=event).save()


async def of_case(case: int) -> dict[str, Any]:
    """The notice of the case with this row id.

    Raises:
        NotFound: it is not notified.
    """
    row = (
        await Notice.select(*Notice.all_columns(), Notice.by.full_name.as_alias("minister"))
        .where(Notice.case == case)
        .first()
    )
    if row is None:
        raise NotFound("notice")
    return row


async def by_digest(sha256: str) -> dict[str, Any] | None:
    """The notice whose letter has this hex SHA-256, with what a stranger may know of it; None for no such letter."""
    return (
        await Notice.select(
            Notice.number,
            Notice.at,
            Notice.case.number.as_alias("case_number"),
            Notice.case._.municipality._.name.as_alias("town"),
            Notice.case._.province._.name.as_alias("province_name"),
            Notice.decision.outcome.as_alias("outcome"),
            Notice.decision.grade.as_alias("grade"),
        )
        .where(Notice.sha256 == sha256)
        .first()
    )
