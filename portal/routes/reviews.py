"""What is about to be signed, for its maker alone: the page to which a form of values leads, and a wrong code back."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from portal.domain.errors import NotFound
from portal.services.identity.identity import Identity
from portal.services.signing import reviews, signoffs
from portal.texts import N_
from portal.web.dependencies import Now
from portal.web.guards import EVERYBODY
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.sent import REVIEW
from portal.web.signoffs import review_page, said_so
from portal.web.words import error_messages

LAPSED = N_("The time for entering the code has expired. Check your entries and submit them again.")


@get("/reviews/{review:uuid}", may=EVERYBODY)
async def show(request: AppRequest, by: Identity, review: UUID, now: Now) -> Response[Any]:
    """What will be signed; once it is signed, or has lapsed, on to where that is seen."""
    found = await reviews.find(review, by)
    if found is None:
        signed = await signoffs.recorded(review.hex, by)
        if signed is None:
            raise NotFound("review")
        return said_so(request, signed["act"], signed["subject"]["id"])
    if now > found.expires:
        return done(request, found.page, LAPSED)
    error = found.refusal.error(now) if found.refusal else None
    wait = error.facts.get("seconds") if error else None
    errors = error_messages.of_error(error) if error and wait != 0 else {}
    context = await review_page(request, found.intent, found.action, {REVIEW: str(found.id)}, errors, wait)
    return page(request, context)


HANDLERS = [show]
