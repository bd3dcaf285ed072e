"""One's own passkeys: made on a device, ended when it is gone; each change under a fresh proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.errors import NotFound
from portal.services.authentication import enrolment, passkeys
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms
from portal.web import passkeys as web_passkeys
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest, sign_in
from portal.web.rerender import rerender_on_error
from portal.web.responses import done, page

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    name: str = field(metadata={"parser": forms.text(most=LONGEST_NAME)})


@get("/account/passkeys", may=EVERYBODY)
async def show(request: AppRequest, by: Identity) -> Response[Any]:
    return await draw(request=request, by=by)


@dataclass(frozen=True, slots=True)
class PasskeysPage:
    template: ClassVar = "account/passkeys.html"
    held: list[dict[str, Any]]
    most: int
    new: dict[str, Any] | None  # None where there can be none
    name: str
    errors: Mapping[str, str]


async def draw(
    request: AppRequest,
    by: Identity,
    now: Now | None = None,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    held = await passkeys.of_person(by.id)
    context = PasskeysPage(
        held=held,
        most=passkeys.MOST,
        new=web_passkeys.to_make(request, by, held),
        name=said.first("name"),
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/account/passkeys", may=EVERYBODY)
@rerender_on_error(draw)
async def enrol(request: AppRequest, by: Identity, now: Now, settings: Settings) -> Response[Any]:
    """Enrol what a device has made, under a code."""
    form = await forms.read(request, PasskeyForm)
    offered = await web_passkeys.offered(request, by, form.name)
    token = await enrolment.add_passkey(by, await web_passkeys.proof(request, by), offered, now=now)
    return _changed(request, token, settings, N_("The passkey is enrolled; you are signed out on your other devices."))


def _changed(request: AppRequest, token: str, settings: Settings, flash: str) -> Response[Any]:
    response = done(request, "/account/passkeys", flash)
    sign_in(response, token, settings)
    return response


@get("/account/passkeys/{passkey:uuid}/end", may=EVERYBODY)
async def show_end(request: AppRequest, by: Identity, passkey: UUID) -> Response[Any]:
    return await draw_end(request=request, by=by, passkey=passkey)


@dataclass(frozen=True, slots=True)
class PasskeyEndPage:
    template: ClassVar = "account/passkey_end.html"
    row: dict[str, Any]
    passkey: dict[str, Any] | None
    errors: Mapping[str, str]


async def draw_end(
    request: AppRequest,
    by: Identity,
    passkey: UUID,
    now: Now | None = None,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    held = {row["id"]: row for row in await passkeys.of_person(by.id)}
    if passkey not in held:
        raise NotFound("passkey")
    asked = await web_passkeys.asked(request, by)
    return page(request, PasskeyEndPage(row=held[passkey], passkey=asked, errors=said.errors), said.status)


@post("/account/passkeys/{passkey:uuid}/end", may=EVERYBODY)
@rerender_on_error(draw_end)
async def end(request: AppRequest, by: Identity, passkey: UUID, now: Now, settings: Settings) -> Response[Any]:
    token = await enrolment.end_passkey(by, await web_passkeys.proof(request, by), passkey, now=now)
    return _changed(request, token, settings, N_("The passkey is deleted; you are signed out on your other devices."))


HANDLERS = [show, enrol, show_end, end]
