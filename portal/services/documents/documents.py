"""Documents of a case: added, replaced, withdrawn. A row is written only once its bytes are stored and checked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain import documents, events
from portal.domain.declarations import DocumentKind
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import Conflict, DomainError, Invalid, NotFound
from portal.domain.events import EventKind
from portal.domain.lifecycle import Act, State
from portal.services.cases import cases, dossiers, signing
from portal.services.documents import checks, intake
from portal.services.documents.checks import Looked
from portal.services.identity.identity import Identity
from portal.services.journal import log
from portal.storage import spool
from portal.storage.keys import document_key
from portal.storage.objects import ObjectStore, Stored
from portal.tables.cases import Case, Submission
from portal.tables.documents import Document
from portal.tables.events import Event


@dataclass(frozen=True, slots=True)
class Filing:
    """Where an upload belongs: `replaces` is the id of a current document, or None.

    `once` is what the form drew: of any number of its posts with the same file one counts.
    """

    kind: DocumentKind
    year: int | None
    replaces: UUID | None
    filename: str
    once: UUID | None = None


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
    """Stream an upload into the store, under an id of its own; no row yet. `limit` in bytes, as is `announced`,
    more than which does not come.

    What is stored brings a spool along where there was room: whoever does not `add` it closes that.

    Raises:
        portal.storage.objects.TooLarge, portal.storage.objects.StoreUnavailable: nothing is left behind.
        TooMany: the municipality has sent what it may in a day.
    """
    document = uuid4()
    key = document_key(number, document)
    most = limit if announced is None else min(announced, limit)
    async with aclosing(intake.counted(chunks, announced, by=by, now=now)) as counted:
        return document, await store.put(key, counted, limit=limit, spool=spool.begin(most))


async def add(
    number: str, document: UUID, stored: Stored, filing: Filing, *, by: Identity, store: ObjectStore, now: datetime
) -> UUID:
    """Make a document of bytes that `receive` stored; on any refusal the bytes go, and where this very post made one
    already: then its id comes, and not `document`.

    After any other failure they stay: the row may have been written, though no answer said so. If none was, no row
    names them, and `portal sweep` finds them.

    Raises:
        NotFound, Forbidden, Conflict.
        Invalid: the bytes are no PDF, JPEG, PNG or TIFF that opens, or are filed nowhere.
    """
    try:
        await store.label(stored.key, stored.sha256)
        kept = await admit(number, document, stored, filing, False, _nothing_more, by=by, store=store, now=now)
        if kept != document:
            await store.remove(stored.key)
        return kept
    except DomainError:  # raised before the transaction's end
        await store.remove(stored.key)
        raise
    finally:
        stored.drop_spool()


async def admit(
    number: str,
    document: UUID,
    stored: Stored,
    filing: Filing,
    agreed: bool,
    close: Callable[[], Awaitable[None]],
    *,
    by: Identity,
    store: ObjectStore,
    now: datetime,
) -> UUID:
    """Look at stored bytes and record them as a document; a refusal leaves them where they are.

    `agreed`: the sender had computed the same digest. `close` ends in the same transaction what brought them.

    Raises:
        NotFound, Forbidden, Conflict, Invalid: as `add`.
    """
    slot = (filing.kind, filing.year)
    looked = await checks.check(number, stored, slot, filing.filename, by=by, store=store, now=now)
    async with Case._meta.db.transaction():
        dossier = await cases.editing(number, Act.DOCUMENT, by)
        await close()
        if filing.once and (known := await _made(_nonce(filing, stored, by))) and _is_current(dossier, known):
            return known
        return await _file(dossier, document, stored, filing, looked, agreed, by, now)


async def _nothing_more() -> None:
    return


def _nonce(filing: Filing, stored: Stored, by: Identity) -> str:
    """The nonce of the event that a form's post makes, the same for the same file in the same place."""
    place = [filing.kind, filing.year, str(filing.replaces), filing.filename, stored.sha256]
    return events.digest([str(filing.once), str(by.id), EventKind.DOCUMENT_ADDED, *place])


async def _made(nonce: str) -> UUID | None:
    """The document that the event with this nonce added."""
    row = await Event.select(Event.statement).where(Event.nonce == nonce).first()
    return UUID(json.loads(row["statement"])["intent"]["items"][0]["id"]) if row else None


def _is_current(dossier: Dossier, document: UUID) -> bool:
    return any(held.id == document for held in dossier.documents)


def require_place(dossier: Dossier, filing: Filing) -> CurrentDocument | None:
    """The current document whose place `filing` takes, if there is one.

    Raises:
        Invalid: it names a document that is not current, or of another kind.
        Conflict: that place is closed, or was empty on the page whose form sends this and is not any more.
    """
    replaced = _replaced(dossier, filing)
    if filing.once and replaced and filing.replaces is None:
        raise Conflict("filled-meanwhile")
    documents.require_editable(dossier, replaced, (filing.kind, filing.year))
    return replaced


async def _file(
    dossier: Dossier,
    document: UUID,
    stored: Stored,
    filing: Filing,
    looked: Looked,
    agreed: bool,
    by: Identity,
    now: datetime,
) -> UUID:
    replaced = require_place(dossier, filing)
    if replaced:
        await _end(replaced, "replaced", now)
    row = Document(
        id=document,
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
        agreed=agreed,
        key=stored.key,
        uploaded_at=now,
        uploaded_by=by.id,
    )
    await row.save()
    await _keep_reopened(dossier, str(document))
    item = CurrentDocument(row.to_dict(), {}).as_item()
    values = {"replaces": str(replaced.id) if replaced else None}
    nonce = _nonce(filing, stored, by) if filing.once else None
    if nonce and await log.holds(nonce):  # that one was taken out again meanwhile
        nonce = None
    await cases.record_edit(EventKind.DOCUMENT_ADDED, Act.DOCUMENT, dossier, by, now, values, [item], nonce)
    return document


def _replaced(dossier: Dossier, filing: Filing) -> CurrentDocument | None:
    """The current document that `filing` takes the place of: the named one, else whatever fills its slot."""
    if filing.replaces is not None:
        try:
            named = dossier.document(filing.replaces)
        except NotFound:
            raise Invalid({"replaces": "not-current"}) from None
        if named.slot != (filing.kind, filing.year):
            raise Invalid({"replaces": "other-kind"})
        return named
    if filing.kind is DocumentKind.OTHER:
        return None
    return next((held for held in dossier.documents if held.slot == (filing.kind, filing.year)), None)


async def withdraw(document: UUID, *, by: Identity, now: datetime) -> tuple[str, bool]:
    """Take a mis-filed scan out of the case while it is being edited; the case's number, and False where `by` has
    done just this already.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    number = await number_of(document)
    await signing.approach(number, Act.DOCUMENT_WITHDRAWAL, by)
    async with Case._meta.db.transaction():
        dossier = await cases.editing(number, Act.DOCUMENT_WITHDRAWAL, by)
        if await _is_withdrawn(document, by):
            return number, False
        held = dossier.document(document)
        documents.require_editable(dossier, held, held.slot)
        await _end(held, "withdrawn", now)
        await cases.record_edit(
            EventKind.DOCUMENT_WITHDRAWN, Act.DOCUMENT_WITHDRAWAL, dossier, by, now, {}, [held.as_item()]
        )
    return number, True


async def _is_withdrawn(document: UUID, by: Identity) -> bool:
    """Whether `by` has taken this document out himself: the event names it among its items."""
    row = await Document.select(Document.ended_as).where(Document.id == document).first()
    if row is None or row["ended_as"] != "withdrawn":
        return False
    rows = await Event.select(Event.statement).where(
        (Event.subject == await number_of(document))
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
