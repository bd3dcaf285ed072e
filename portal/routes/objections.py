"""The owner of an account hears that their device is said to be lost, and can object."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.errors import NotFound
from portal.services.administration import restorations
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.responses import RECORDED, done, page


@dataclass(frozen=True, slots=True)
class ObjectionPage:
    template: ClassVar = "account/restoration.html"
    restoration: dict[str, Any]


@get("/account/restoration", may=EVERYBODY)
async def show(request: AppRequest, by: Identity) -> Response[Any]:
    row = await restorations.of_person(by.id)
    if row is None:
        raise NotFound("restoration")
    return page(request, ObjectionPage(restoration=row))


@post("/account/restoration", may=EVERYBODY)
async def object_to(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    is_new = await restorations.object_to(by, now=now)
    return done(request, "/account", N_("Your objection is recorded, and the link is void.") if is_new else RECORDED)


HANDLERS = [show, object_to]
