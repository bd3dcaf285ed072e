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
from portal.storage.inspection import CageError
from portal.storage.objects import Missing, StoreUnavailable
from portal.texts import N_
from portal.web import casepage, keptforms, sentences, templating, watch
from portal.web.guards import SignInNeeded
from portal.web.identity import AppRequest, cookie_name
from portal.web.navigation import local as local
from portal.web.responses import say_next

log = logging.getLogger("portal")

ENDED = N_("Your session has ended; please sign in again.")
FORM_KEPT = N_("Your session had ended. What you typed is kept: sign in, and it stands in the form again.")

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
    CageError,
    Missing,
    ConnectionError,
    TimeoutError,
)


def refused(request: AppRequest, error: DomainError) -> Response[Any]:
    """An act that was refused, with the sentence for its code and the way back."""
    if isinstance(error, SignInNeeded):
        return to_sign_in(request, error)
    if isinstance(error, (Forbidden, NotFound, ProofRefused, TooMany)):
        watch.note(request, error, STATUS[type(error)])
    errors = sentences.of_error(error) if isinstance(error, (Invalid, ProofRefused)) else {}
    reason = None
    if isinstance(error, (Conflict, Forbidden, TooLarge, TooMany, Unavailable)):
        reason = sentences.sentence(error.code, error.facts)
    missing = casepage.in_words(error.facts) if isinstance(error, Conflict) else []
    return failure(request, STATUS[type(error)], reason=reason, missing=missing, refusals=errors)


def to_sign_in(request: AppRequest, error: SignInNeeded) -> Response[Any]:
    """303 to where the visitor proves who he is, and back afterwards; 401 for `/uploads`."""
    if request.url.path.startswith("/uploads"):
        return Response("", status_code=401, media_type=MediaType.TEXT)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method == "GET" else keptforms.back_to(keptforms.page_of(request), error.facts.get("kept"))
    step = "/login" if request.scope.get("auth") is None else "/login/code"
    target = f"{step}?next={quote(local(back), safe='/')}"
    response: Response[Any] = Redirect(target, status_code=303)
    if request.headers.get("hx-request") == "true":
        response = Response("", media_type=MediaType.HTML, headers={"HX-Redirect": target})
    if step == "/login" and request.cookies.get(cookie_name(request.app.state.settings)):
        say_next(response, request, FORM_KEPT if error.facts.get("kept") else ENDED)
    return response


def failed(request: AppRequest, error: HTTPException) -> Response[Any]:
    """What the framework refuses: an unknown address, a wrong method, a malformed request."""
    return failure(request, error.status_code)


def broke(request: AppRequest, error: Exception) -> Response[Any]:
    """A fault of ours, or a part that does not answer."""
    if isinstance(error, AWAY):
        log.warning("a part of the portal does not answer: %s: %s", type(error).__name__, error)
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
