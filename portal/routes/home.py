"""The public face: the service's card, and the switch of languages."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.response import Redirect

from portal import texts
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.settings import Settings
from portal.tables.acts import Notice
from portal.web import forms
from portal.web.identity import LANGUAGE, AppRequest
from portal.web.responses import page

YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class HomePage:
    template: ClassVar = "home/index.html"
    notified_count: int
    upload_limit: int


@get("/", public=True)
async def home(request: AppRequest, settings: Settings) -> Response[Any]:
    """The service card; signed in, the work list, or what has to come before it."""
    by = request.scope.get("user")
    if by is not None and not by.confirmed:
        return Redirect("/account", status_code=303)
    if by is not None:
        return Redirect("/accounts" if by.role is Role.ADMINISTRATOR else "/cases", status_code=303)
    return page(request, HomePage(notified_count=await Notice.count(), upload_limit=settings.upload_limit))


@post("/language/{code:str}", public=True)
async def switch_language(request: AppRequest, code: str, settings: Settings) -> Response[Any]:
    """Show every page in that language from now on, and go back to where it was chosen."""
    if code not in texts.LOCALES:
        raise NotFound("language")
    response = Redirect(await forms.sent_from(request), status_code=303)
    response.set_cookie(
        LANGUAGE, code, max_age=YEAR, httponly=True, samesite="lax", path="/", secure=settings.is_secure
    )
    return response


HANDLERS = [home, switch_language]
