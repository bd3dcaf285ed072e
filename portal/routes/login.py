"""Signing in, in two steps, and out again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

from litestar import Response, get, post

from portal.services.authentication import enrolment, sessions
from portal.services.authentication import sign_in as signing_in
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms, passkeys
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest, Login, device_of, sign_in, sign_out
from portal.web.navigation import local
from portal.web.rerender import rerender_on_error
from portal.web.responses import done, page
from portal.web.sign_in import device, half_way, signed_in

RECOVERED = N_("You are signed in with a recovery code. If your phone is lost, enrol another authenticator now.")


@dataclass(frozen=True, slots=True)
class SignInForm:
    username: str = field(metadata={"parser": forms.text(most=64)})
    password: str = field(metadata={"parser": forms.password})


def way_on(request: AppRequest) -> str:
    """Where the visitor wanted to go before they were asked who they are."""
    return local(request.query_params.get("next") or "/")


@get("/login", public=True)
async def show(request: AppRequest) -> Response[Any]:
    if request.scope.get("user") is not None:
        return done(request, way_on(request))
    return await draw(request=request)


@dataclass(frozen=True, slots=True)
class SignInPage:
    template: ClassVar = "login/password.html"
    username: str
    next: str
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, now: Now | None = None, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    context = SignInPage(username=said.first("username"), next=way_on(request), errors=said.errors)
    return page(request, context, said.status)


@post("/login", public=True)
@rerender_on_error(draw)
async def log_in(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    """The first step; the second is on a page of its own."""
    form = await forms.read(request, SignInForm)
    token = await signing_in.begin(form.username, form.password, **device(request), device=device_of(request), now=now)
    response = done(request, f"/login/code?next={quote(way_on(request))}")
    sign_in(response, token, settings)
    return response


@get("/login/code", public=True)
async def show_code(request: AppRequest, now: Now) -> Response[Any]:
    login = half_way(request)
    if login.proved:
        return done(request, way_on(request))
    if not await enrolment.has_factor(login.by.id):
        return done(request, "/account/second-factor")
    return await draw_code(request=request, now=now)


@dataclass(frozen=True, slots=True)
class CodePage:
    template: ClassVar = "login/code.html"
    login: Login
    next: str
    passkey: dict[str, Any] | None
    errors: Mapping[str, str]


async def draw_code(
    request: AppRequest, now: Now, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    login = half_way(request)
    asked = await passkeys.asked(request, login.by)
    context = CodePage(login=login, next=way_on(request), passkey=asked, errors=said.errors)
    return page(request, context, said.status)


@post("/login/code", public=True)
@rerender_on_error(draw_code)
async def prove(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    """The second step, by a code or a passkey: the session is proved, and its cookie renewed."""
    login = half_way(request)
    token = await signing_in.prove(login.by, await passkeys.proof(request, login.by), now=now)
    return signed_in(request, login, token, settings, way_on(request))


@dataclass(frozen=True, slots=True)
class RecoveryForm:
    recovery_code: str = field(metadata={"parser": forms.text(most=80)})


@get("/login/recovery", public=True)
async def show_recovery(request: AppRequest) -> Response[Any]:
    return done(request, way_on(request)) if half_way(request).proved else await draw_recovery(request=request)


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    template: ClassVar = "login/recovery.html"
    login: Login
    next: str
    errors: Mapping[str, str]


async def draw_recovery(
    request: AppRequest, now: Now | None = None, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    login = half_way(request)
    context = RecoveryPage(login=login, next=way_on(request), errors=said.beside("recovery_code"))
    return page(request, context, said.status)


@post("/login/recovery", public=True)
@rerender_on_error(draw_recovery)
async def recover(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    """The second step by a recovery code; then it is time to look after the authenticator."""
    login = half_way(request)
    form = await forms.read(request, RecoveryForm)
    token = await signing_in.recover(login.by, form.recovery_code, now=now)
    return signed_in(request, login, token, settings, "/account/second-factor", RECOVERED)


@post("/logout", public=True)
async def log_out(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    login: Login | None = request.scope.get("auth")
    if login is not None:
        await sessions.end(login.id, now=now)
    response = done(request, "/", N_("You are signed out."))
    sign_out(response, settings)
    return response


HANDLERS = [show, log_in, show_code, prove, show_recovery, recover, log_out]
