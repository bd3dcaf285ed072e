"""The append-only journal, for the auditor: a list, and each entry's statement."""

import json
from typing import Any

from litestar import Response, get

from portal.domain.lifecycle import Role
from portal.services import journal
from portal.web.identity import AppRequest
from portal.web.responses import page

MAY = frozenset({Role.AUDITOR})


@get("/journal", may=MAY)
async def show_list(request: AppRequest) -> Response[Any]:
    asked = request.query_params
    subject = asked.get("q", "").strip()[:64]
    before = asked.get("page", "")
    listing = await journal.listing(
        subject=subject, before=int(before) if before.isascii() and before.isdigit() else None
    )
    return page(request, "journal/list.html", text=subject, **listing)


@get("/journal/entries/{position:int}", may=MAY)
async def show(request: AppRequest, position: int) -> Response[Any]:
    row = await journal.entry(position)
    statement = json.loads(row["statement"])
    return page(
        request,
        "journal/entry.html",
        entry=row,
        statement=statement,
        text=json.dumps(statement, ensure_ascii=False, indent=2),
        intact=journal.is_intact(row),
    )


HANDLERS = [show_list, show]
