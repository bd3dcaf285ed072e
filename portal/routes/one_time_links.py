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
from portal.web.guards import ADMINISTRATORS
from portal.web.identity import AppRequest
from portal.web.one_time_links import show_link
from portal.web.responses import page
from portal.web.signoffs import FIELD, NOTHING, FormState, answers, proof, shown_of

PURPOSES = {invitations.INVITATION: OfficeAct.INVITATION, invitations.RESET: OfficeAct.RESET}
PATHS = [f"/accounts/{{person:uuid}}/{purpose}" for purpose in PURPOSES]


async def act(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    """Make the link under the request's code; without one (GET) the review is shown."""
    purpose = request.url.path.rpartition("/")[2]
    given = await proof(request, PURPOSES[purpose], str(person), by, now)
    token = await invitations.sign_link(person, purpose, by=by, proof=given, now=now)
    return await show_link(request, person, purpose, token, settings)


@get(PATHS, may=ADMINISTRATORS)
@answers(None)
async def show(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    return await act(request, by, person, now, settings)


@post(PATHS, may=ADMINISTRATORS)
@answers(None)
async def make(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    return await act(request, by, person, now, settings)


@dataclass(frozen=True, slots=True)
class RestorationForm:
    reason: str = field(metadata={"parser": forms.text(most=1000)})


@get("/accounts/{person:uuid}/restoration", may=ADMINISTRATORS)
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
async def restore(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    await restorations.approach(person, by, now)
    given = await proof(request, OfficeAct.RESTORATION, str(person), by, now)
    form = await forms.read(request, RestorationForm)
    token = await restorations.begin(person, reason=form.reason, by=by, proof=given, now=now)
    return await show_link(request, person, invitations.RESTORATION, token, settings)


HANDLERS = [show, make, show_restoration, restore]
