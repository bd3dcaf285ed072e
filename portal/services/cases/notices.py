"""The Minister signs a decision, and with that it is notified; or they refuse, and say why."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import anyio

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.errors import Conflict, NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.domain.mandates import MandateKind
from portal.letters.decision import MINISTER, REFUSALS, Criterion, DecisionLetter, typeset
from portal.services.cases import cases, decisions, signing
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints
from portal.services.signing.signoffs import Prepared, Signed
from portal.storage.calls import StoreUnavailable
from portal.storage.keys import letter_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import Decision, Notice, Refusal

WITHIN = 8.0
"""Seconds for a letter to be set and stored: the case is locked meanwhile, and the database soon ends who idles."""
_late: set[asyncio.Task[Stored]] = set()


_RULING = """
SELECT d.*, s.title AS sitting_title, s.held_on AS sitting_date, a.event AS assessment_event, a.ruleset, a.total,
    a.grade AS computed, a.explanation, v.official, v.title_fa, c.letter_number, c.letter_date
FROM decisions d JOIN sittings s ON s.id = d.sitting
JOIN LATERAL (SELECT * FROM assessments WHERE "case" = d."case" ORDER BY id DESC LIMIT 1) a ON true
JOIN LATERAL (SELECT * FROM confirmations WHERE "case" = d."case" ORDER BY id DESC LIMIT 1) c ON true
JOIN rulesets v ON v.digest = a.ruleset
WHERE d."case" = {} AND d.standing
"""


async def ruling(dossier: Dossier, act: Act) -> dict[str, Any]:
    """The standing decision, its sitting, the assessment and the confirmation under it: what a letter is made of.

    Raises:
        Conflict: `wrong-state`: since the case was read, somebody refused to sign the decision.
    """
    rows = await Decision.raw(_RULING, dossier.case["id"])
    if not rows:
        raise Conflict("wrong-state", act=act, state=State.ASSESSED)
    return {**rows[0], "explanation": json.loads(rows[0]["explanation"])}


def facts(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The standing decision and its assessment (`ruling`), as the Minister's page shows them."""
    assessment = {"event": decision["assessment_event"], "grade": decision["computed"]}
    return {
        **decisions.facts({**decision, **assessment}),
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


async def prepare_signature(dossier: Dossier, *, by: Identity, store: ObjectStore, base_url: str) -> Prepared[None]:
    """The signature, which notifies.

    The letter is typeset and stored before the journal is locked, and its digest recorded. Where the store does not
    take it in time (portal.storage.calls.StoreUnavailable), nothing is signed.

    Raises:
        Forbidden, Conflict.
    """
    decision = await ruling(dossier, Act.SIGNATURE)

    async def write(signed: Signed, to: State) -> None:
        letter = await _letter(dossier, decision, by, base_url, signed.now)
        stored = await _stored(letter, letter_key(dossier.number, uuid4()), store)
        await cases.move(dossier.case, to, by=by, now=signed.now)
        event = await signed.record(
            EventKind.DECISION_SIGNED,
            {"letter": {"number": letter.number, "sha256": stored.sha256, "size": stored.size}},
        )
        await Notice(
            case=dossier.case["id"],
            decision=decision["id"],
            number=letter.number,
            key=stored.key,
            size=stored.size,
            sha256=stored.sha256,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    return signing.prepare(dossier, Act.SIGNATURE, by, write, {}, facts(decision))


async def draft(dossier: Dossier, *, by: Identity, base_url: str, now: datetime) -> bytes:
    """The letter as `by` would sign it now, as a PDF that says that it is a draft.

    Raises:
        Conflict: as `ruling`.
    """
    letter = await _letter(dossier, await ruling(dossier, Act.SIGNATURE), by, base_url, now)
    return await anyio.to_thread.run_sync(typeset, replace(letter, is_draft=True, verify_url=None, checkpoint=None))


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


async def _letter(
    dossier: Dossier, decision: Mapping[str, Any], minister: Identity, base_url: str, now: datetime
) -> DecisionLetter:
    case = dossier.case
    return DecisionLetter(
        number=f"{dossier.number}/1",
        case_number=dossier.number,
        province=case["province_name"],
        municipality=case["town"],
        county=case["county"],
        outcome=decision["outcome"],
        grade=decision["grade"],
        previous_grade=dossier.declaration.current_grade or None,
        governorate_letter_number=decision["letter_number"],
        governorate_letter_date=decision["letter_date"],
        sitting_title=decision["sitting_title"],
        sitting_date=decision["sitting_date"],
        effective_on=decision["effective_on"],
        notified_on=persian.tehran_date(now),
        minister_name=minister.full_name,
        minister_title=MINISTER if minister.mandate_kind is MandateKind.REGULAR else minister.title,
        reason=decision["reason"],
        refusal_code_text=REFUSALS.get(decision["refusal_code"]),
        ruleset_title=decision["title_fa"],
        ruleset_official=decision["official"],
        total=str(decision["total"]),
        verify_url=f"{base_url}/verify",
        checkpoint=(await checkpoints.current_as_known()).note,
        criteria=tuple(
            Criterion(*(str(each[name]) for name in ("name", "value", "points", "weight", "product")))
            for each in decision["explanation"]["criteria"]
        ),
    )


async def prepare_refusal(dossier: Dossier, *, by: Identity, reason: str) -> Prepared[None]:
    """The refusal to sign: the decision stands no more, and the case goes back to the Organization.

    Raises:
        Forbidden, Conflict.
    """
    decision = await ruling(dossier, Act.REFUSAL)

    async def write(signed: Signed, to: State) -> None:
        case, now = dossier.case["id"], signed.now
        await cases.move(dossier.case, to, by=by, now=now, decided_grade=None, outcome=None)
        await Decision.update({Decision.standing: False}).where(Decision.id == decision["id"])
        event = await signed.record(EventKind.SIGNATURE_REFUSED)
        await Refusal(case=case, decision=decision["id"], reason=reason, by=by.id, at=now, event=event).save()

    return signing.prepare(dossier, Act.REFUSAL, by, write, {"reason": reason}, facts(decision))


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
            Notice.case._.municipality._.display_name.as_alias("town"),
            Notice.case._.province._.name.as_alias("province_name"),
            Notice.decision.outcome.as_alias("outcome"),
            Notice.decision.grade.as_alias("grade"),
        )
        .where(Notice.sha256 == sha256)
        .first()
    )
