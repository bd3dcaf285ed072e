"""One-time links: looking changes nothing, setting the password uses them up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.errors import Invalid
from portal.services.administration import invitations
from portal.services.authentication import sign_in as signing_in
from portal.settings import Settings
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest, sign_in
from portal.web.rerender import rerender_on_error
from portal.web.responses import done, page
from portal.web.sign_in import device

PATH = "/invitations/{token:str}"


@dataclass(frozen=True, slots=True)
class NewPasswordForm:
    password: str = field(metadata={"parser": forms.password})
    password_again: str = field(metadata={"parser": forms.password})


@get(PATH, public=True)
async def show(request: AppRequest, token: str, now: Now) -> Response[Any]:
    return await draw(request=request, token=token, now=now)


@dataclass(frozen=True, slots=True)
class VoidInvitation:
    template: ClassVar = "invitation/void.html"
    invitation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WaitingInvitation:
    template: ClassVar = "invitation/waiting.html"
    invitation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InvitationPage:
    template: ClassVar = "invitation/password.html"
    invitation: dict[str, Any]
    token: str
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, token: str, now: Now, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    row = await invitations.find(token, now)
    if row["waits"]:
        return page(request, WaitingInvitation(invitation=row), 409)
    if not row["stands"]:
        return page(request, VoidInvitation(invitation=row), 410)
    return page(request, InvitationPage(invitation=row, token=token, errors=said.errors), said.status)


@post(PATH, public=True)
@rerender_on_error(draw)
async def accept(request: AppRequest, token: str, now: Now, settings: Settings) -> Response[Any]:
    """Set the password, and go on to the authenticator."""
    if not (await invitations.find(token, now))["stands"]:
        return await draw(request=request, token=token, now=now)
    form = await forms.read(request, NewPasswordForm)
    if form.password != form.password_again:
        raise Invalid({"password_again": "passwords-differ"})
    person = await invitations.accept(token, password=form.password, now=now)
    session = await signing_in.open_session(person, **device(request), now=now)
    response = done(request, "/account/second-factor")
    sign_in(response, session, settings)
    return response


HANDLERS = [show, accept]
