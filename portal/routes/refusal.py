"""The Minister does not sign, and says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import decisions, notices, signing
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.signoffs import FIELD, NOTHING, FormState, answers, proof, shown

PATH = "/cases/{number:str}/refusal"
MAY = roles_of(Act.REFUSAL)


@dataclass(frozen=True, slots=True)
class RefusalForm:
    reason: str = field(metadata={"parser": forms.text()})


@get(PATH, may=MAY)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


@dataclass(frozen=True, slots=True)
class RefusalPage:
    template: ClassVar = "refusal/form.html"
    case: dict[str, Any]
    decision: dict[str, Any] | None
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    dossier = await signing.approach(number, Act.REFUSAL, by)
    context = RefusalPage(
        case=dossier.case,
        decision=await decisions.standing(dossier.case["id"]),
        reason=said.first("reason"),
        hidden={FIELD: shown(by, Act.REFUSAL, dossier, now, await notices.facts(dossier))},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def refuse(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    await signing.approach(number, Act.REFUSAL, by)
    given = await proof(request, Act.REFUSAL, number, by, now)
    form = await forms.read(request, RefusalForm)
    await notices.refuse(number, by=by, reason=form.reason, proof=given, now=now)
    return done(request, f"/cases/{number}", N_("The decision is not signed; the case is back at the Organization."))


HANDLERS = [show, refuse]
