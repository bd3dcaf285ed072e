"""Every component in its states, for whoever draws the next page; a demo's alone."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get

from portal.domain.errors import NotFound
from portal.settings import Settings
from portal.web.identity import AppRequest
from portal.web.responses import page


@dataclass(frozen=True, slots=True)
class PatternsPage:
    template: ClassVar = "components/patterns.html"


@get("/patterns", public=True)
async def show(request: AppRequest, settings: Settings) -> Response[Any]:
    """The page, where nothing is real; in production there is none."""
    if not settings.demo:
        raise NotFound("page")
    return page(request, PatternsPage())


HANDLERS = [show]
