"""The decision letter: on a page, and as a PDF: as it was signed until it is sealed."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, ClassVar, Literal

from litestar import Response, get

from portal.domain import eligibility, letter_codes, persian
from portal.domain.errors import NotFound
from portal.domain.seals import SealState
from portal.services.cases import access_log, assessments, decisions, dossiers
from portal.services.documents import letter_scans
from portal.services.identity.identity import Identity
from portal.services.letters import notices, pictures, seals
from portal.services.letters.seals import Form
from portal.services.rulesets import versions
from portal.storage.objects import ObjectStore
from portal.web.dependencies import Now
from portal.web.downloads import File, sent
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.pages import scorecard
from portal.web.pages.facts import Facts, facts
from portal.web.responses import disposition, page
from portal.web.validators import Validators, quoted


@dataclass(frozen=True, slots=True)
class NoticePage:
    template: ClassVar = "notice/show.html"
    case: dict[str, Any]
    notice: dict[str, Any]
    decision: dict[str, Any] | None  # None once it stands no more
    official: bool  # the score table
    card: dict[str, Any] | None
    facts: Facts | None
    code: str | None  # in groups, of a letter that has one
    next_request: date | None  # where this answer makes the town wait
    seal: SealState
    form: Form  # the bytes that are handed out now
    scans: list[dict[str, Any]]  # of the letter signed by hand, the one that counts first
    may_scan: bool


@get("/cases/{number:str}/notice", may=READERS)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    dossier = await dossiers.open_dossier(number, by)
    case = dossier.case
    notice = await notices.of_case(case["id"])
    await note_reading(notice, number, by, now, "opened")
    decision = await decisions.standing(case["id"])
    assessment = await assessments.latest(case["id"])
    rules = versions.parsed(assessment["source"]) if assessment else None
    day, form = persian.tehran_date(notice["at"]), await seals.current(notice)
    context = NoticePage(
        case=case,
        notice=notice,
        decision=decision,
        official=bool(assessment and assessment["official"]),
        card=scorecard.card(assessment["explanation"], rules) if assessment and rules else None,
        facts=facts(dossier.declaration.as_dict(), assessment, decision) if assessment else None,
        code=letter_codes.grouped(notice["code"]) if notice["code"] else None,
        next_request=eligibility.next_request(rules, case["outcome"], day) if rules else None,
        seal=seals.state(form),
        form=form,
        scans=await letter_scans.of_notice(notice["id"]),
        may_scan=by.role in letter_scans.ATTACHERS,
    )
    return page(request, context)


@get("/cases/{number:str}/notice/pages/{n:int}", may=READERS)
async def picture(by: Identity, number: str, n: int, store: ObjectStore) -> Response[bytes]:
    """A picture of one page of the letter, from 1."""
    notice = await notices.of_case((await dossiers.find(number, by))["id"])
    if not 1 <= n <= notice["pages"]:
        raise NotFound("page")
    drawn = await pictures.of_stored(notice["key"], notice["sha256"], notice["size"], n, store=store)
    return Response(drawn.data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=900"})


@get("/cases/{number:str}/notice.pdf", may=READERS)
async def download(request: AppRequest, by: Identity, number: str, store: ObjectStore, now: Now) -> Response[Any]:
    case = await dossiers.find(number, by)
    notice = await notices.of_case(case["id"])
    form = await seals.current(notice)
    inline = "view" in request.query_params
    file = File(
        "application/pdf",
        form.size,
        Validators(quoted(form.sha256), form.at),
        partial(store.read, form.key),
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


HANDLERS = [show, download, picture]
