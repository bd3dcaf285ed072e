"""Documents of a case: added, replaced, withdrawn. A row is written only once its bytes are stored and checked."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import events
from portal.domain.documents import Filing, require_editable, require_place
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import DomainError, NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, dossiers, signing
from portal.services.documents import checks, intake
from portal.services.documents.checks import Incoming, Looked
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.storage import spool, writer
from portal.storage.keys import document_key
from portal.storage.objects import ObjectStore
from portal.storage.spool import Stored
from portal.tables.cases import Case, Submission
from portal.tables.documents import Document
from portal.tables.events import Event


async def receive(
    number: str,
    *,
    by: Identity,
    chunks: AsyncIterator[bytes],
    limit: int,
    store: ObjectStore,
    now: datetime,
    announced: int | None = None,
) -> tuple[UUID, Stored]:
    """Stream an upload into the store, under an id of its own; no row yet.

    `limit` and `announced` are in bytes; more than `announced` does not come.

    What is stored brings a spool along where there was room: whoever does not `add` it closes that.

    Raises:
        TooLarge, StoreUnavailable: nothing is left behind.
        TooMany: the municipality has sent what it may in a day.
    """
    document = uuid4()
    key = document_key(number, document)
    most = limit if announced is None else min(announced, limit)
    async with aclosing(intake.counted(chunks, announced, by=by, now=now)) as counted:
        return document, await writer.put(store, key, counted, limit=limit, spool=spool.begin(most))


async def add(
    number: str, document: UUID, stored: Stored, filing: Filing, *, by: Identity, store: ObjectStore, now: datetime
) -> UUID:
    """Make a document of bytes that `receive` stored; its id.

    Where this very post made one already, its id comes, and not `document`. On any refusal the bytes go. After any
    other failure they stay: the row may have been written, though no answer said so. If none was, no row
    names them, and `portal sweep` finds them.

    Raises:
        NotFound, Forbidden, Conflict.
        Invalid: the bytes are no PDF, JPEG, PNG or TIFF that opens, or are filed nowhere.
        CheckUnavailable: nobody could look at them.
    """
    incoming = Incoming(number, document, stored, filing)
    try:
        await store.label(stored.key, stored.sha256)
        looked = await checks.check(incoming, by=by, store=store, now=now)
        async with Case._meta.db.transaction():
            dossier = await cases.editing(number, Act.DOCUMENT, by)
            kept = await _made_before(dossier, incoming, by)
            if kept is None:
                kept = await record(dossier, incoming, looked, by=by, now=now)
        if kept != document:
            await store.remove(stored.key)
        return kept
    except DomainError:  # raised before the transaction's end
        await store.remove(stored.key)
        raise
    finally:
        stored.drop_spool()


async def _made_before(dossier: Dossier, incoming: Incoming, by: Identity) -> UUID | None:
    """The current document that this very post made already."""
    if incoming.filing.once is None:
        return None
    row = await Event.select(Event.statement).where(Event.nonce == _nonce(incoming, by)).first()
    made = UUID(json.loads(row["statement"])["intent"]["items"][0]["id"]) if row else None
    return made if any(held.id == made for held in dossier.documents) else None


def _nonce(incoming: Incoming, by: Identity) -> str:
    """The nonce of the event that a form's post makes, the same for the same file in the same place."""
    filing = incoming.filing
    place = [filing.kind, filing.year, str(filing.replaces), filing.filename, incoming.stored.sha256]
    return events.digest([str(filing.once), str(by.id), EventKind.DOCUMENT_ADDED, *place])


async def record(dossier: Dossier, incoming: Incoming, looked: Looked, *, by: Identity, now: datetime) -> UUID:
    """Write the row of a document whose file was looked at, and its event; its id.

    Inside a transaction, in which `dossier` was locked for editing.

    Raises:
        Conflict, Invalid: as `portal.domain.documents.require_place`.
    """
    stored, filing = incoming.stored, incoming.filing
    replaced = require_place(dossier, filing)
    if replaced:
        await _end(replaced, "replaced", now)
    row = Document(
        id=incoming.id,
        case=dossier.case["id"],
        kind=filing.kind,
        year=filing.year,
        version=replaced.row["version"] + 1 if replaced else 1,
        replaces=replaced.id if replaced else None,
        filename=filing.filename,
        media_type=looked.media_type,
        size=stored.size,
        pages=looked.pages,
        mended=list(looked.mended),
        sha256=stored.sha256,
        agreed=incoming.sha256 is not None,
        key=stored.key,
        uploaded_at=now,
        uploaded_by=by.id,
    )
    await row.save()
    await _keep_reopened(dossier, str(incoming.id))
    item = CurrentDocument(row.to_dict(), {}).as_item()
    values = {"replaces": str(replaced.id) if replaced else None}
    nonce = _nonce(incoming, by) if filing.once else None
    if nonce and await log.holds(nonce):  # that one was taken out again meanwhile
        nonce = None
    await cases.record_edit(EventKind.DOCUMENT_ADDED, Act.DOCUMENT, dossier, by, now, values, [item], nonce)
    return incoming.id


async def withdraw(document: UUID, *, by: Identity, now: datetime) -> tuple[str, bool]:
    """Take a mis-filed scan out of the case while it is being edited.

    The case's number, and False where `by` has done just this already.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    number = await number_of(document)
    await signing.approach(number, Act.DOCUMENT_WITHDRAWAL, by)
    async with Case._meta.db.transaction():
        dossier = await cases.editing(number, Act.DOCUMENT_WITHDRAWAL, by)
        if await _is_withdrawn(document, number, by):
            return number, False
        held = dossier.document(document)
        require_editable(dossier, held, held.slot)
        await _end(held, "withdrawn", now)
        await cases.record_edit(
            EventKind.DOCUMENT_WITHDRAWN, Act.DOCUMENT_WITHDRAWAL, dossier, by, now, {}, [held.as_item()]
        )
    return number, True


async def _is_withdrawn(document: UUID, number: str, by: Identity) -> bool:
    """Whether `by` has taken this document out themselves: the event names it among its items."""
    row = await Document.select(Document.ended_as).where(Document.id == document).first()
    if row is None or row["ended_as"] != "withdrawn":
        return False
    rows = await Event.select(Event.statement).where(
        (Event.subject == number)
        & (Event.subject_type == "case")
        & (Event.kind == EventKind.DOCUMENT_WITHDRAWN)
        & (Event.person == str(by.id))
    )
    return any(json.loads(each["statement"])["intent"]["items"][0]["id"] == str(document) for each in rows)


async def _end(held: CurrentDocument, how: str, now: datetime) -> None:
    await Document.update({Document.ended_at: now, Document.ended_as: how}).where(Document.id == held.id)


async def _keep_reopened(dossier: Dossier, document: str) -> None:
    """A document that came in during a correction stays open with it."""
    if dossier.state is State.RETURNED:
        reopened = [*dossier.case["reopened"], document]
        await Case.update({Case.reopened: reopened}).where(Case.id == dossier.case["id"])


async def number_of(document: UUID) -> str:
    """The number of the case that `document` belongs to.

    Raises:
        NotFound.
    """
    row = await Document.select(Document.case.number.as_alias("number")).where(Document.id == document).first()
    if row is None:
        raise NotFound("document")
    number: str = row["number"]
    return number


async def readable(document: UUID, by: Identity) -> dict[str, Any]:
    """The row of a document that `by` may open: of a visible case, and for offices once submitted.

    Raises:
        NotFound.
    """
    case = await dossiers.find(await number_of(document), by)
    row = await Document.select().where(Document.id == document).first()
    if row is None:
        raise NotFound("document")
    if by.role not in ("municipality", "auditor"):
        sent = await Submission.select(Submission.documents).where(Submission.case == case["id"])
        if not any(document in each["documents"] for each in sent):
            raise NotFound("document")
    return {**row, "number": case["number"], "town": case["town"]}
