"""Files that were refused, by reason and by program: for whoever looks after the portal, without anything of a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.lifecycle import Role
from portal.services.documents import refused_files
from portal.services.documents.refused_files import Refused
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.words.refused_files import WORDS

MAY = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class RefusedFilesPage:
    template: ClassVar = "refused_files/list.html"
    days: int
    windows: tuple[int, ...]
    found: Refused
    most: int
    words: Mapping[str, Callable[..., str]]


@get("/refusals", may=MAY)
async def show(request: AppRequest, now: Now) -> Response[Any]:
    asked = request.query_params.get("days", "")
    days = next((each for each in refused_files.WINDOWS if str(each) == asked), refused_files.WINDOWS[1])
    found = await refused_files.within(days, now=now)
    return page(request, RefusedFilesPage(days, refused_files.WINDOWS, found, refused_files.MOST, WORDS))


HANDLERS = [show]
