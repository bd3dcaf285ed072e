"""The append-only journal, for the auditor: searched by case, person, act and day, each entry checked on the spot."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from litestar import Response, get

from portal.domain.errors import Invalid
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role
from portal.services.archive import receipts
from portal.services.journal import checkpoints, log, witnesses
from portal.services.journal import search as journal_search
from portal.services.journal.search import Criteria
from portal.web import forms
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.statements import tell
from portal.web.words import error_messages, labels

MAY = frozenset({Role.AUDITOR})
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Search:
    q: str = field(metadata={"parser": forms.text(required=False, most=LONGEST)})
    person: str = field(metadata={"parser": forms.text(required=False, most=LONGEST)})
    act: EventKind | None = field(metadata={"parser": forms.choice(EventKind, required=False)})
    day: date | None = field(metadata={"parser": forms.day(required=False)})


@get("/journal", may=MAY)
async def show_list(request: AppRequest) -> Response[Any]:
    typed = {name: request.query_params.getall(name) for name in request.query_params}
    before = request.query_params.get("page", "")
    errors: dict[str, str] = {}
    try:
        search = forms.parse(typed, Search)
        asked = Criteria(search.q, search.person, search.act, search.day)
    except Invalid as error:
        errors, asked = error_messages.of_error(error), Criteria()
    listing = await journal_search.listing(
        asked, before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    )
    return page(
        request,
        "journal/list.html",
        422 if errors else 200,
        typed={name: forms.first(typed.get(name, [])) for name in ("q", "person", "act", "day")},
        acts=[("", ""), *labels.options(EventKind)],
        under=await checkpoints.current(),
        last=await witnesses.last(),
        errors=errors,
        **listing,
    )


@get("/journal/entries/{position:int}", may=MAY)
async def show(request: AppRequest, position: int) -> Response[Any]:
    found = await receipts.check(await log.entry(position))
    return page(request, "journal/entry.html", receipt=found, **tell.words(found.statement))


HANDLERS = [show_list, show]
