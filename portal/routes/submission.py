"""Sending a case to the governorate. It takes no values: its page is the review itself."""

from litestar import get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import signing, submissions
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.sent import Sent
from portal.web.signoffs import ToSign, answers

PATH = "/cases/{number:str}/submission"
MAY = roles_of(Act.SUBMISSION)


async def act(by: Identity, number: str, now: Now) -> ToSign[None]:
    dossier = await signing.approach(number, Act.SUBMISSION, by)
    prepared = await submissions.prepare(dossier, by=by, now=now)
    return ToSign(prepared, f"/cases/{number}", N_("The case is submitted to the governorate."))


@get(PATH, may=MAY)
@answers(None)
async def show(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    return await act(by, number, now)


@post(PATH, may=MAY)
@answers(None)
async def submit(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    return await act(by, number, now)


HANDLERS = [show, submit]
