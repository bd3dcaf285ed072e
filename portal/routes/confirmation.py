"""The governorate's confirmation under its own letter."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services import confirmations, signoffs
from portal.services.dossiers import Dossier
from portal.services.people import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.signoffs import FIELD, NOTHING, Said, answers, proof, shown

PATH = "/cases/{number:str}/confirmation"
MAY = roles_of(Act.CONFIRMATION)


@dataclass(frozen=True, slots=True)
class ConfirmationForm:
    letter_number: str = field(metadata={"parser": forms.text(most=60)})
    letter_date: date = field(metadata={"parser": forms.day(required=True)})


async def ready(number: str, by: Identity) -> Dossier:
    """The case, once it can be confirmed."""
    dossier = await signoffs.approach(number, Act.CONFIRMATION, by)
    await confirmations.ready(dossier)
    return dossier


@get(PATH, may=MAY)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: Said = NOTHING) -> Response[Any]:
    dossier = await ready(number, by)
    return page(
        request,
        "confirmation/form.html",
        said.status,
        dossier=dossier,
        case=dossier.case,
        letter_number=said.first("letter_number"),
        letter_date=said.first("letter_date"),
        hidden={FIELD: shown(by, Act.CONFIRMATION, dossier, now)},
        errors=said.errors,
    )


@post(PATH, may=MAY)
@answers(draw)
async def confirm(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    await ready(number, by)
    given = await proof(request, Act.CONFIRMATION, number, by, now)
    form = await forms.read(request, ConfirmationForm)
    if form.letter_date > persian.tehran_date(now):
        raise Invalid({"letter_date": "future-day"})
    await confirmations.confirm(
        number, by=by, letter_number=form.letter_number, letter_date=form.letter_date, proof=given, now=now
    )
    return done(request, f"/cases/{number}", N_("The case is confirmed and sent to the Organization."))


HANDLERS = [show, confirm]
