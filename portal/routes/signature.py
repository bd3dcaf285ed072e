"""The Minister's signature, which notifies the municipality."""

from functools import partial

from litestar import get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import signing
from portal.services.identity.identity import Identity
from portal.services.letters import issuing, seals
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.sent import Sent
from portal.web.signoffs import ToSign, answers

PATH = "/cases/{number:str}/signature"
MAY = roles_of(Act.SIGNATURE)


async def act(by: Identity, number: str, store: ObjectStore, settings: Settings, now: Now) -> ToSign[None]:
    dossier = await signing.approach(number, Act.SIGNATURE, by)
    prepared = await issuing.prepare(dossier, by=by, store=store, base_url=settings.base_url, seal=settings.seal_kind)
    sealing = partial(seals.attempt, number, store=store, now=now)
    return ToSign(prepared, f"/cases/{number}", N_("The decision is signed and notified."), after=sealing)


@get(PATH, may=MAY)
@answers(None)
async def show(
    request: AppRequest, by: Identity, number: str, store: ObjectStore, settings: Settings, sent: Sent, now: Now
) -> ToSign[None]:
    return await act(by, number, store, settings, now)


@post(PATH, may=MAY)
@answers(None)
async def sign(
    request: AppRequest, by: Identity, number: str, store: ObjectStore, settings: Settings, sent: Sent, now: Now
) -> ToSign[None]:
    return await act(by, number, store, settings, now)


HANDLERS = [show, sign]
