"""Refusals and failures become pages here, and nowhere else."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Response
from litestar.exceptions import HTTPException, InternalServerException
from litestar.response import Redirect

from portal import texts
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
from portal.texts import N_, gettext
from portal.web import faults, negotiation, saved_forms, security_log, templating
from portal.web.guards import SignInNeeded
from portal.web.identity import AppRequest, cookie_name, language
from portal.web.navigation import local
from portal.web.responses import address, say_next, with_pause
from portal.web.words import declared, error_messages, fields, status_messages

log = logging.getLogger("portal")

CUT = "client disconnected prematurely"  # the framework's word for a body that did not come whole
ENDED = N_("You have been signed out; please sign in again.")
FORM_KEPT = N_("You had been signed out. What you typed is kept: sign in, and it is in the form again.")

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
TELLING = (Conflict, Forbidden, TooLarge, TooMany, Unavailable)  # refusals whose code has a sentence of its own
RETRY_AFTER = "10"  # seconds, after which a part that was away is asked again


def refused(request: AppRequest, error: DomainError) -> Response[Any]:
    """An act that was refused, with the sentence for its code and the way back."""
    if isinstance(error, SignInNeeded):
        return to_sign_in(request, error)
    if isinstance(error, (Forbidden, NotFound, ProofRefused, TooMany)):
        security_log.note(request, error, STATUS[type(error)])
    errors = error_messages.of_error(error) if isinstance(error, (Invalid, ProofRefused)) else {}
    reason = None
    if isinstance(error, TELLING) and error.code not in status_messages.UNSAID:
        reason = error_messages.sentence(error.code, error.facts)
    missing = declared.in_words(error.facts) if isinstance(error, Conflict) else []
    title = status_messages.OF_CODE.get(error.code)
    answer = failure(request, STATUS[type(error)], title=title, reason=reason, missing=missing, refusals=errors)
    return with_pause(answer, error)


def to_sign_in(request: AppRequest, error: SignInNeeded) -> Response[Any]:
    """303 to where the visitor proves who they are, and back afterwards; 401 for `/uploads`."""
    if request.url.path.startswith("/uploads"):
        return Response("", status_code=401, media_type=MediaType.TEXT)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method == "GET" else saved_forms.back_to(error.facts["page"], error.facts["kept"])
    step = "/login" if request.scope.get("auth") is None else "/login/code"
    target = f"{step}?next={quote(local(back), safe='/')}"
    response: Response[Any] = Redirect(target, status_code=303)
    if request.headers.get("hx-request") == "true":
        response = Response("", media_type=MediaType.HTML, headers={"HX-Redirect": address(target)})
    if step == "/login" and request.cookies.get(cookie_name(request.app.state.settings)):
        say_next(response, request, FORM_KEPT if error.facts.get("kept") else ENDED)
    return response


def failed(request: AppRequest, error: HTTPException) -> Response[Any]:
    """What the framework refuses: an unknown address, a wrong method, a malformed request."""
    if isinstance(error, InternalServerException) and error.detail == CUT:
        return failure(request, 400)
    answer = failure(request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def broke(request: AppRequest, error: Exception) -> Response[Any]:
    """A fault of ours, or a part that does not answer."""
    if faults.is_away(error):
        log.warning("a part of the portal does not answer: %s: %s", type(error).__name__, error)
        return failure(request, 503)
    if isinstance(error, BrokenHistory):
        log.error("entry %s of the journal: %s", error.position, error)
        return failure(request, 503, reason=error_messages.sentence("journal-key-broken", {"position": error.position}))
    log.exception("unexpected fault", exc_info=error)
    return failure(request, 500)


def failure(
    request: AppRequest,
    status: int,
    *,
    title: str | None = None,
    reason: str | None = None,
    refusals: Mapping[str, str] | None = None,
    missing: Sequence[str] = (),
) -> Response[Any]:
    """The page of an error status, or for a program what it asked for: JSON or text.

    One sentence says what happened and what to do: `reason` (of the act), or else the words of the status. Below it
    stands what is to be corrected: `refusals` by field, and what is `missing`.
    """
    if "user" not in request.scope:  # an unknown address is refused before anybody asks who reads
        texts.locale.set(language(request, request.app.state.settings.locale))
    path = request.url.path
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    public = negotiation.is_machine_address(path)
    kind = negotiation.prefers(request, "text" if public else "html")
    words = status_messages.of_status(status)
    heading, sentence = gettext(title or words[0]), reason or gettext(words[1])
    wrong = [fields.named(name, said) for name, said in (refusals or {}).items()]
    if kind != "html":
        told = [reason or "", *wrong, *missing]
        return negotiation.refusal(
            kind, status, heading, [each for each in told if each] or [sentence], public=public, headers=headers
        )
    html = templating.render(
        "errors/error.html",
        person=request.scope.get("user"),
        path=path,
        status=status,
        heading=heading,
        sentence=sentence,
        wrong=wrong,
        missing=missing,
    )
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=headers)


HANDLERS: dict[Any, Any] = {
    DomainError: refused,
    HTTPException: failed,
    Exception: broke,
}
