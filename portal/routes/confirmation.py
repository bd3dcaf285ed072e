"""The governorate's confirmation under its own letter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.dossiers import Dossier
from portal.domain.errors import Invalid
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import confirmations, signing
from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers

PATH = "/cases/{number:str}/confirmation"
MAY = roles_of(Act.CONFIRMATION)


@dataclass(frozen=True, slots=True)
class ConfirmationForm:
    letter_number: str = field(metadata={"parser": forms.text(most=60)})
    letter_date: date = field(metadata={"parser": forms.day(required=True)})


async def ready(number: str, by: Identity, settings: Settings) -> Dossier:
    """The case, once it can be confirmed."""
    dossier = await signing.approach(number, Act.CONFIRMATION, by)
    confirmations.require_ready(dossier, by, four_eyes=settings.four_eyes)
    return dossier


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now, settings: Settings) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now, settings=settings)


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    template: ClassVar = "confirmation/form.html"
    dossier: Dossier
    case: dict[str, Any]
    letter_number: str
    letter_date: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, by: Identity, number: str, now: Now, settings: Settings, said: FormState = NOTHING
) -> Response[Any]:
    dossier = await ready(number, by, settings)
    context = ConfirmationPage(
        dossier=dossier,
        case=dossier.case,
        letter_number=said.first("letter_number"),
        letter_date=said.first("letter_date"),
        hidden={FIELD: shown(by, Act.CONFIRMATION, dossier, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def confirm(
    request: AppRequest, by: Identity, number: str, now: Now, settings: Settings, sent: Sent
) -> ToSign[None]:
    dossier = await ready(number, by, settings)
    form = forms.parse(sent.typed, ConfirmationForm)
    if form.letter_date > persian.tehran_date(now):
        raise Invalid({"letter_date": "future-day"})
    prepared = confirmations.prepare(
        dossier,
        by=by,
        letter_number=form.letter_number,
        letter_date=form.letter_date,
        four_eyes=settings.four_eyes,
    )
    return ToSign(prepared, f"/cases/{number}", N_("The case is confirmed and sent to the Organization."))


HANDLERS = [show, confirm]
