"""One's own recovery codes: made under a fresh proof, shown this once."""

from typing import Any

from litestar import Response, get, post

from portal.services.authentication import enrolment, recovery_codes
from portal.services.identity.identity import Identity
from portal.web import passkeys
from portal.web.dependencies import Now
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import page
from portal.web.signoffs import NOTHING, FormState


@get("/account/recovery-codes", may=EVERYBODY)
async def show(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, now=now)


async def draw(request: AppRequest, by: Identity, now: Now, said: FormState = NOTHING) -> Response[Any]:
    return page(
        request,
        "account/recovery.html",
        said.status,
        left=await recovery_codes.left(by.id),
        codes=None,
        passkey=await passkeys.asked(request, by),
        errors=said.errors,
    )


@post("/account/recovery-codes", may=EVERYBODY)
@rerender_on_error(draw)
async def issue(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    """Make ten, and show them: this once, so there is no address to go on to."""
    codes = await enrolment.issue_recovery_codes(by, await passkeys.proof(request, by), now=now)
    return page(request, "account/recovery.html", left=len(codes), codes=codes, passkey=None, errors={})


HANDLERS = [show, issue]
