"""Forms that take no code: refused fields show the form again, with what was typed."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec

from litestar import Response

from portal.domain.errors import DomainError, Invalid, Overtaken, ProofRefused, TooMany
from portal.web import forms, security_log
from portal.web.form_state import FormState
from portal.web.identity import AppRequest
from portal.web.responses import with_pause
from portal.web.words import error_messages

P = ParamSpec("P")
Handler = Callable[P, Awaitable[Response[Any]]]
Show = Callable[..., Awaitable[Response[Any]]]


def rerender_on_error(show: Show) -> Callable[[Handler[P]], Handler[P]]:
    """Wrap a POST handler: on refused fields, codes or budgets call `show(said=…, **the handler's arguments)`."""

    def wrap(handler: Handler[P]) -> Handler[P]:
        @wraps(handler)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> Response[Any]:
            request: AppRequest = kwargs["request"]  # type: ignore[assignment]
            try:
                return await handler(*args, **kwargs)
            except (Invalid, Overtaken, ProofRefused, TooMany) as error:
                return with_pause(await show(said=await said(request, error), **kwargs), error)

        return answer

    return wrap


async def said(request: AppRequest, error: DomainError) -> FormState:
    """What the form says and keeps after `error`; what is no mere slip of the pen is noted (`security_log`)."""
    if isinstance(error, Overtaken):
        return FormState({"": error_messages.sentence(error.code, error.facts)}, await forms.typed(request), 409)
    if not isinstance(error, Invalid) or request.url.path == "/login":
        security_log.note(request, error, 429 if isinstance(error, TooMany) else 422)
    if isinstance(error, TooMany):
        return FormState({"": error_messages.sentence(error.code, error.facts)}, await forms.typed(request), 429)
    return FormState(error_messages.of_error(error), await forms.typed(request), 422)
