"""The decision letter: on a page, and as the PDF that was signed."""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

from litestar import Response, get

from portal.services.cases import access_log, assessments, decisions, dossiers
from portal.services.identity.identity import Identity
from portal.services.letters import notices
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.downloads import File, sent
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.responses import disposition, page
from portal.web.validators import Validators, quoted


@dataclass(frozen=True, slots=True)
class NoticePage:
    template: ClassVar = "notice/show.html"
    case: dict[str, Any]
    notice: dict[str, Any]
    decision: dict[str, Any] | None  # None once it stands no more
    official: bool  # the score table


@get("/cases/{number:str}/notice", may=READERS)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    case = await dossiers.find(number, by)
    notice = await notices.of_case(case["id"])
    await note_reading(notice, number, by, now, "opened")
    decision = await decisions.standing(case["id"])
    assessment = await assessments.latest(case["id"])
    official = bool(assessment and assessment["official"])
    context = NoticePage(case=case, notice=notice, decision=decision, official=official)
    return page(request, context)


@get("/cases/{number:str}/notice.pdf", may=READERS)
async def download(request: AppRequest, by: Identity, number: str, store: ObjectStore, now: Now) -> Response[Any]:
    case = await dossiers.find(number, by)
    notice = await notices.of_case(case["id"])
    inline = "view" in request.query_params
    file = File(
        "application/pdf",
        notice["size"],
        Validators(quoted(notice["sha256"]), notice["at"]),
        partial(store.read, notice["key"]),
        {"Content-Disposition": disposition(f"ابلاغ درجه {case['town']} {number}.pdf", inline=inline)},
    )
    return await sent(
        request, file, partial(note_reading, notice, number, by, now, "opened" if inline else "downloaded")
    )


async def note_reading(
    notice: dict[str, Any], number: str, by: Identity, now: Now, how: Literal["opened", "downloaded"]
) -> None:
    """Leave a line in the access log: `by` opened or downloaded the letter of case `number`."""
    await access_log.note("letter", how, by=by, subject=number, number=number, name=notice["number"], now=now)


HANDLERS = [show, download]
