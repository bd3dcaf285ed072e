"""Documents: sent into a case, read, replaced, taken out again."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.response import Stream

from portal.domain import filenames
from portal.domain.declarations import Kind
from portal.domain.errors import DomainError, Invalid, TooLarge
from portal.domain.lifecycle import Act, Role
from portal.domain.permissions import roles_of
from portal.services import documents, dossiers, readings, signoffs
from portal.services.documents import Filing
from portal.services.people import Identity
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.web import casepage, forms, multipart
from portal.web.again import again
from portal.web.dependencies import Now
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.responses import RECORDED, begun, disposition, done, page
from portal.web.signoffs import NOTHING, Said

READERS = EVERYBODY - {Role.ADMINISTRATOR}
OLDEST, NEWEST = 1300, 1500  # settled years
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
}


@dataclass(frozen=True, slots=True)
class FilingForm:
    kind: Kind = field(metadata={"parser": forms.choice(Kind)})
    year: int | None = field(metadata={"parser": forms.whole(least=OLDEST, most=NEWEST)})
    replaces: UUID | None = field(metadata={"parser": forms.identifier(required=False)})
    once: UUID | None = field(metadata={"parser": forms.identifier(required=False)})

    def filing(self, filename: str) -> Filing:
        """Where the file belongs.

        Raises:
            Invalid: a settled budget without its year.
        """
        if self.kind is Kind.SETTLEMENT and self.year is None:
            raise Invalid({"year": "blank"})
        year = self.year if self.kind is Kind.SETTLEMENT else None
        return Filing(self.kind, year, self.replaces, filenames.clean(filename), self.once)


async def draw(
    request: AppRequest,
    by: Identity,
    number: str,
    now: Now,
    store: ObjectStore | None = None,
    settings: Settings | None = None,
    said: Said = NOTHING,
) -> Response[Any]:
    """The case's page again, with what was refused."""
    dossier = await dossiers.open_dossier(number, by)
    context = await casepage.context(dossier, by, now)
    return page(request, "case/show.html", said.status, **{**context, "errors": said.errors})


@post("/cases/{number:str}/documents", may=roles_of(Act.DOCUMENT), request_max_body_size=None)
@again(draw)
async def add(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    """Take one file: streamed into the store, checked, then recorded."""
    limit = settings.upload_limit
    try:
        await signoffs.approach(number, Act.DOCUMENT, by)

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
    received = N_("The document is received and checked.")
    return done(request, f"/cases/{number}", received if kept == document else RECORDED)


def _worded(error: DomainError, limit: int) -> DomainError:
    return TooLarge("file-too-large", size=limit) if isinstance(error, TooLarge) else error


@get("/cases/{number:str}/documents", may=READERS)
async def listed(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """The documents stand on the case's own page."""
    return await draw(request=request, by=by, number=number, now=now)


@get("/documents/{document:uuid}", may=READERS)
async def download(request: AppRequest, by: Identity, document: UUID, store: ObjectStore, now: Now) -> Response[Any]:
    """The bytes, as they were sent, whole or in part (RFC 9110 §14)."""
    row = await documents.readable(document, by)
    inline = "view" in request.query_params
    headers = {
        "Content-Disposition": disposition(named_for(row["filename"], row["media_type"]), inline=inline),
        "Accept-Ranges": "bytes",
        "ETag": f'"{row["sha256"]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    asked = parse_range(request.headers.get("range"), row["size"])
    start, length = asked or (0, row["size"])
    if asked and length <= 0:
        return Response(
            "", status_code=416, media_type=MediaType.TEXT, headers={"Content-Range": f"bytes */{row['size']}"}
        )
    headers["Content-Length"] = str(length)
    if asked:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row['size']}"
    pieces = await begun(store.read(row["key"], start, length if asked else None))
    await note_reading(request, row, by, now, "opened" if inline else "downloaded")
    return Stream(pieces, status_code=206 if asked else 200, media_type=row["media_type"], headers=headers)


def named_for(filename: str, media_type: str) -> str:
    """The name under which a file is handed out: whatever it was called, its ending says what its bytes are."""
    endings = ENDINGS[media_type]
    return filename if filename.casefold().endswith(endings) else filename + endings[0]


async def note_reading(
    request: AppRequest, row: dict[str, Any], by: Identity, now: Now, how: Literal["opened", "downloaded"]
) -> None:
    """Leave a line in the access log: `by` opened or downloaded the document `row`."""
    await readings.note(
        "document",
        how,
        by=by,
        subject=str(row["id"]),
        number=row["number"],
        name=row["filename"],
        now=now,
    )


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and length of the one range that `header` asks for; length 0 for none that fits; None: the whole file."""
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", (header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return start, max(0, end - start + 1) if start < size else 0


@post("/documents/{document:uuid}/withdrawal", may=roles_of(Act.DOCUMENT_WITHDRAWAL))
async def withdraw(request: AppRequest, by: Identity, document: UUID, now: Now) -> Response[Any]:
    """Take a mis-filed scan out of the case."""
    await documents.readable(document, by)
    number, is_new = await documents.withdraw(document, by=by, now=now)
    return done(request, f"/cases/{number}", N_("The document is taken out of the case.") if is_new else RECORDED)


HANDLERS = [add, listed, download, withdraw]
