"""Sending a case to the governorate. It takes no values: its page is the review itself."""

from typing import Any

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import submissions
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done
from portal.web.signoffs import answers, proof

PATH = "/cases/{number:str}/submission"
MAY = roles_of(Act.SUBMISSION)


async def act(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """Submit under the request's code; without one (GET) the review is shown."""
    given = await proof(request, Act.SUBMISSION, number, by, now)
    await submissions.submit(number, by=by, proof=given, now=now)
    return done(request, f"/cases/{number}", N_("The case is sent to the governorate."))


@get(PATH, may=MAY)
@answers(None)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await act(request, by, number, now)


@post(PATH, may=MAY)
@answers(None)
async def submit(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await act(request, by, number, now)


HANDLERS = [show, submit]
