"""Seals of letters: made after the signature and again until they succeed, each an event of its own that nobody signs.

A letter is never held back for its seal: until that is there, its bytes are those that were signed. The work is not
locked between nodes; of two who seal one letter at once, whoever is later throws theirs away.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import anyio

from portal.domain.events import EventKind
from portal.domain.lifecycle import State
from portal.domain.seals import SealState, state_of
from portal.seal_settings import SealSettings
from portal.services.journal import log
from portal.storage.keys import letter_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import LetterSeal, Notice
from portal.tables.cases import Case

WITHIN = 120.0  # seconds for one letter: longer than all that is asked of others for it
AT_ONCE = 200  # letters of one turn
_DUE = """
SELECT n.id, s.is_stamped FROM notices n
LEFT JOIN LATERAL (SELECT is_stamped FROM letter_seals WHERE notice = n.id ORDER BY id DESC LIMIT 1) s ON true
WHERE s.is_stamped IS NULL OR (NOT s.is_stamped AND {}) ORDER BY s.is_stamped NULLS FIRST, n.id LIMIT {}
"""
WAITING = frozenset({SealState.PENDING, SealState.STAMP_PENDING})
_seal: SealSettings | None = None
_log = logging.getLogger(__name__)


class Unsealed(Exception):
    """Letters wait for their seal or time stamp."""


@dataclass(frozen=True, slots=True)
class Form:
    """The bytes of a letter as they now are; `is_stamped` None: as they were signed, without a seal."""

    key: str
    size: int
    sha256: str
    at: datetime
    is_stamped: bool | None


def seal_with(settings: SealSettings | None) -> None:
    """Seal the letters of this process with the key of `settings`; None: letters stay without, by choice."""
    global _seal
    _seal = settings


async def current(notice: Mapping[str, Any]) -> Form:
    """The newest form of the letter of `notice` (its row)."""
    row = await (
        LetterSeal.select().where(LetterSeal.notice == notice["id"]).order_by(LetterSeal.id, ascending=False).first()
    )
    found = row or {**notice, "is_stamped": None}
    return Form(**{name: found[name] for name in Form.__slots__})


def state(form: Form) -> SealState:
    """How far the seal of a letter in this form is."""
    return state_of(form.is_stamped, seals=_seal is not None, stamps=bool(_seal and _seal.authority))


async def seal_due(*, store: ObjectStore, now: datetime) -> None:
    """Try every letter that waits for its seal or time stamp, those without a seal first.

    Each stands for itself. An authority that does not answer for one is not asked for others in the same turn.

    Raises:
        Unsealed: some wait on.
    """
    if _seal is None:
        return
    stamps, waiting = _seal.authority is not None, list[str]()
    for row in await Notice.raw(_DUE, stamps, AT_ONCE):
        if row["is_stamped"] is False and not stamps:
            waiting.append("the authority did not answer for another letter")
        elif missing := await _tried(row["id"], store=store, now=now, stamps=stamps):
            waiting.append(missing.why)
            stamps = stamps and not missing.is_authority
    if waiting:
        raise Unsealed(f"{len(waiting)} letters wait for their seal or time stamp; the first one: {waiting[0]}")


async def attempt(number: str, *, store: ObjectStore, now: datetime) -> None:
    """Try to seal the letter of case `number` at once. What fails is logged, and the letter waits for `seal_due`."""
    row = await Notice.select(Notice.id).where(Notice.case.number == number).first()
    if row and _seal:
        await _tried(row["id"], store=store, now=now, stamps=True)


@dataclass(frozen=True, slots=True)
class _Missing:
    """Why a letter waits on; `is_authority`: for its time stamp, which every other letter would wait for too."""

    why: str
    is_authority: bool


async def _tried(notice: int, *, store: ObjectStore, now: datetime, stamps: bool) -> _Missing | None:
    """Bring a letter as far as it goes; what is missing after that, which is logged."""
    from portal.letters import sealing  # half a second and 50 MB, which a process that seals nothing does without

    try:
        error = await _sealed(notice, sealing, store=store, now=now, stamps=stamps)
    except Exception as raised:  # strangers' keys, stores and authorities: another letter may have no such trouble
        error = raised
    if error is None:
        return None
    why = f"{type(error).__name__}: {error}".rstrip(": ")
    _log.warning("letter %s waits for its seal or time stamp: %s", notice, why)
    return _Missing(why, isinstance(error, sealing.AuthorityError))


async def _sealed(notice: int, sealing: Any, *, store: ObjectStore, now: datetime, stamps: bool) -> Exception | None:
    """Make, store and record the next form of a letter; why it is not the last one, where it should have one more.

    Raises:
        SealError, StoreUnavailable, TimeoutError, ValueError: nothing has changed.
    """
    assert _seal is not None
    row = (
        await Notice.select(*Notice.all_columns(), Notice.case.number.as_alias("case_number"))
        .where(Notice.id == notice)
        .first()
    )
    assert row is not None
    form = await current(row)
    if state(form) not in WAITING:
        return None  # another node was quicker
    make = sealing.sealed if form.is_stamped is None else sealing.stamped
    more = {"stamps": stamps} if form.is_stamped is None else {}
    async with asyncio.timeout(WITHIN):
        data = await store.get_bytes(form.key)
        if hashlib.sha256(data).hexdigest() != form.sha256:
            raise ValueError("the store holds something else than was signed")
        made = await anyio.to_thread.run_sync(partial(make, data, _seal, **more), abandon_on_cancel=True)
        stored = await store.put_bytes(letter_key(row["case_number"], uuid4()), made.data, "application/pdf")
    if not await _record(row, form, stored, is_stamped=made.is_stamped, now=now):
        await store.take_back(stored.key)
        return None
    missing: Exception | None = made.missing
    return missing


async def _record(notice: Mapping[str, Any], earlier: Form, stored: Stored, *, is_stamped: bool, now: datetime) -> bool:
    """Write down the next form of a letter behind its `earlier` one; False where another node was quicker."""
    async with LetterSeal._meta.db.transaction():
        await Case.select(Case.id).where(Case.id == notice["case"]).lock_rows("UPDATE")
        if await current(notice) != earlier:
            return False
        made: dict[str, Any] = {"sha256": stored.sha256, "size": stored.size, "is_stamped": is_stamped}
        event = await log.note(
            EventKind.LETTER_SEALED,
            ("case", notice["case_number"]),
            by=None,
            now=now,
            state=(State.NOTIFIED, State.NOTIFIED),
            values={"letter": notice["number"], "behind": earlier.sha256, **made},
        )
        await LetterSeal(notice=notice["id"], key=stored.key, at=now, event=event, **made).save()
    return True
