"""The register of municipalities, 25 a page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from portal.domain.lifecycle import Role
from portal.services import register, worklists
from portal.web.identity import AppRequest
from portal.web.responses import page

MAY = frozenset({Role.ADMINISTRATOR, Role.ORGANIZATION, Role.AUDITOR})


@get("/municipalities", may=MAY)
async def show(request: AppRequest) -> Response[Any]:
    asked = request.query_params
    text, province, after = asked.get("q", "").strip()[:80], asked.get("province", "")[:2], asked.get("page", "")[:10]
    listing = await register.listing(text=text, province=province, after=after)
    query = {"q": text, "province": province, "page": listing["older"] or ""}
    older = "/municipalities?" + urlencode({name: value for name, value in query.items() if value})
    return page(
        request,
        "municipality/list.html",
        rows=listing["rows"],
        older=older if listing["older"] else None,
        text=text,
        province=province,
        provinces=await worklists.provinces(),
    )


HANDLERS = [show]
