"""One-time links for an account: an invitation, a new password, a new way in past a lost device. Two people each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.events import OfficeAct
from portal.services.administration import invitations, restorations
from portal.services.identity import accounts
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import ADMINISTRATORS
from portal.web.identity import AppRequest
from portal.web.one_time_links import link_shown
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown_of
from portal.web.signoffs import ToSign, answers

PATHS = [f"/accounts/{{person:uuid}}/{purpose}" for purpose in (invitations.INVITATION, invitations.RESET)]


async def act(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> ToSign[str]:
    """A link to be made, of the purpose that the address says."""
    purpose = request.url.path.rpartition("/")[2]
    prepared = await invitations.prepare_link(person, purpose, by=by, now=now)
    return ToSign(prepared, answer=link_shown(request, person, purpose, settings))


@get(PATHS, may=ADMINISTRATORS)
@answers(None)
async def show(
    request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings, sent: Sent
) -> ToSign[str]:
    return await act(request, by, person, now, settings)


@post(PATHS, may=ADMINISTRATORS)
@answers(None)
async def make(
    request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings, sent: Sent
) -> ToSign[str]:
    return await act(request, by, person, now, settings)


@dataclass(frozen=True, slots=True)
class RestorationForm:
    reason: str = field(metadata={"parser": forms.text(most=1000)})


@get("/accounts/{person:uuid}/restoration", may=ADMINISTRATORS, recalls=True)
async def show_restoration(request: AppRequest, by: Identity, person: UUID, now: Now) -> Response[Any]:
    return await draw_restoration(request=request, by=by, person=person, now=now)


@dataclass(frozen=True, slots=True)
class RestorationPage:
    template: ClassVar = "accounts/restoration.html"
    account: dict[str, Any]
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw_restoration(
    request: AppRequest,
    by: Identity,
    person: UUID,
    now: Now,
    settings: Settings | None = None,
    said: FormState = NOTHING,
) -> Response[Any]:
    matter = await restorations.approach(person, by, now)
    context = RestorationPage(
        account=await accounts.find(person),
        reason=said.first("reason"),
        hidden={FIELD: shown_of(by, OfficeAct.RESTORATION, matter, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/accounts/{person:uuid}/restoration", may=ADMINISTRATORS)
@answers(draw_restoration)
async def restore(
    request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings, sent: Sent
) -> ToSign[str]:
    await restorations.approach(person, by, now)
    form = forms.parse(sent.typed, RestorationForm)
    prepared = await restorations.prepare(person, reason=form.reason, by=by, now=now)
    return ToSign(prepared, answer=link_shown(request, person, invitations.RESTORATION, settings))


HANDLERS = [show, make, show_restoration, restore]
