"""Recording what the working group decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.declarations import GRADES
from portal.domain.dossiers import Dossier
from portal.domain.lifecycle import Act, Outcome
from portal.domain.permissions import roles_of
from portal.services.cases import confirmations, decisions, signing, sittings
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.formats import day, digits
from portal.web.identity import AppRequest
from portal.web.pages import scorecard
from portal.web.pages.facts import Facts, facts
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown
from portal.web.signoffs import ToSign, answers
from portal.web.words import labels

PATH = "/cases/{number:str}/decision"
MAY = roles_of(Act.DECISION)


@dataclass(frozen=True, slots=True)
class DecisionForm:
    sitting: UUID = field(metadata={"parser": forms.identifier()})
    outcome: Outcome = field(metadata={"parser": forms.choice(Outcome)})
    grade: int | None = field(metadata={"parser": forms.whole(least=1, most=12)})
    effective_on: date | None = field(metadata={"parser": forms.day()})
    reason: str = field(metadata={"parser": forms.text(required=False)})
    refusal_code: RefusalCode | None = field(metadata={"parser": forms.choice(RefusalCode, required=False)})

    def ruling(self) -> Ruling:
        return Ruling(self.sitting, self.outcome, self.grade, self.effective_on, self.reason, self.refusal_code)


@get(PATH, may=MAY, recalls=True)
async def show(request: AppRequest, by: Identity, number: str, now: Now, settings: Settings) -> Response[Any]:
    return await draw(request=request, by=by, number=number, now=now, settings=settings)


async def ready(number: str, by: Identity, settings: Settings) -> tuple[Dossier, dict[str, Any]]:
    """The case, and the assessment that its decision rests on, if `by` can decide it."""
    dossier = await signing.approach(number, Act.DECISION, by)
    return dossier, await decisions.rests_on(dossier, by, four_eyes=settings.four_eyes)


@dataclass(frozen=True, slots=True)
class DecisionPage:
    template: ClassVar = "decision/form.html"
    case: dict[str, Any]
    assessment: dict[str, Any]
    card: dict[str, Any]
    facts: Facts
    sittings: list[tuple[str, str]]
    outcomes: list[tuple[str, str]]
    grades: list[tuple[str, str]]
    refusal_codes: list[tuple[str, str]]
    values: Mapping[str, Any]
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, by: Identity, number: str, now: Now, settings: Settings, said: FormState = NOTHING
) -> Response[Any]:
    dossier, assessment = await ready(number, by, settings)
    usable = await sittings.usable(now, await confirmations.last_day(dossier.case["id"]))
    held = [(str(row["id"]), f"{row['title']} ({day(row['held_on'])})") for row in usable]
    context = DecisionPage(
        case=dossier.case,
        assessment=assessment,
        card=scorecard.card(assessment["explanation"], versions.parsed(assessment["source"])),
        facts=facts(dossier.declaration.as_dict(), assessment, None),
        sittings=held,
        outcomes=labels.options(Outcome),
        grades=[(str(n), digits(n)) for n in GRADES],
        refusal_codes=labels.options(RefusalCode),
        values={
            "sitting": said.first("sitting", str(dossier.case["sitting"] or "")),
            "outcome": said.first("outcome"),
            "grade": said.first("grade"),
            "effective_on": said.first("effective_on"),
            "reason": said.first("reason"),
            "refusal_code": said.first("refusal_code"),
        },
        hidden={FIELD: shown(by, Act.DECISION, dossier, now, decisions.facts(assessment))},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(PATH, may=MAY)
@answers(draw)
async def decide(
    request: AppRequest, by: Identity, number: str, now: Now, settings: Settings, sent: Sent
) -> ToSign[None]:
    dossier, assessment = await ready(number, by, settings)
    ruling = forms.parse(sent.typed, DecisionForm).ruling()
    prepared = await decisions.prepare(dossier, by=by, assessment=assessment, ruling=ruling, now=now)
    return ToSign(prepared, f"/cases/{number}", N_("The decision is recorded and awaits the Minister’s signature."))


HANDLERS = [show, decide]
