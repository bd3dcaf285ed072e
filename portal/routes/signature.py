"""The Minister's signature, which notifies the municipality."""

from typing import Any

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import notices
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done
from portal.web.signoffs import answers, proof

PATH = "/cases/{number:str}/signature"
MAY = roles_of(Act.SIGNATURE)


async def act(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    """Sign under the request's code; without one (GET) the review is shown."""
    given = await proof(request, Act.SIGNATURE, number, by, now)
    await notices.sign(number, by=by, proof=given, store=store, base_url=settings.base_url, now=now)
    return done(request, f"/cases/{number}", N_("The decision is signed and notified."))


@get(PATH, may=MAY)
@answers(None)
async def show(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    return await act(request, by, number, now, store, settings)


@post(PATH, may=MAY)
@answers(None)
async def sign(
    request: AppRequest, by: Identity, number: str, now: Now, store: ObjectStore, settings: Settings
) -> Response[Any]:
    return await act(request, by, number, now, store, settings)


HANDLERS = [show, sign]
