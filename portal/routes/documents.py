"""Documents: sent into a case, read, replaced, taken out again."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from portal.domain.errors import DomainError, Invalid, TooLarge
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import access_log, dossiers, signing
from portal.services.documents import documents
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.web import forms, multipart
from portal.web.dependencies import Now
from portal.web.downloads import SANDBOXED, File, named_for, sent
from portal.web.filing import FilingForm
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.pages import case
from portal.web.rerender import rerender_on_error
from portal.web.responses import RECORDED, disposition, done, page
from portal.web.validators import Validators, quoted
from portal.web.words import fields
from portal.web.words.error_messages import FILE


async def draw(
    request: AppRequest,
    by: Identity,
    number: str,
    now: Now,
    store: ObjectStore | None = None,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    """The case's page again, with what was refused."""
    dossier = await dossiers.open_dossier(number, by)
    shown = await case.context(dossier, by, now)
    return page(request, replace(shown, errors=fields.placed(said.errors, FILE)), said.status)


@post("/cases/{number:str}/documents", may=roles_of(Act.DOCUMENT), request_max_body_size=None)
@rerender_on_error(draw)
async def add(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    """Take one file: streamed into the store, checked, then recorded."""
    limit = settings.upload_limit
    try:
        await signing.approach(number, Act.DOCUMENT, by)

        async def receive(filename: str, chunks: Any) -> Any:
            announced = multipart.announced(request)
            return await documents.receive(
                number, by=by, chunks=chunks, limit=limit, store=store, now=now, announced=announced
            )

        typed, filename, (document, stored) = await multipart.read(request, "file", limit, receive)
    except DomainError as error:
        await multipart.drain(request)
        raise _worded(error, limit) from error
    try:
        filing = forms.parse(typed, FilingForm).filing(filename)
    except Invalid:
        stored.drop_spool()
        await store.remove(stored.key)
        raise
    kept = await documents.add(number, document, stored, filing, by=by, store=store, now=now)
    received = N_("The document is uploaded and checked.")
    return done(request, f"/cases/{number}", received if kept == document else RECORDED)


def _worded(error: DomainError, limit: int) -> DomainError:
    return TooLarge("file-too-large", size=limit) if isinstance(error, TooLarge) else error


@get("/cases/{number:str}/documents", may=READERS)
async def listed(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """The documents stand on the case's own page."""
    return await draw(request=request, by=by, number=number, now=now)


@get("/documents/{document:uuid}", may=READERS)
async def download(request: AppRequest, by: Identity, document: UUID, store: ObjectStore, now: Now) -> Response[Any]:
    """The bytes, as they were sent, whole or in part (`portal.web.downloads`)."""
    row = await documents.readable(document, by)
    inline = "view" in request.query_params
    name = named_for(row["filename"], row["media_type"])
    file = File(
        row["media_type"],
        row["size"],
        Validators(quoted(row["sha256"]), row["uploaded_at"]),
        partial(store.read, row["key"]),
        {"Content-Disposition": disposition(name, inline=inline), **SANDBOXED},
    )
    note = partial(access_log.note_document, row, "opened" if inline else "downloaded", by=by, now=now)
    return await sent(request, file, note)


@post("/documents/{document:uuid}/withdrawal", may=roles_of(Act.DOCUMENT_WITHDRAWAL))
async def withdraw(request: AppRequest, by: Identity, document: UUID, now: Now) -> Response[Any]:
    """Take a mis-filed scan out of the case."""
    await documents.readable(document, by)
    number, is_new = await documents.withdraw(document, by=by, now=now)
    return done(request, f"/cases/{number}", N_("The document is removed from the case.") if is_new else RECORDED)


HANDLERS = [add, listed, download, withdraw]
