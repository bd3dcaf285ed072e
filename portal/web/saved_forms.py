"""A form that outlives its session is not lost: what was typed stands in it again after signing in.

The guard keeps what an ended session sends, sign-in leads back to the form's page with `?kept=…`, and there every
`Said` that says nothing says what was kept. No JavaScript, and no handler knows of it.
"""

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from portal.domain.persian import fold_letters
from portal.services.authentication import encryption, saved_forms, sessions
from portal.services.identity.identity import Identity
from portal.web import forms
from portal.web.bodies import in_time
from portal.web.identity import AppRequest, cookie_name
from portal.web.navigation import local
from portal.web.secret_addresses import holds_secret

FIELD = "kept"
SECRET = frozenset({"shown", "code", "assertion", "challenge", "credential", "recovery_code", "next"})
"""What proves a person, what seals a page, or the page's own address: shown anew, never typed again for them."""
NUMBER = re.compile(r"[0-9]{1,18}")
READABLE = 1_000_000  # bytes: a form with a scan in it is not read to be refused
_NOTHING: Mapping[str, list[str]] = MappingProxyType({})
_before: ContextVar[Mapping[str, list[str]]] = ContextVar("typed before", default=_NOTHING)


class TypedBefore(Mapping[str, list[str]]):
    """What was typed into this page's form before the session ended; empty on any other page."""

    def __getitem__(self, name: str) -> list[str]:
        return _before.get()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_before.get())

    def __len__(self) -> int:
        return len(_before.get())


BEFORE = TypedBefore()


async def keep(request: AppRequest) -> UUID | None:
    """Keep the form that a request brings too late; the id to find it by, None for nothing worth keeping."""
    token = request.cookies.get(cookie_name(request.app.state.settings))
    length = request.headers.get("content-length", "")
    if request.method != "POST" or not token or not NUMBER.fullmatch(length) or int(length) > READABLE:
        return None
    owned = sessions.digest(token)
    if not await saved_forms.may_keep(owned, now=request.app.state.clock()):
        return None
    typed = await in_time(forms.sent(request, READABLE))
    sealed = encryption.verified("shown", fold_letters(typed.get("shown", [""])[0])) or {}
    typed = {**(sealed.get("typed") or {}), **typed}
    typed = {name: each for name, each in typed.items() if each and name not in SECRET and "password" not in name}
    return await saved_forms.keep(owned, page_of(request), typed, now=request.app.state.clock())


def page_of(request: AppRequest) -> str:
    """The path of the page with the form that posts here: where the browser says it was, else by the house's rule."""
    referer = local(request.headers.get("referer", "")).partition("?")[0]
    if referer != "/" and not holds_secret(referer):
        return referer
    path = request.url.path
    return f"{path}/new" if path.count("/") == 1 else path


def back_to(path: str, kept: UUID | None) -> str:
    """The address at which the form shows what was kept."""
    return f"{path}?{urlencode({FIELD: kept})}" if kept else path


class Recall:
    """On the page that `?kept=` leads to, lets the form say what was typed before (`scope["recalled"]`)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: AppRequest = Request(scope)
            found = await recall(request) if FIELD in request.query_params and scope["method"] == "GET" else None
            _before.set(found or _NOTHING)
            scope["recalled"] = bool(found)  # type: ignore[typeddict-unknown-key]
        await self.app(scope, receive, send)


async def recall(request: AppRequest) -> Mapping[str, list[str]] | None:
    """What the signed-in person had typed on this page, if its address says that it was kept."""
    by: Identity | None = request.scope.get("user")
    try:
        kept = UUID(request.query_params.get(FIELD, ""))
    except ValueError:
        return None
    if by is None:
        return None
    return await saved_forms.find(kept, person=by.id, path=request.url.path, now=request.app.state.clock())
