"""Published score tables, for those who work with them."""

from typing import Any

from litestar import Response, get

from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services import rulesets
from portal.web.identity import AppRequest
from portal.web.responses import page

MAY = frozenset({Role.ORGANIZATION, Role.ADMINISTRATOR, Role.AUDITOR})


@get("/rulesets", may=MAY)
async def show_list(request: AppRequest) -> Response[Any]:
    return page(request, "ruleset/list.html", rows=await rulesets.published())


@get("/rulesets/{digest:str}", may=MAY)
async def show(request: AppRequest, digest: str) -> Response[Any]:
    row = await rulesets.named(digest)
    if row is None:
        raise NotFound("ruleset")
    return page(request, "ruleset/show.html", row=row, rules=rulesets.parsed(row["source"]))


HANDLERS = [show_list, show]
