"""The two steps of signing in, for every page on which one of them is taken."""

from typing import Any

from litestar import Response

from portal.settings import Settings
from portal.web.guards import SignInNeeded
from portal.web.identity import AppRequest, Login, address_of, remember_device, sign_in
from portal.web.responses import done


def device(request: AppRequest) -> dict[str, str]:
    """Where a session is opened from, as its owner will see it in the list of sessions."""
    return {"address": address_of(request), "agent": request.headers.get("user-agent", "")}


def half_way(request: AppRequest) -> Login:
    """The session between its two steps, or beyond them.

    Raises:
        SignInNeeded.
    """
    login: Login | None = request.scope.get("auth")
    if login is None:
        raise SignInNeeded("sign-in", page=request.url.path, kept=None)
    return login


def signed_in(
    request: AppRequest, login: Login, token: str, settings: Settings, url: str, flash: str | None = None
) -> Response[Any]:
    """Both steps are taken: the session's new token, a mark for this device, and on to `url`."""
    response = done(request, url, flash)
    sign_in(response, token, settings)
    remember_device(response, request, login.by.id, settings)
    return response
