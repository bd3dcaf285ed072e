"""Who is asking: the session's cookie, read once a request, with one query."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from portal import texts
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, styled
from portal.services.administration import waiting
from portal.services.authentication import devices, sessions
from portal.services.authentication.devices import Device
from portal.services.identity.identity import Identity
from portal.settings import Settings

COOKIE = "daraje_session"
SECURE_COOKIE = "__Host-daraje_session"
DEVICE = "daraje_device"
SECURE_DEVICE = "__Host-daraje_device"
LANGUAGE = "daraje_language"
NOBODYS = (
    "/health/",
    "/static/",
    "/favicon.ico",
    "/apple-touch-icon",
    "/robots.txt",
    "/manifest.webmanifest",
)  # the same for everybody: they need no database

AppRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """The session behind a request. `proved` is false between the password and the second step.

    `cautions` are what its person has not put away yet: `id`, `kind`, `times`; `approvals` how many wait for them, 0
    where that was not asked.
    """

    id: UUID
    proved: bool
    by: Identity
    cautions: tuple[dict[str, Any], ...] = ()
    approvals: int = 0


class Language:
    """Puts the language of a request into `texts.locale`: before everything that may refuse it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: AppRequest = Request(scope)
            texts.locale.set(language(request, request.app.state.settings.locale))
        await self.app(scope, receive, send)


class IdentityMiddleware:
    """Puts the `Login` of a request (or None) into its scope."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: AppRequest = Request(scope)
            app = request.app
            token = request.cookies.get(cookie_name(app.state.settings))
            asks = not scope["path"].startswith(NOBODYS)
            login = await find(token, app.state.clock(), whole=_is_whole(request)) if token and asks else None
            scope["auth"] = replace(login, by=placed(login.by, request)) if login else None
            scope["user"] = scope["auth"].by if scope["auth"] and scope["auth"].proved else None
            scope["approvals_waiting"] = login.approvals if login else 0  # type: ignore[typeddict-unknown-key]
        await self.app(scope, receive, send)


def _is_whole(request: AppRequest) -> bool:
    """Whether a whole page is asked for, whose top bar says how many approvals wait; no file and no fragment does."""
    path = request.url.path
    return request.method == "GET" and "hx-request" not in request.headers and not path.startswith("/documents/")


def cookie_name(settings: Settings) -> str:
    """The session cookie's name: over HTTPS one that a browser binds to this very host (RFC 6265bis §4.1.3.2)."""
    return SECURE_COOKIE if settings.is_secure else COOKIE


def sign_in(response: Response[Any], token: str, settings: Settings) -> None:
    """Give the browser the session's token, for as long as it stays open."""
    _set(response, cookie_name(settings), token, settings)


def sign_out(response: Response[Any], settings: Settings) -> None:
    """Take the token back. A browser minds a `__Host-` cookie's end, too, only with all its attributes."""
    _set(response, cookie_name(settings), "", settings, max_age=0)


def _set(response: Response[Any], name: str, value: str, settings: Settings, max_age: int | None = None) -> None:
    """A cookie for this host alone, out of scripts' reach; the flags follow PORTAL_BASE_URL."""
    response.set_cookie(
        name, value, path="/", httponly=True, samesite="lax", secure=settings.is_secure, max_age=max_age
    )


def device_of(request: AppRequest) -> Device:
    """The device that a request comes from, by its sealed cookie; a new one for a browser without."""
    return devices.opened(request.cookies.get(SECURE_DEVICE if request.app.state.settings.is_secure else DEVICE))


def remember_device(response: Response[Any], request: AppRequest, person: UUID, settings: Settings) -> None:
    """Both steps are proved here: give this device a budget of tries of its own (`devices`)."""
    name = SECURE_DEVICE if settings.is_secure else DEVICE
    kept = devices.seal(device_of(request).remembering(person))
    _set(response, name, kept, settings, max_age=int(devices.GOOD_FOR.total_seconds()))


def address_of(request: AppRequest) -> str:
    """The visitor's address, as the trusted proxies say it (`portal.web.proxies`)."""
    return request.client.host if request.client else ""


def placed(by: Identity, request: AppRequest) -> Identity:
    """`by`, with the address and the device that the request comes from."""
    return replace(by, address=address_of(request), device=device_of(request).knows(by.id))


def language(request: AppRequest, default: str) -> str:
    """The chosen language, else the portal's own."""
    chosen = request.cookies.get(LANGUAGE, default)
    return chosen if chosen in texts.LOCALES else default


async def find(token: str, now: datetime, *, whole: bool = False) -> Login | None:
    """The login behind a cookie's value, if it still stands; for a `whole` page with the approvals that wait."""
    row = await sessions.standing(sessions.digest(token), now, waiting.counted(now) if whole else None)
    if row is None:
        return None
    cautions = json.loads(row["cautions"] or "[]")
    return Login(
        row["session"], row["proved_at"] is not None, as_identity(row), tuple(cautions), row.get("approvals", 0)
    )


def as_identity(row: dict[str, Any]) -> Identity:
    """The person of a joined row of `sessions.standing`."""
    kind, role = MandateKind(row["mandate_kind"]), Role(row["role"])
    return Identity(
        id=row["person"],
        username=row["username"],
        full_name=row["full_name"],
        title=styled(kind, row["title"]),
        role=role,
        municipality=row["municipality"],
        province=row["province"],
        place_name=row["place_name"] or "",
        session=row["session"],
        mandate=row["mandate"],
        mandate_kind=kind,
        confirmed=row["confirmed"],
        restoring=row["restoring"],
    )
