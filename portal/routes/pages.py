"""Reading a document in the page: a picture of each page, its text, and the value that it should prove beside it."""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.declarations import DocumentKind
from portal.domain.dossiers import CurrentDocument, Dossier
from portal.domain.errors import NotFound
from portal.sandbox.inspection import WIDTH, WIDTHS, Notes
from portal.services.cases import access_log, dossiers
from portal.services.documents import documents
from portal.services.identity.identity import Identity
from portal.services.reader import faults, images, views
from portal.services.reader import notes as page_notes
from portal.services.reader import texts as page_texts
from portal.services.reader.texts import Hit
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.downloads import File, in_memory, sent
from portal.web.guards import READERS
from portal.web.headers import is_visit
from portal.web.heads import is_head
from portal.web.identity import AppRequest
from portal.web.pages.reader import View, view_of
from portal.web.responses import is_fragment, page
from portal.web.validators import Validators, quoted
from portal.web.words import declared, error_messages, mended

KEPT_FOR = 900  # seconds in the reader's own browser


@get("/documents/{document:uuid}/pages/{number:int}", may=READERS)
async def picture(
    request: AppRequest, document: UUID, number: int, by: Identity, store: ObjectStore, now: Now
) -> Response[Any]:
    """A picture of one page, from 1; `width` is one of `WIDTHS`."""
    row = await documents.readable(document, by)
    width = _width(request.query_params.get("width"))
    if not 1 <= number <= row["pages"]:
        raise NotFound("page")
    shown = await images.picture(row, number, width, store=store, now=now)
    headers = {
        "Cache-Control": f"private, max-age={KEPT_FOR}",
        "Content-Disposition": f'inline; filename="page-{number}.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    file = File("image/jpeg", len(shown.data), Validators(quoted(shown.sha256)), in_memory(shown.data), headers)
    return await sent(request, file, partial(access_log.note_document, row, "opened", by=by, now=now))


@dataclass(frozen=True, slots=True)
class PageNotes:
    template: ClassVar = "document/_notes.html"
    paper: dict[str, Any]
    notes: Notes


@get("/documents/{document:uuid}/pages/{number:int}/notes", may=READERS)
async def notes(
    request: AppRequest, document: UUID, number: int, by: Identity, store: ObjectStore, now: Now
) -> Response[str]:
    """What has to be said beside the picture of one page, from 1."""
    row = await documents.readable(document, by)
    if not 1 <= number <= row["pages"]:
        raise NotFound("page")
    found = await page_notes.notes_of(row, number, store=store, now=now)
    return page(request, PageNotes(paper=row, notes=found))


@post("/documents/{document:uuid}/pages/{number:int}/view", may=READERS, status_code=204)
async def seen(request: AppRequest, document: UUID, number: int, by: Identity, now: Now) -> None:
    """The picture of this page stands in sight of whoever asks: the reader's script says so, once for each."""
    row = await documents.readable(document, by)
    width = _width(request.query_params.get("width"))
    if not 1 <= number <= row["pages"]:
        raise NotFound("page")
    await views.note(document, number, width, by=by, now=now)


def _width(asked: str | None) -> int:
    if asked is None:
        return WIDTH
    width = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    if width not in WIDTHS:
        raise NotFound("page")
    return width


@dataclass(frozen=True, slots=True)
class PageText:
    template: ClassVar = "document/_text.html"
    text: str


@dataclass(frozen=True, slots=True)
class ReaderPage:
    template: ClassVar = "document/reader.html"
    paper: dict[str, Any]
    heading: str
    view: View
    refusal: str | None  # why the page cannot be drawn
    notes: Notes
    mended: list[str]
    text: str
    has_text: bool
    unread: int
    hits: list[Hit]
    case: dict[str, Any]
    held: CurrentDocument | None  # None: an earlier version
    proven: str
    others: list[tuple[UUID, str, int, bool]]


@get("/documents/{document:uuid}/reader", may=READERS)
async def reader(request: AppRequest, document: UUID, by: Identity, store: ObjectStore, now: Now) -> Response[Any]:
    """One page of the document, the others a key away, beside the value that it should prove."""
    row = await documents.readable(document, by)
    view = view_of(request.query_params, document, row["pages"])
    text, may_have_text = await page_texts.text_of(row, view.page, store=store, now=now)
    if is_fragment(request, "document-text"):
        await access_log.note_document(row, "opened", by=by, now=now)
        return page(request, PageText(text))
    texts, hits = await page_texts.find(row, view.q, store=store, now=now) if view.q else ([], [])
    refused = await _open(request, row, view, by, store, now)
    context = ReaderPage(
        paper=row,
        heading=declared.slot_label((DocumentKind(row["kind"]), row["year"])),
        view=view,
        notes=await page_notes.notes_of(row, view.page, store=store, now=now),
        refusal=error_messages.undrawn(refused) if refused else None,
        mended=mended.said(row["mended"]),
        text=text,
        has_text=may_have_text,
        unread=max(0, row["pages"] - len(texts)) if texts else 0,
        hits=hits,
        **_beside(await dossiers.open_dossier(row["number"], by), document),
    )
    await access_log.note_document(row, "opened", by=by, now=now)
    return page(request, context)


async def _open(
    request: AppRequest, row: dict[str, Any], view: View, by: Identity, store: ObjectStore, now: Now
) -> str | None:
    """Why the page cannot be drawn. A person who opens it has it noted as shown: attestations rest on that."""
    if is_visit(request.headers) and not is_head(request):
        return await views.opened(row, view.page, view.width, by=by, store=store, now=now)
    return await faults.why_not(row["id"], view.page, view.width)


def _beside(dossier: Dossier, document: UUID) -> dict[str, Any]:
    """What stands beside the page: the declared value, the verdict, the other documents of the case."""
    try:
        held = dossier.document(document)
    except NotFound:  # an earlier version
        held = None
    others = [
        (each.id, declared.slot_label(each.slot), each.row["pages"], each.id == document) for each in dossier.documents
    ]
    return {
        "case": dossier.case,
        "held": held,
        "proven": declared.proven(held) if held else "",
        "others": others,
    }


HANDLERS = [picture, notes, seen, reader]
