"""Sending a case back to its municipality (`return` is no name for a module)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.dossiers import Dossier
from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.domain.returns import DECLARATION
from portal.services.cases import returns, signing
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers
from portal.web.words import declared, labels

PATH = "/cases/{number:str}/return"
MAY = roles_of(Act.RETURN)


@dataclass(frozen=True, slots=True)
class ReturnForm:
    reason: str = field(metadata={"parser": forms.text()})
    reopen: list[str] = field(metadata={"parser": forms.many()})


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


@dataclass(frozen=True, slots=True)
class ReturnPage:
    template: ClassVar = "returns/form.html"
    dossier: Dossier
    case: dict[str, Any]
    options: list[tuple[str, str]]
    reopen: list[str]
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    dossier = await signing.approach(number, Act.RETURN, by)
    refused = [str(held.id) for held in dossier.rejected()]
    context = ReturnPage(
        dossier=dossier,
        case=dossier.case,
        options=[
            (DECLARATION, labels.label(Act.DECLARATION)),
            *((str(held.id), declared.slot_label(held.slot)) for held in dossier.documents),
        ],
        reopen=said.typed.get("reopen", []) if said.typed else refused,
        reason=said.first("reason"),
        hidden={FIELD: shown(by, Act.RETURN, dossier, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def send_back(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    dossier = await signing.approach(number, Act.RETURN, by)
    form = forms.parse(sent.typed, ReturnForm)
    prepared = returns.prepare(dossier, by=by, reason=form.reason, reopen=form.reopen)
    return ToSign(prepared, f"/cases/{number}", N_("The case is returned to the municipality."))


HANDLERS = [show, send_back]
