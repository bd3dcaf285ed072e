"""Taking a case in hand, or taking it over from a colleague, knowingly. The form stands on the case's page."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar import Response, post

from portal.domain.lifecycle import WAY
from portal.services.cases import assignments
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done


@dataclass(frozen=True, slots=True)
class HandForm:
    held_by: UUID | None = field(metadata={"parser": forms.identifier(required=False)})


@post("/cases/{number:str}/hand", may=frozenset(WAY))
async def take(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    """`held_by` is whoever had the case in hand when the page was drawn."""
    form = await forms.read(request, HandForm)
    await assignments.assign(number, by=by, seen=form.held_by, now=now)
    return done(request, f"/cases/{number}", N_("The case is assigned to you."))


HANDLERS = [take]
