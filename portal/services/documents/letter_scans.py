"""Scans of letters that were signed by hand, where the law wants ink: attached to a notified case, and never changed.

A wrong scan is followed by a later one: the last counts, and the earlier ones stay listed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import events, persian
from portal.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State
from portal.services.cases import dossiers
from portal.services.documents import checks
from portal.services.documents.checks import Looked
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.storage import spool, writer
from portal.storage.keys import letter_scan_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.acts import LetterScan, Notice
from portal.tables.cases import Case

ATTACHERS = frozenset({Role.ORGANIZATION, Role.MINISTER})


@dataclass(frozen=True, slots=True)
class Paper:
    """The number and the date that are on the paper, and what the file of its scan is called.

    `once` is what the form drew: of any number of its posts with the same file one counts.
    """

    letter_number: str
    letter_date: date
    filename: str
    once: UUID | None = None


async def approach(number: str, by: Identity) -> dict[str, Any]:
    """The row of case `number`, to whose letter `by` can attach a scan.

    Raises:
        Forbidden: `by` is neither of the Organization nor the Minister.
        NotFound: no such case in sight.
        Conflict: it is not notified.
    """
    if by.role not in ATTACHERS:
        raise Forbidden("role")
    case = await dossiers.find(number, by)
    if case["state"] != State.NOTIFIED:
        raise Conflict("wrong-state")
    return case


async def receive(
    number: str, *, chunks: AsyncIterator[bytes], limit: int, store: ObjectStore, announced: int | None = None
) -> tuple[UUID, Stored]:
    """Stream a scan into the store, under an id of its own; no row yet.

    `limit` and `announced` are in bytes. Whoever does not `attach` what is stored closes its spool.

    Raises:
        TooLarge, StoreUnavailable: nothing is left behind.
    """
    scan = uuid4()
    most = limit if announced is None else min(announced, limit)
    key = letter_scan_key(number, scan)
    return scan, await writer.put(store, key, chunks, limit=limit, spool=spool.begin(most))


async def attach(
    number: str, scan: UUID, stored: Stored, paper: Paper, *, by: Identity, store: ObjectStore, now: datetime
) -> bool:
    """Attach bytes that `receive` stored to the letter of case `number`; False where this very post did so already.

    On any refusal the bytes go. After any other failure they stay for `portal sweep`, as those of documents do.

    Raises:
        Forbidden, NotFound, Conflict.
        Invalid: the date cannot be, or the bytes are no PDF, JPEG, PNG or TIFF that opens.
        CheckUnavailable: nobody could look at them.
    """
    try:
        case = await approach(number, by)
        notice = await _notice(case["id"])
        _require_possible(paper.letter_date, notice["held_on"], persian.tehran_date(now))
        await store.label(stored.key, stored.sha256)
        looked = await checks.look_at(stored, store)
        nonce = _nonce(number, stored, paper, by)
        async with Case._meta.db.transaction():
            await dossiers.lock_state(number)
            is_new = nonce is None or not await log.holds(nonce)
            if is_new:
                await _record(case, notice, scan, stored, looked, paper, nonce, by=by, now=now)
        if not is_new:
            await store.remove(stored.key)
        return is_new
    except DomainError:  # raised before the transaction's end
        await store.remove(stored.key)
        raise
    finally:
        stored.drop_spool()


async def _notice(case: int) -> dict[str, Any]:
    row = (
        await Notice.select(Notice.id, Notice.number, Notice.decision._.sitting._.held_on.as_alias("held_on"))
        .where(Notice.case == case)
        .first()
    )
    assert row is not None
    return row


def _require_possible(letter_date: date, held_on: date, today: date) -> None:
    """Refuse (`Invalid`) a letter of a day to come, or from before the meeting that decided."""
    if letter_date > today:
        raise Invalid({"letter_date": "future-day"})
    if letter_date < held_on:
        raise Invalid({"letter_date": ("before-sitting", {"day": held_on})})


def _nonce(number: str, stored: Stored, paper: Paper, by: Identity) -> str | None:
    """The nonce of the event that a form's post makes, the same for the same file and values."""
    if paper.once is None:
        return None
    said = [number, paper.letter_number, paper.letter_date.isoformat(), stored.sha256]
    return events.digest([str(paper.once), str(by.id), EventKind.LETTER_SCANNED, *said])


async def _record(
    case: dict[str, Any],
    notice: dict[str, Any],
    scan: UUID,
    stored: Stored,
    looked: Looked,
    paper: Paper,
    nonce: str | None,
    *,
    by: Identity,
    now: datetime,
) -> None:
    """Write the event of a scan, and its row."""
    said: dict[str, Any] = {
        "letter_number": paper.letter_number,
        "filename": paper.filename,
        "media_type": looked.media_type,
        "size": stored.size,
        "pages": looked.pages,
        "sha256": stored.sha256,
    }
    event = await log.note(
        EventKind.LETTER_SCANNED,
        ("case", case["number"]),
        by=by,
        now=now,
        values={**said, "id": str(scan), "letter": notice["number"], "letter_date": paper.letter_date.isoformat()},
        state=(State.NOTIFIED, State.NOTIFIED),
        nonce=nonce,
    )
    row = LetterScan(
        id=scan,
        case=case["id"],
        notice=notice["id"],
        letter_date=paper.letter_date,
        key=stored.key,
        by=by.id,
        at=now,
        event=event,
        **said,
    )
    await row.save()


async def of_notice(notice: int) -> list[dict[str, Any]]:
    """The scans of the letter with this row id, with the `name` of who attached each; the one that counts first."""
    rows: list[dict[str, Any]] = (
        await LetterScan.select(*LetterScan.all_columns(), LetterScan.by.full_name.as_alias("name"))
        .where(LetterScan.notice == notice)
        .order_by(LetterScan.event, ascending=False)
    )
    return rows


async def readable(number: str, scan: UUID, by: Identity) -> dict[str, Any]:
    """The row of a scan of case `number`, which `by` may open wherever they see the case.

    Raises:
        NotFound.
    """
    case = await dossiers.find(number, by)
    row = await LetterScan.select().where((LetterScan.case == case["id"]) & (LetterScan.id == scan)).first()
    if row is None:
        raise NotFound("document")
    return row
