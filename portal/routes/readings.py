"""Who read what of a case: for its own municipality and the auditor."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.services.cases import access_log
from portal.services.identity.identity import Identity
from portal.web.identity import AppRequest
from portal.web.responses import page


@dataclass(frozen=True, slots=True)
class ReadingList:
    template: ClassVar = "readings/list.html"
    number: str
    rows: list[dict[str, Any]]
    older: int | None


@get("/cases/{number:str}/readings", may=access_log.READERS)
async def show(request: AppRequest, by: Identity, number: str) -> Response[Any]:
    asked = request.query_params.get("page", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    found = await access_log.of_case(number, by=by, before=before)
    return page(request, ReadingList(number=number, **found))


HANDLERS = [show]
