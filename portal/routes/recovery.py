"""One's own recovery codes: made under a fresh proof, shown this once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.services.authentication import enrolment, recovery_codes
from portal.services.identity.identity import Identity
from portal.web import passkeys
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import page


@get("/account/recovery-codes", may=EVERYBODY)
async def show(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, now=now)


@dataclass(frozen=True, slots=True)
class RecoveryCodesPage:
    template: ClassVar = "account/recovery.html"
    left: int
    codes: list[str] | None  # None until they are made: then shown this once
    passkey: dict[str, Any] | None
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, now: Now, said: FormState = NOTHING) -> Response[Any]:
    context = RecoveryCodesPage(
        left=await recovery_codes.left(by.id), codes=None, passkey=await passkeys.asked(request, by), errors=said.errors
    )
    return page(request, context, said.status)


@post("/account/recovery-codes", may=EVERYBODY)
@rerender_on_error(draw)
async def issue(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    """Make ten, and show them: this once, so there is no address to go on to."""
    codes = await enrolment.issue_recovery_codes(by, await passkeys.proof(request, by), now=now)
    context = RecoveryCodesPage(left=len(codes), codes=codes, passkey=None, errors={})
    return page(request, context)


HANDLERS = [show, issue]
