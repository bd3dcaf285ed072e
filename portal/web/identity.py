"""Who is asking: the session's cookie, read once a request, with one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from portal import texts
from portal.domain.lifecycle import Role
from portal.services import accounts, sessions
from portal.services.people import Identity
from portal.settings import Settings

COOKIE = "daraje_session"
SECURE_COOKIE = "__Host-daraje_session"
LANGUAGE = "daraje_language"

AppRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """The session behind a request. `proved` is false between the password and the second step."""

    id: UUID
    proved: bool
    by: Identity


class IdentityMiddleware:
    """Puts the `Login` of a request (or None) into its scope, and its language into `texts.locale`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: AppRequest = Request(scope)
            app = request.app
            texts.locale.set(language(request, app.state.settings.locale))
            token = request.cookies.get(cookie_name(app.state.settings))
            scope["auth"] = await find(token, app.state.clock()) if token else None
            scope["user"] = scope["auth"].by if scope["auth"] and scope["auth"].proved else None
        await self.app(scope, receive, send)


def cookie_name(settings: Settings) -> str:
    """The session cookie's name: over HTTPS one that a browser binds to this very host (RFC 6265bis §4.1.3.2)."""
    return SECURE_COOKIE if settings.base_url.startswith("https://") else COOKIE


def sign_in(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser the session's token, for as long as it stays open."""
    name = cookie_name(settings)
    response.set_cookie(name, token, path="/", httponly=True, samesite="lax", secure=name == SECURE_COOKIE)


def sign_out(response: Response[Any], settings: Settings) -> None:
    """Take the token back. A browser minds a `__Host-` cookie's end, too, only with all its attributes."""
    name = cookie_name(settings)
    response.set_cookie(name, "", max_age=0, path="/", httponly=True, samesite="lax", secure=name == SECURE_COOKIE)


def address_of(request: AppRequest) -> str:
    """The visitor's address, behind trusted proxies too."""
    return request.client.host if request.client else ""


def language(request: AppRequest, default: str) -> str:
    """The chosen language, else the portal's own."""
    chosen = request.cookies.get(LANGUAGE, default)
    return chosen if chosen in texts.LOCALES else default


async def find(token: str, now: datetime) -> Login | None:
    """The login behind a cookie's value, if it still stands."""
    row = await sessions.standing(accounts.digest(token), now)
    return Login(row["session"], row["proved_at"] is not None, as_identity(row)) if row else None


def as_identity(row: dict[str, Any]) -> Identity:
    """The person of a joined row of `sessions.standing`."""
    return Identity(
        id=row["person"],
        username=row["username"],
        full_name=row["full_name"],
        title=row["title"],
        role=Role(row["role"]),
        municipality=row["municipality"],
        province=row["province"],
        place_name=row["place_name"] or "",
        session=row["session"],
    )
