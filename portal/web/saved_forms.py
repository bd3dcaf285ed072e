"""What was typed into a form is not lost: it stands there again where its session had ended, or its review waits.

The guard keeps what an ended session sends, and sign-in leads back to the form's page with `?kept=…`. Whoever goes back
from a review comes to its form by the form's own address; its handler says `recalls=True`. In both cases every
`FormState` that says nothing says what was kept. No JavaScript, and no handler knows of it.
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

from portal.services.authentication import saved_forms, sessions
from portal.services.identity.identity import Identity
from portal.services.signing import reviews
from portal.web import forms
from portal.web.bodies import in_time
from portal.web.identity import AppRequest, cookie_name
from portal.web.navigation import local
from portal.web.secret_addresses import holds_secret

FIELD = "kept"
SECRET = frozenset({"shown", "review", "code", "assertion", "challenge", "credential", "recovery_code", "next"})
"""What proves a person, what seals a page, or the page's own address: shown anew, never typed again for them."""
NUMBER = re.compile(r"[0-9]{1,18}")
READABLE = 1_000_000  # bytes: a form with a scan in it is not read to be refused
LONGEST = 300  # characters of the path of a page with a form
_NOTHING: Mapping[str, list[str]] = MappingProxyType({})
_before: ContextVar[Mapping[str, list[str]]] = ContextVar("typed before", default=_NOTHING)


class TypedBefore(Mapping[str, list[str]]):
    """What was typed into this page's form before; empty where there was nothing."""

    def __getitem__(self, name: str) -> list[str]:
        return _before.get()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_before.get())

    def __len__(self) -> int:
        return len(_before.get())


BEFORE = TypedBefore()


async def keep(request: AppRequest) -> tuple[str, UUID | None]:
    """Keep the form that a request brings too late.

    Returns:
        The path of its page, and the id to find it by there: None for nothing worth keeping, and for the code of a
        review, which keeps its values itself.
    """
    page = page_of(request)
    token = request.cookies.get(cookie_name(request.app.state.settings))
    length = request.headers.get("content-length", "")
    if (
        len(page) > LONGEST
        or request.method != "POST"
        or not token
        or not NUMBER.fullmatch(length)
        or int(length) > READABLE
    ):
        return page, None
    owned = sessions.digest(token)
    if not await saved_forms.may_keep(owned, now=request.app.state.clock()):
        return page, None
    typed = await in_time(forms.sent(request, READABLE))
    if review := identifier(forms.first(typed.get("review", []))):
        return f"/reviews/{review}", None
    typed = {name: each for name, each in typed.items() if each and name not in SECRET and "password" not in name}
    return page, await saved_forms.keep(owned, page, typed, now=request.app.state.clock())


def identifier(text: str) -> UUID | None:
    """The id that `text` says; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def page_of(request: AppRequest) -> str:
    """The path of the page with the form that posts here: where the browser says it was, else by the house's rule.

    That holds too for a form that was drawn again at the address it posts to, and for an address that none of ours is.
    """
    path = request.url.path
    referer = local(request.headers.get("referer", "")).partition("?")[0]
    if referer not in ("/", path) and len(referer) <= LONGEST and not holds_secret(referer):
        return referer
    return f"{path}/new" if path.count("/") == 1 else path


def back_to(path: str, kept: UUID | None) -> str:
    """The address at which the form shows what was kept."""
    return f"{path}?{urlencode({FIELD: kept})}" if kept else path


class Recall:
    """Lets the form on a page say what was typed into it before; where that is asked for, the page says so, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            request: AppRequest = Request(scope)
            found = await recall(request) if FIELD in request.query_params and scope["method"] == "GET" else None
            _before.set(found or await reviewed(request) or _NOTHING)
            scope["recalled"] = bool(found)  # type: ignore[typeddict-unknown-key]
        await self.app(scope, receive, send)


async def reviewed(request: AppRequest) -> Mapping[str, list[str]] | None:
    """What was typed into the form of this page, while its review waits for the code."""
    handler, by = request.scope.get("route_handler"), request.scope.get("user")
    if request.method != "GET" or by is None or handler is None or not handler.opt.get("recalls"):
        return None
    return await reviews.typed_at(request.url.path, by)


async def recall(request: AppRequest) -> Mapping[str, list[str]] | None:
    """What the signed-in person had typed on this page, if its address says that it was kept."""
    by: Identity | None = request.scope.get("user")
    kept = identifier(request.query_params.get(FIELD, ""))
    if by is None or kept is None:
        return None
    return await saved_forms.find(kept, person=by.id, path=request.url.path, now=request.app.state.clock())
