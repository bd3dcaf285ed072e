"""Cases: the work list, a new one, and the page of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain import lifecycle, lists, persian
from portal.domain.errors import Conflict
from portal.domain.lifecycle import Role
from portal.services.cases import cases, dossiers, worklists
from portal.services.cases.worklists import Cursor, Listing, Query
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.web.dependencies import Now
from portal.web.guards import READERS
from portal.web.identity import AppRequest
from portal.web.pages import case, worklist
from portal.web.pages.worklist import Line
from portal.web.responses import done, is_fragment, narrowed, page, values_of

MUNICIPALITY = frozenset({Role.MUNICIPALITY})


@dataclass(frozen=True, slots=True)
class CaseRows:
    template: ClassVar = "case/_rows.html"
    lines: Sequence[Line]
    query: Query
    hits: int | None  # of a search
    whole: bool  # whether the page around the rows comes with them
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class CaseList(CaseRows):
    template: ClassVar = "case/list.html"
    tabs: Sequence[str]
    counts: dict[str, int]
    count_to: int
    provinces: list[tuple[str, str]]
    open_number: str | None
    four_eyes: str


@get("/cases", may=READERS)
async def work_list(request: AppRequest, by: Identity, now: Now, settings: Settings) -> Response[Any]:
    """What waits for me, or any other list of the cases that I may see."""
    query, today = _query(request, by), persian.tehran_date(now)
    if is_fragment(request, "case-rows"):
        return page(request, await _rows(by, await worklists.find(by, query, today), query, now, whole=False))
    listing, counts = await worklists.find_counted(by, query, today)
    context = CaseList(
        **values_of(await _rows(by, listing, query, now, whole=True)),
        tabs=_tabs(by, query, counts),
        counts=counts,
        count_to=lists.COUNT_TO,
        provinces=await worklists.provinces() if by.role not in (Role.MUNICIPALITY, Role.GOVERNORATE) else [],
        open_number=await cases.open_number(by) if by.role is Role.MUNICIPALITY else None,
        four_eyes=settings.four_eyes_state,
    )
    return page(request, context)


async def _rows(by: Identity, listing: Listing, query: Query, now: datetime, *, whole: bool) -> CaseRows:
    hits = await worklists.hits(by, query, listing) if query.text or query.province else None
    newer, older = _address(query, listing.newer), _address(query, listing.older)
    return CaseRows(worklist.lines(listing.rows, now), query, hits, whole, newer, older)


def _tabs(by: Identity, query: Query, counts: dict[str, int]) -> list[str]:
    """The filters that hold something, the one that is shown, and those that nobody should look for in vain."""
    always = (query.state, lists.WAITING, lists.ALL)
    return [each for each in worklists.tabs(by.role) if counts.get(each) or each in always]


def _query(request: AppRequest, by: Identity) -> Query:
    """What the address asks for; what makes no sense is left out."""
    asked = request.query_params
    state = asked.get("state", "")
    known = {lists.ALL, lists.WAITING, *lifecycle.State}
    return Query(
        state if state in known else worklists.default_tab(by.role),
        asked.get("q", "").strip()[:80],
        asked.get("province", "")[:2],
        worklists.cursor(asked.get("page", "")),
    )


def _address(query: Query, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    parts = {"state": query.state, "q": query.text, "province": query.province, "page": str(cursor)}
    return narrowed("/cases", parts)


@dataclass(frozen=True, slots=True)
class NewCasePage:
    template: ClassVar = "case/new.html"


@get("/cases/new", may=MUNICIPALITY)
async def new_case(request: AppRequest, by: Identity) -> Response[Any]:
    """The page that opens a case; with one open already, that one."""
    if number := await cases.open_number(by):
        return done(request, f"/cases/{number}")
    return page(request, NewCasePage())


@post("/cases", may=MUNICIPALITY)
async def open_case(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    """Open a case; a second POST leads to the one that is open."""
    try:
        number = await cases.open_case(by=by, now=now)
    except Conflict as conflict:
        number = conflict.facts["number"]
    return done(request, f"/cases/{number}")


@get("/cases/{number:str}", may=READERS)
async def show_case(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """Where the case is, whose turn it is, and what to do now."""
    dossier = await dossiers.open_dossier(number, by)
    fragment = "case/_work.html" if is_fragment(request, "case-work") else None
    return page(request, await case.context(dossier, by, now), fragment=fragment)


HANDLERS = [work_list, new_case, open_case, show_case]
