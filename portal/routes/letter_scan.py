"""The scan of a letter that was signed by hand, with the number and the date that are on the paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, ClassVar
from uuid import UUID, uuid4

from litestar import Response, get, post

from portal.domain import filenames
from portal.domain.errors import DomainError, Invalid, TooLarge
from portal.services.cases import access_log
from portal.services.documents import letter_scans
from portal.services.documents.letter_scans import ATTACHERS, Paper
from portal.services.identity.identity import Identity
from portal.services.letters import notices
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.web import forms, multipart
from portal.web.dependencies import Now
from portal.web.downloads import SANDBOXED, File, named_for, sent
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import RECORDED, disposition, done, page
from portal.web.validators import Validators, quoted

PATH = "/cases/{number:str}/notice/scan"
ONCE = "once"


@dataclass(frozen=True, slots=True)
class ScanForm:
    letter_number: str = field(metadata={"parser": forms.text(most=60)})
    letter_date: date = field(metadata={"parser": forms.day(required=True)})
    once: UUID | None = field(metadata={"parser": forms.identifier(required=False)})


@dataclass(frozen=True, slots=True)
class ScanPage:
    template: ClassVar = "notice/scan.html"
    case: dict[str, Any]
    notice: dict[str, Any]
    scans: list[dict[str, Any]]
    letter_number: str
    letter_date: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


@get(PATH, may=ATTACHERS)
async def show(request: AppRequest, by: Identity, number: str) -> Response[Any]:
    return await draw(request=request, by=by, number=number)


async def draw(
    request: AppRequest,
    by: Identity,
    number: str,
    now: Now | None = None,
    store: ObjectStore | None = None,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    case = await letter_scans.approach(number, by)
    notice = await notices.of_case(case["id"])
    context = ScanPage(
        case=case,
        notice=notice,
        scans=await letter_scans.of_notice(notice["id"]),
        letter_number=said.first("letter_number"),
        letter_date=said.first("letter_date"),
        hidden={ONCE: said.first(ONCE) or str(uuid4())},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=ATTACHERS, request_max_body_size=None)
@rerender_on_error(draw)
async def attach(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    """Take the scan: streamed into the store, checked, then recorded."""
    limit = settings.upload_limit

    async def receive(filename: str, chunks: Any) -> Any:
        announced = multipart.announced(request)
        return await letter_scans.receive(number, chunks=chunks, limit=limit, store=store, announced=announced)

    try:
        await letter_scans.approach(number, by)
        typed, filename, (scan, stored) = await multipart.read(request, "file", limit, receive)
    except DomainError as error:
        await multipart.drain(request)
        raise TooLarge("file-too-large", size=limit) if isinstance(error, TooLarge) else error from error
    try:
        form = forms.parse(typed, ScanForm)
    except Invalid:
        stored.drop_spool()
        await store.remove(stored.key)
        raise
    paper = Paper(form.letter_number, form.letter_date, filenames.clean(filename), form.once)
    is_new = await letter_scans.attach(number, scan, stored, paper, by=by, store=store, now=now)
    attached = N_("The scan is attached and shown beside the letter.")
    return done(request, f"/cases/{number}/notice", attached if is_new else RECORDED)


@get(f"{PATH}/{{scan:uuid}}", may=READERS)
async def download(
    request: AppRequest, by: Identity, number: str, scan: UUID, store: ObjectStore, now: Now
) -> Response[Any]:
    """The bytes, as they were sent, whole or in part."""
    row = await letter_scans.readable(number, scan, by)
    inline = "view" in request.query_params
    name = named_for(row["filename"], row["media_type"])
    file = File(
        row["media_type"],
        row["size"],
        Validators(quoted(row["sha256"]), row["at"]),
        partial(store.read, row["key"]),
        {"Content-Disposition": disposition(name, inline=inline), **SANDBOXED},
    )
    note = partial(access_log.note_document, {**row, "number": number}, "opened" if inline else "downloaded")
    return await sent(request, file, partial(note, by=by, now=now))


HANDLERS = [show, attach, download]
