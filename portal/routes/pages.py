"""Reading a document in the page: a picture of each page, its text, and the value that it should prove beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.declarations import DocumentKind
from portal.domain.dossiers import Dossier
from portal.domain.errors import NotFound
from portal.routes.documents import READERS, note_reading
from portal.sandbox.inspection import CLOSE, WIDTH, WIDTHS
from portal.services.cases import dossiers
from portal.services.documents import documents
from portal.services.identity.identity import Identity
from portal.services.reader import faults, images, views
from portal.services.reader import notes as page_notes
from portal.services.reader import texts as page_texts
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.downloads import File, in_memory, sent
from portal.web.headers import is_visit
from portal.web.heads import is_head
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.validators import Validators, quoted
from portal.web.words import declared, error_messages, mended

ZOOMS = ("page", "1", "1.5", "2", "3")
"""The whole page, then its width and multiples of it."""
TURNS = ("0", "90", "180", "270")
KEPT_FOR = 900  # seconds in the reader's own browser
LONGEST_SEARCH = 100


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
    return await sent(request, file, partial(note_reading, request, row, by, now, "opened"))


@get("/documents/{document:uuid}/pages/{number:int}/notes", may=READERS)
async def notes(
    request: AppRequest, document: UUID, number: int, by: Identity, store: ObjectStore, now: Now
) -> Response[str]:
    """What has to be said beside the picture of one page, from 1."""
    row = await documents.readable(document, by)
    if not 1 <= number <= row["pages"]:
        raise NotFound("page")
    found = await page_notes.notes_of(row, number, store=store, now=now)
    return page(request, "document/_notes.html", paper=row, notes=found)


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
class View:
    """How a page is looked at: which one, how large, which way up, and what is searched for."""

    document: UUID
    page: int
    zoom: str
    turn: str
    q: str

    def to(self, **other: object) -> str:
        """The address of this view with something else."""
        plain = {"page": 1, "zoom": "1", "turn": "0", "q": ""}
        asked = {name: other.get(name, getattr(self, name)) for name in plain}
        query = urlencode({name: value for name, value in asked.items() if str(value) != str(plain[name])})
        return f"/documents/{self.document}/reader" + (f"?{query}" if query else "")

    @property
    def larger(self) -> str:
        return ZOOMS[min(ZOOMS.index(self.zoom) + 1, len(ZOOMS) - 1)]

    @property
    def smaller(self) -> str:
        return ZOOMS[max(ZOOMS.index(self.zoom) - 1, 0)]

    @property
    def turned(self) -> str:
        return TURNS[(TURNS.index(self.turn) + 1) % len(TURNS)]

    @property
    def width(self) -> int:
        return WIDTH if self.zoom in ("page", "1") else CLOSE


def view_of(asked: Mapping[str, str], document: UUID, count: int) -> View:
    """The view that a query asks for; what makes no sense is left out, and a page too far is the last one."""
    typed = persian.fold_digits(asked.get("page", "")).strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    zoom, turn = asked.get("zoom", "1"), asked.get("turn", "0")
    return View(
        document,
        min(max(number, 1), count),
        zoom if zoom in ZOOMS else "1",
        turn if turn in TURNS else "0",
        asked.get("q", "").strip()[:LONGEST_SEARCH],
    )


@get("/documents/{document:uuid}/reader", may=READERS)
async def reader(request: AppRequest, document: UUID, by: Identity, store: ObjectStore, now: Now) -> Response[Any]:
    """One page of the document, the others a key away, beside the value that it should prove."""
    row = await documents.readable(document, by)
    view = view_of(request.query_params, document, row["pages"])
    text, may_have_text = await page_texts.text_of(row, view.page, store=store, now=now)
    texts, hits = await page_texts.find(row, view.q, store=store, now=now) if view.q else ([], [])
    noted = await page_notes.notes_of(row, view.page, store=store, now=now)
    if is_visit(request.headers) and not is_head(request):
        refused = await views.opened(row, view.page, view.width, by=by, store=store, now=now)
    else:
        refused = await faults.why_not(document, view.page, view.width)
    dossier = await dossiers.open_dossier(row["number"], by)
    await note_reading(request, row, by, now, "opened")
    return page(
        request,
        "document/reader.html",
        paper=row,
        view=view,
        refusal=error_messages.undrawn(refused) if refused else None,
        notes=noted,
        label=declared.slot_label((DocumentKind(row["kind"]), row["year"])),
        mended=mended.said(row["mended"]),
        text=text,
        has_text=may_have_text,
        unread=max(0, row["pages"] - len(texts)) if texts else 0,
        hits=hits,
        **_beside(dossier, document),
    )


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
