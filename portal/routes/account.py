"""One's own account: authenticator, password, sessions."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

import segno
from litestar import Response, get, post

from portal.domain import totp
from portal.domain.approvals import Office
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.services.authentication import (
    enrolment,
    factor_confirmations,
    passkeys,
    passwords,
    recovery_codes,
    second_factor,
    sessions,
)
from portal.services.authentication.factor_confirmations import Factor
from portal.services.identity import alerts, mandates
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms
from portal.web import passkeys as web_passkeys
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest, Login, sign_in
from portal.web.rerender import rerender_on_error
from portal.web.responses import done, page
from portal.web.sign_in import half_way, signed_in
from portal.web.words import fields

ISSUER = "Daraje"
ENROLLED = N_(
    "Your authenticator is enrolled. Create recovery codes too, under “My account”: they help if the phone is lost."
)


@dataclass(frozen=True, slots=True)
class AccountOverview:
    template: ClassVar = "account/overview.html"
    sessions: list[dict[str, Any]]
    passkeys: int
    recovery_codes: int  # how many are left
    mandate: dict[str, Any] | None
    factors: list[Factor]
    offices: frozenset[Office]  # that confirm


@get("/account", may=EVERYBODY)
async def overview(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    context = AccountOverview(
        sessions=await sessions.of_person(by.id, now),
        passkeys=len(await passkeys.of_person(by.id)),
        recovery_codes=await recovery_codes.left(by.id),
        mandate=await mandates.in_force(by.id, now),
        factors=await factor_confirmations.of_person(by.id),
        offices=await mandates.approvers(by.id, now),
    )
    return page(request, context)


@get("/account/second-factor", public=True)
async def show_factor(request: AppRequest, now: Now) -> Response[Any]:
    return await draw_factor(request=request, now=now)


@dataclass(frozen=True, slots=True)
class EnrolmentPage:
    template: ClassVar = "account/enrolment.html"
    login: Login
    replacing: bool
    secret: str
    uri: str
    picture: str
    errors: Mapping[str, str]


async def draw_factor(
    request: AppRequest, now: Now, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    """The authenticator that is enrolled, or the QR code of the one to enrol: before anything else for the new."""
    login = half_way(request)
    enrolled = await enrolment.has_factor(login.by.id)
    if enrolled and not login.proved:
        return done(request, "/login/code")
    offered, token = await enrolment.offered(login.by, now), None
    if offered is None and enrolled:
        return await _draw_enrolled(request, login.by, said)
    if offered is None:
        offered, token = await enrolment.draw_first(login.by, now)
    uri = totp.provisioning_uri(offered, login.by.username, ISSUER)
    context = EnrolmentPage(
        login=login,
        replacing=enrolled,
        secret=" ".join(offered[at : at + 4] for at in range(0, len(offered), 4)),
        uri=uri,
        picture=qr(uri),
        errors=said.errors,
    )
    response = page(request, context, said.status)
    if token:
        sign_in(response, token, request.app.state.settings)
    return response


@dataclass(frozen=True, slots=True)
class FactorPage:
    template: ClassVar = "account/factor.html"
    fingerprint: str | None
    enrolled_at: datetime | None
    rests: bool
    passkey: dict[str, Any] | None
    recovery_codes: int
    errors: Mapping[str, str]


async def _draw_enrolled(request: AppRequest, by: Identity, said: FormState) -> Response[Any]:
    factor = await second_factor.in_force(by.id) or {"enrolled_at": None, "rested_at": None}
    by_recovery = bool(forms.first(list(said.typed.get(web_passkeys.RECOVERY, []))))
    takes_code = factor["enrolled_at"] is not None and factor["rested_at"] is None
    here = ("code", "recovery_code") if takes_code else ("recovery_code",)
    context = FactorPage(
        fingerprint=await enrolment.fingerprint_in_force(by.id),
        enrolled_at=factor["enrolled_at"],
        rests=factor["rested_at"] is not None,
        passkey=await web_passkeys.asked(request, by),
        recovery_codes=await recovery_codes.left(by.id),
        errors=fields.placed(said.beside("recovery_code") if by_recovery else said.errors, *here),
    )
    return page(request, context, said.status)


def qr(text: str) -> str:
    """`text` as a QR code: a `data:` address of an SVG."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=3, light="white")
    return f"data:image/svg+xml;base64,{b64encode(out.getvalue()).decode()}"


@dataclass(frozen=True, slots=True)
class CodeForm:
    code: str = field(metadata={"parser": forms.text(most=40)})


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    template: ClassVar = "account/enrolled.html"
    name: str
    starts_on: date | None
    shown: str | None


@post("/account/second-factor", public=True)
@rerender_on_error(draw_factor)
async def enrol(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    """Enrol by the first code of what is offered; else, by a proof of what is enrolled, offer its replacement."""
    login = half_way(request)
    enrolled = await enrolment.has_factor(login.by.id)
    if enrolled and not login.proved:
        raise Conflict("enrolled-already")
    if await enrolment.offered(login.by, now) is None:
        response = done(request, "/account/second-factor")
        if enrolled:
            given = await web_passkeys.any_proof(request, login.by)
            sign_in(response, await enrolment.begin_replacement(login.by, given, now=now), settings)
        return response
    form = await forms.read(request, CodeForm)
    token = await enrolment.enrol(login.by, form.code, now=now)
    if await mandates.in_force(login.by.id, now) is None:  # their account's page is closed to them until it is
        coming = await mandates.office_now_or_next(login.by.id, now)
        shown = await enrolment.fingerprint_in_force(login.by.id)
        starts_on = coming["starts_on"] if coming else None
        return page(request, EnrolledPage(name=login.by.full_name, starts_on=starts_on, shown=shown))
    return signed_in(request, login, token, settings, "/", ENROLLED)


@get("/account/second-factor/restoration", may=EVERYBODY)
async def show_restoration(request: AppRequest, now: Now) -> Response[Any]:
    return await draw_factor(request=request, now=now)


async def draw_restoration(request: AppRequest, by: Identity, now: Now, said: FormState = NOTHING) -> Response[Any]:
    return await draw_factor(request=request, now=now, said=said)


@post("/account/second-factor/restoration", may=EVERYBODY)
@rerender_on_error(draw_restoration)
async def restore_factor(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    given = await web_passkeys.any_proof(request, by)
    if isinstance(given, str):
        raise Invalid({"recovery_code": "blank"})
    await enrolment.restore(by, given, now=now)
    return done(request, "/account/second-factor", N_("Your authenticator is active again."))


@dataclass(frozen=True, slots=True)
class PasswordChangeForm:
    old_password: str = field(metadata={"parser": forms.password})
    password: str = field(metadata={"parser": forms.password})
    password_again: str = field(metadata={"parser": forms.password})


@get("/account/password", may=EVERYBODY)
async def show_password(request: AppRequest) -> Response[Any]:
    return await draw_password(request=request)


@dataclass(frozen=True, slots=True)
class PasswordChangePage:
    template: ClassVar = "account/password.html"
    errors: Mapping[str, str]
    hidden: Mapping[str, str] = field(default_factory=dict)


async def draw_password(
    request: AppRequest,
    by: Identity | None = None,
    now: Now | None = None,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    return page(request, PasswordChangePage(errors=said.errors), said.status)


@post("/account/password", may=EVERYBODY)
@rerender_on_error(draw_password)
async def change_password(request: AppRequest, by: Identity, now: Now, settings: Settings) -> Response[Any]:
    form = await forms.read(request, PasswordChangeForm)
    if form.password != form.password_again:
        raise Invalid({"password_again": "passwords-differ"})
    token = await passwords.change(by, old=form.old_password, new=form.password, now=now)
    response = done(request, "/account", N_("Your password is changed; you are signed out on your other devices."))
    sign_in(response, token, settings)
    return response


@dataclass(frozen=True, slots=True)
class SessionsPage:
    template: ClassVar = "account/sessions.html"
    sessions: list[dict[str, Any]]
    current: UUID | None  # the id of this one


@get("/account/sessions", may=EVERYBODY)
async def show_sessions(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    return page(request, SessionsPage(sessions=await sessions.of_person(by.id, now), current=by.session))


@post("/account/sessions", may=EVERYBODY)
async def end_others(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    await sessions.end_all(by.id, but=by.session, now=now)
    return done(request, "/account/sessions", N_("You are signed out on your other devices."))


@post("/account/sessions/{session:uuid}/end", may=EVERYBODY)
async def end_session(request: AppRequest, by: Identity, session: UUID, now: Now) -> Response[Any]:
    if not await sessions.belongs(session, by.id):
        raise NotFound("session")
    await sessions.end(session, now=now)
    return done(request, "/account/sessions", N_("The device is signed out."))


@post("/account/cautions/{caution:uuid}/dismissal", may=EVERYBODY)
async def dismiss_caution(request: AppRequest, by: Identity, caution: UUID, now: Now) -> Response[Any]:
    await alerts.dismiss(caution, person=by.id, now=now)
    return done(request, await forms.sent_from(request, otherwise="/account"))


HANDLERS = [
    overview,
    dismiss_caution,
    show_factor,
    enrol,
    show_restoration,
    restore_factor,
    show_password,
    change_password,
    show_sessions,
    end_others,
    end_session,
]
