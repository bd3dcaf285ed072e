"""The letter before it is signed: on a page, as a PDF, and page by page as pictures."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.dossiers import Dossier
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services.identity.identity import Identity
from portal.services.letters import drafts, pictures
from portal.services.letters.drafts import Draft
from portal.settings import Settings
from portal.web.identity import AppRequest
from portal.web.responses import disposition, page

MAY = (Role.ORGANIZATION, Role.MINISTER)
UNKEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class DraftPage:
    template: ClassVar = "notice/draft.html"
    case: dict[str, Any]
    pages: int
    sha256: str


@get("/cases/{number:str}/draft", may=MAY)
async def show(request: AppRequest, by: Identity, number: str, settings: Settings) -> Response[Any]:
    dossier, draft = await _draft(by, number, settings)
    return page(request, DraftPage(case=dossier.case, pages=draft.pages, sha256=draft.sha256))


@get("/cases/{number:str}/draft.pdf", may=MAY)
async def download(by: Identity, number: str, settings: Settings) -> Response[bytes]:
    """The letter that the signature would make, marked as a draft."""
    _, draft = await _draft(by, number, settings)
    shown = disposition(f"پیش‌نویس نامه {number}.pdf", inline=True)
    return Response(draft.pdf, media_type="application/pdf", headers={**UNKEPT, "Content-Disposition": shown})


@get("/cases/{number:str}/draft/pages/{n:int}", may=MAY)
async def picture(by: Identity, number: str, n: int, settings: Settings) -> Response[bytes]:
    """A picture of one page of the draft, from 1."""
    _, draft = await _draft(by, number, settings)
    if not 1 <= n <= draft.pages:
        raise NotFound("page")
    drawn = await pictures.of_bytes(draft.pdf, n)
    return Response(drawn.data, media_type="image/jpeg", headers=UNKEPT)


async def _draft(by: Identity, number: str, settings: Settings) -> tuple[Dossier, Draft]:
    return await drafts.of_case(number, by=by, base_url=settings.base_url, seal=settings.seal_kind)


HANDLERS = [show, download, picture]
