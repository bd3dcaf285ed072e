"""The Minister signs a decision, and with that its letter is numbered, made and notified."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import anyio

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.letters.decision import typeset
from portal.letters.facts import DecisionLetter, Issue
from portal.services.cases import cases, signing
from portal.services.identity.identity import Identity
from portal.services.journal import keys, log
from portal.services.letters import content, drafts, numbers, rulings
from portal.services.signing.signoffs import Prepared, Signed
from portal.storage.calls import StoreUnavailable
from portal.storage.keys import letter_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import Notice

WITHIN = 8.0
"""Seconds for a letter to be set and stored: the case is locked meanwhile, and the database soon ends who idles."""
_late: set[asyncio.Task[tuple[Stored, int]]] = set()


async def prepare(dossier: Dossier, *, by: Identity, store: ObjectStore, base_url: str, seal: str) -> Prepared[None]:
    """The signature, which notifies.

    What is signed names the digest of the draft that the page shows; the letter is that draft with its number, day,
    codes and place of the seal. It is typeset and stored before the journal is locked, and its digest recorded. Where
    the store does not take it in time (portal.storage.calls.StoreUnavailable), nothing is signed.

    Raises:
        Forbidden, Conflict.
    """
    decision = await rulings.ruling(dossier, Act.SIGNATURE)
    letter = content.draft(dossier, decision, by, base_url=base_url, seal=seal)
    shown = await drafts.drawn(letter)

    async def write(signed: Signed, to: State) -> None:
        year = persian.jalali_year(signed.now)
        serial = await numbers.take(year)
        signer = await keys.in_force((await log.head()).change)
        issue = content.issue(
            letter,
            number=f"{year}/{serial}",
            statement=hashlib.sha256(signed.text).digest(),
            factor=signed.proven.as_dict()["kind"],
            at=signed.now,
            signer=signer,
            base_url=base_url,
        )
        stored, pages = await _stored(replace(letter, issue=issue), letter_key(dossier.number, uuid4()), store)
        await cases.move(dossier.case, to, by=by, now=signed.now)
        event = await signed.record(EventKind.DECISION_SIGNED, {"letter": _produced(issue, stored, pages)})
        await Notice(
            case=dossier.case["id"],
            decision=decision["id"],
            number=issue.number,
            year=year,
            serial=serial,
            code=issue.code,
            qr=issue.qr,
            pages=pages,
            key=stored.key,
            size=stored.size,
            sha256=stored.sha256,
            by=by.id,
            at=signed.now,
            event=event,
        ).save()

    return signing.prepare(dossier, Act.SIGNATURE, by, write, {}, _facts(decision, shown))


def _facts(decision: Mapping[str, Any], shown: drafts.Draft) -> dict[str, Any]:
    return {**rulings.facts(decision), "draft": {"sha256": shown.sha256, "pages": shown.pages}}


def _produced(issue: Issue, stored: Stored, pages: int) -> dict[str, Any]:
    """What the record says of the letter; its code opens it to anybody, so that the record has its digest alone."""
    code = hashlib.sha256(issue.code.encode()).hexdigest()
    made = {"sha256": stored.sha256, "size": stored.size, "pages": pages}
    return {"number": issue.number, **made, "code_sha256": code}


async def _stored(letter: DecisionLetter, key: str, store: ObjectStore) -> tuple[Stored, int]:
    """The letter, typeset and in the store, and how many pages it has.

    One that comes late is given up, and cleans up behind itself.

    Raises:
        StoreUnavailable: it took too long, or the store says so.
    """

    async def make() -> tuple[Stored, int]:
        pdf = await anyio.to_thread.run_sync(typeset, letter)
        return await store.put_bytes(key, pdf, "application/pdf"), drafts.pages_of(pdf)

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


def _forget(made: asyncio.Task[tuple[Stored, int]]) -> None:
    _late.discard(made)
    if not made.cancelled():
        made.exception()  # whoever gave it up does not ask any more
