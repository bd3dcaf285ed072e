"""Files that were refused, by reason and by program: for whoever looks after the portal, without anything of a case."""

from typing import Any

from litestar import Response, get

from portal.domain.lifecycle import Role
from portal.services import refusedfiles
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.refusedfiles import WORDS
from portal.web.responses import page

MAY = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@get("/refusals", may=MAY)
async def show(request: AppRequest, now: Now) -> Response[Any]:
    asked = request.query_params.get("days", "")
    days = next((each for each in refusedfiles.WINDOWS if str(each) == asked), refusedfiles.WINDOWS[1])
    found = await refusedfiles.within(days, now=now)
    windows, most = refusedfiles.WINDOWS, refusedfiles.MOST
    return page(request, "refusedfiles/list.html", 200, days=days, windows=windows, found=found, most=most, words=WORDS)


HANDLERS = [show]
