"""Scoring a case under a published score table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import assessments, eligibility, signing
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions as ruleset_versions
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.pages import scorecard
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers
from portal.web.words import cross_check_messages

PATH = "/cases/{number:str}/assessment"
MAY = roles_of(Act.ASSESSMENT)


@dataclass(frozen=True, slots=True)
class AssessmentForm:
    ruleset: str = field(metadata={"parser": forms.text(most=80)})
    note: str = field(metadata={"parser": forms.text(required=False)})


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now)


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    template: ClassVar = "assessment/form.html"
    case: dict[str, Any]
    versions: list[dict[str, Any]]
    ruleset: str
    note: str
    card: dict[str, Any] | None
    remarks: list[str]
    official: bool
    latest: dict[str, Any] | None
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, number: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    dossier = await signing.approach(number, Act.ASSESSMENT, by)
    versions = await ruleset_versions.published()
    fitting = await ruleset_versions.in_force(dossier.case["submitted_at"])
    explanation = assessments.explain(dossier.declaration, fitting) if fitting else None
    standing = await eligibility.standing(dossier.case, dossier.declaration, now)
    latest = await assessments.latest(dossier.case["id"])
    context = AssessmentPage(
        case=dossier.case,
        versions=versions,
        ruleset=said.first("ruleset", fitting["digest"] if fitting else ""),
        note=said.first("note"),
        card=scorecard.card(explanation.as_dict(), ruleset_versions.parsed(fitting["source"]))
        if fitting and explanation
        else None,
        remarks=[cross_check_messages.sentence(each) for each in standing.remarks],
        official=bool(fitting and fitting["official"]),
        latest=latest,
        hidden={FIELD: shown(by, Act.ASSESSMENT, dossier, now, assessments.facts(latest))},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def assess(request: AppRequest, by: Identity, number: str, now: Now, sent: Sent) -> ToSign[None]:
    dossier = await signing.approach(number, Act.ASSESSMENT, by)
    form = forms.parse(sent.typed, AssessmentForm)
    prepared = await assessments.prepare(dossier, by=by, ruleset=form.ruleset, note=form.note)
    return ToSign(prepared, f"/cases/{number}", N_("The assessment is signed and recorded."))


HANDLERS = [show, assess]
