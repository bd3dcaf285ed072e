"""The Minister does not sign, and says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import signing
from portal.services.identity.identity import Identity
from portal.services.letters import refusals, rulings
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers

PATH = "/cases/{number:str}/refusal"
MAY = roles_of(Act.REFUSAL)


@dataclass(frozen=True, slots=True)
class RefusalForm:
    reason: str = field(metadata={"parser": forms.text()})


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


@dataclass(frozen=True, slots=True)
class RefusalPage:
    template: ClassVar = "refusal/form.html"
    case: dict[str, Any]
    decision: dict[str, Any]
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    dossier = await signing.approach(number, Act.REFUSAL, by)
    decision = await rulings.ruling(dossier, Act.REFUSAL)
    context = RefusalPage(
        case=dossier.case,
        decision=decision,
        reason=said.first("reason"),
        hidden={FIELD: shown(by, Act.REFUSAL, dossier, now, rulings.facts(decision))},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def refuse(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    dossier = await signing.approach(number, Act.REFUSAL, by)
    form = forms.parse(sent.typed, RefusalForm)
    prepared = await refusals.prepare(dossier, by=by, reason=form.reason)
    return ToSign(
        prepared, f"/cases/{number}", N_("The decision is not signed; the case is returned to the Organization.")
    )


HANDLERS = [show, refuse]
