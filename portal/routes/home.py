"""The public face: the service's card, and the switch of languages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.response import Redirect

from portal import texts
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.tables.acts import Notice
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.identity import LANGUAGE, AppRequest
from portal.web.responses import page

YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class HomePage:
    template: ClassVar = "home/index.html"
    notified_count: int
    upload_limit: int
    rules: dict[str, Any] | None


@get("/", public=True, compressed=True)
async def home(request: AppRequest, settings: Settings, now: Now) -> Response[Any]:
    """The service card; signed in, the work list, or what has to come before it."""
    by = request.scope.get("user")
    if by is not None and not by.confirmed:
        return Redirect("/account", status_code=303)
    if by is not None:
        return Redirect("/accounts" if by.role is Role.ADMINISTRATOR else "/cases", status_code=303)
    return await _card(request, settings, now)


@get("/service", public=True, compressed=True)
async def service(request: AppRequest, settings: Settings, now: Now) -> Response[Any]:
    """The service card, for those signed in too."""
    return await _card(request, settings, now)


async def _card(request: AppRequest, settings: Settings, now: datetime) -> Response[Any]:
    return page(request, HomePage(await Notice.count(), settings.upload_limit, await versions.in_force(now)))


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


HANDLERS = [home, service, switch_language]
