"""The Minister signs a decision, and with that its letter is made and it is notified."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import anyio

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.domain.mandates import MandateKind
from portal.letters.decision import MINISTER, REFUSALS, Criterion, DecisionLetter, typeset
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints
from portal.services.letters import rulings
from portal.services.signing.signoffs import Prepared, Signed
from portal.storage.calls import StoreUnavailable
from portal.storage.keys import letter_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import Notice

WITHIN = 8.0
"""Seconds for a letter to be set and stored: the case is locked meanwhile, and the database soon ends who idles."""
_late: set[asyncio.Task[Stored]] = set()


async def prepare(dossier: Dossier, *, by: Identity, store: ObjectStore, base_url: str) -> Prepared[None]:
    """The signature, which notifies.

    The letter is typeset and stored before the journal is locked, and its digest recorded. Where the store does not
    take it in time (portal.storage.calls.StoreUnavailable), nothing is signed.

    Raises:
        Forbidden, Conflict.
    """
    decision = await rulings.ruling(dossier, Act.SIGNATURE)

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

    return signing.prepare(dossier, Act.SIGNATURE, by, write, {}, rulings.facts(decision))


async def draft(dossier: Dossier, *, by: Identity, base_url: str, now: datetime) -> bytes:
    """The letter as `by` would sign it now, as a PDF that says that it is a draft.

    Raises:
        Conflict: as `ruling`.
    """
    letter = await _letter(dossier, await rulings.ruling(dossier, Act.SIGNATURE), by, base_url, now)
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
