"""The append-only journal, for the auditor: searched by case, person, act and day, each entry checked on the spot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.errors import Invalid
from portal.domain.events import EventKind
from portal.domain.lifecycle import Role
from portal.services.archive import receipts
from portal.services.archive.receipts import Receipt
from portal.services.journal import checkpoints, log, witnesses
from portal.services.journal import search as journal_search
from portal.services.journal.checkpoints import Signed
from portal.services.journal.search import Criteria
from portal.texts import gettext
from portal.web import forms
from portal.web.identity import AppRequest
from portal.web.responses import narrowed, page
from portal.web.statements import tell
from portal.web.statements.tell import Sealed, Told
from portal.web.words import error_messages, labels

MAY = frozenset({Role.AUDITOR})
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Search:
    q: str = field(metadata={"parser": forms.text(required=False, most=LONGEST)})
    person: str = field(metadata={"parser": forms.text(required=False, most=LONGEST)})
    act: EventKind | None = field(metadata={"parser": forms.choice(EventKind, required=False)})
    day: date | None = field(metadata={"parser": forms.day(required=False)})


@dataclass(frozen=True, slots=True)
class JournalList:
    template: ClassVar = "journal/list.html"
    typed: Mapping[str, str]
    acts: list[tuple[str, str]]
    under: Signed
    last: dict[str, Any] | None
    errors: Mapping[str, str]
    rows: list[dict[str, Any]]
    older: str | None
    hits: int | None  # of a search


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
    said = {name: forms.first(typed.get(name, [])) for name in ("q", "person", "act", "day")}
    context = JournalList(
        typed=said,
        rows=listing["rows"],
        older=_address(said, listing["older"]),
        hits=await journal_search.hits(asked) if asked != Criteria() else None,
        acts=[("", gettext("All events")), *labels.options(EventKind)],
        under=await checkpoints.current(),
        last=await witnesses.last(),
        errors=errors,
    )
    return page(request, context, 422 if errors else 200)


def _address(said: Mapping[str, str], older: int | None) -> str | None:
    """Where the list goes on; what was not asked is left out."""
    if older is None:
        return None
    return narrowed("/journal", {"page": older, **said})


@dataclass(frozen=True, slots=True)
class JournalEntryPage:
    template: ClassVar = "journal/entry.html"
    receipt: Receipt
    act: str | None
    told: Told | None
    record: Sealed | None


@get("/journal/entries/{position:int}", may=MAY)
async def show(request: AppRequest, position: int) -> Response[Any]:
    found = await receipts.check(await log.entry(position))
    return page(request, JournalEntryPage(receipt=found, **tell.words(found.statement)))


HANDLERS = [show_list, show]
