"""Refusals and failures become pages here, and nowhere else."""

import logging
from typing import Any
from urllib.parse import quote

from asyncpg import PostgresConnectionError
from asyncpg.exceptions import CannotConnectNowError, InterfaceError, TooManyConnectionsError
from litestar import MediaType, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from portal.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    ProofRefused,
    TooLarge,
    TooMany,
    Unavailable,
)
from portal.domain.journal_keys import BrokenHistory
from portal.storage.objects import Missing, StoreUnavailable
from portal.web import casepage, sentences, templating
from portal.web.guards import SignInNeeded
from portal.web.identity import AppRequest

log = logging.getLogger("portal")

STATUS: dict[type[DomainError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    ProofRefused: 422,
    TooMany: 429,
    Unavailable: 503,
}
AWAY = (
    PostgresConnectionError,
    CannotConnectNowError,
    TooManyConnectionsError,
    InterfaceError,
    StoreUnavailable,
    Missing,
    ConnectionError,
    TimeoutError,
)


def refused(request: AppRequest, error: DomainError) -> Response[Any]:
    """An act that was refused, with the sentence for its code and the way back."""
    if isinstance(error, SignInNeeded):
        return to_sign_in(request)
    errors = sentences.of_error(error) if isinstance(error, (Invalid, ProofRefused)) else {}
    reason = None
    if isinstance(error, (Conflict, Forbidden, TooLarge, TooMany, Unavailable)):
        reason = sentences.sentence(error.code, error.facts)
    missing = casepage.in_words(error.facts) if isinstance(error, Conflict) else []
    return failure(request, STATUS[type(error)], reason=reason, missing=missing, refusals=errors)


def to_sign_in(request: AppRequest) -> Response[Any]:
    """303 to where the visitor proves who he is, and back afterwards; 401 for `/uploads`."""
    if request.url.path.startswith("/uploads"):
        return Response("", status_code=401, media_type=MediaType.TEXT)
    login = request.scope.get("auth")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method == "GET" else request.headers.get("referer", "")
    target = f"/login?next={quote(local(back), safe='/')}"
    if login is not None:
        target = "/login/code"
    if request.headers.get("hx-request") == "true":
        return Response("", media_type=MediaType.HTML, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def local(address: str) -> str:
    """The path of an address of this portal; never another host's."""
    path = "/" + address.split("://", 1)[-1].partition("/")[2] if "://" in address else address
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def failed(request: AppRequest, error: HTTPException) -> Response[Any]:
    """What the framework refuses: an unknown address, a wrong method, a malformed request."""
    return failure(request, error.status_code)


def broke(request: AppRequest, error: Exception) -> Response[Any]:
    """A fault of ours, or a part that does not answer."""
    if isinstance(error, AWAY):
        log.warning("a part of the portal does not answer: %s", type(error).__name__)
        return failure(request, 503)
    if isinstance(error, BrokenHistory):
        log.error("entry %s of the journal: %s", error.position, error)
        return failure(request, 503, reason=sentences.sentence("journal-key-broken", {"position": error.position}))
    log.exception("unexpected fault", exc_info=error)
    return failure(request, 500)


def failure(request: AppRequest, status: int, **context: Any) -> Response[str]:
    """The page of an error status."""
    html = templating.render(
        "errors/error.html", person=request.scope.get("user"), path=request.url.path, status=status, **context
    )
    return Response(html, media_type=MediaType.HTML, status_code=status)


HANDLERS: dict[Any, Any] = {
    DomainError: refused,
    HTTPException: failed,
    Exception: broke,
}
