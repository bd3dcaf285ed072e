"""What waits for a second person: mandates, enrolled authenticators, lost devices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.approvals import OBJECTION, Hearing, Waiting
from portal.domain.errors import Invalid
from portal.domain.events import OfficeAct
from portal.services.administration import approvals, waiting
from portal.services.administration.approvals import ACTS
from portal.services.administration.waiting import OFFICES, WaitingApproval
from portal.services.identity import accounts
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.responses import page
from portal.web.sent import FIELD, Sent, shown_of
from portal.web.signoffs import ToSign, answers
from portal.web.words import fields, labels

PATH = "/approvals/{approval:uuid}"
DONE = {
    Waiting.ENROLMENT: N_("The authenticator is confirmed; its owner can sign now."),
    Waiting.MANDATE: N_("The mandate is valid from its first day."),
    Waiting.RESTORATION: N_("Approved. The link becomes valid when the time for objections is over."),
}


@dataclass(frozen=True, slots=True)
class ApprovalForm:
    compared: Hearing | None = field(metadata={"parser": forms.choice(Hearing, required=False)})


@dataclass(frozen=True, slots=True)
class DeclineForm:
    reason: str = field(metadata={"parser": forms.text(most=1000)})


@dataclass(frozen=True, slots=True)
class ApprovalList:
    template: ClassVar = "approval/list.html"
    rows: list[tuple[WaitingApproval, bool, bool]]  # each, whether it is for this reader, whether for anybody
    newer: str | None
    older: str | None


@get("/approvals", may=OFFICES)
async def show_list(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    typed = persian.fold_digits(request.query_params.get("page", ""))[:5]
    number = int(typed) if typed.isdecimal() else 0
    found = await waiting.of_office(by, now, skip=number * waiting.PAGE)
    members = await waiting.members(by, now)
    context = ApprovalList(
        rows=[(each, each.is_for(by), any(map(each.is_left, members))) for each in found[: waiting.PAGE]],
        newer=f"/approvals?page={number - 1}" if number else None,
        older=f"/approvals?page={number + 1}" if len(found) > waiting.PAGE else None,
    )
    return page(request, context)


@get([PATH, f"{PATH}/approval"], may=OFFICES, recalls=True)
async def show(request: AppRequest, by: Identity, approval: UUID, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, approval=approval, now=now)


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    template: ClassVar = "approval/show.html"
    asked: WaitingApproval
    account: dict[str, Any]
    facts: Mapping[str, Any]
    objection_hours: int
    ways: list[tuple[str, str]]
    compared: str
    others: list[WaitingApproval]  # factors of the same person
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, approval: UUID, now: Now, said: FormState = NOTHING) -> Response[Any]:
    """Who asks for what, and how to see that it is right."""
    asked, matter = await approvals.approach(approval, by, now)
    context = ApprovalPage(
        asked=asked,
        account=await accounts.find(asked.person),
        facts=matter.facts,
        objection_hours=int(OBJECTION.total_seconds() // 3600),
        ways=labels.options(Hearing),
        compared=said.first("compared"),
        others=await waiting.beside(asked, by, now),
        hidden={FIELD: shown_of(by, ACTS[asked.kind], matter, now)},
        errors=fields.placed(said.errors, "compared", "code"),
    )
    return page(request, context, said.status)


@post(f"{PATH}/approval", may=OFFICES)
@answers(draw)
async def agree(request: AppRequest, by: Identity, approval: UUID, now: Now, sent: Sent) -> ToSign[Waiting]:
    asked, _ = await approvals.approach(approval, by, now)
    form = forms.parse(sent.typed, ApprovalForm)
    if asked.kind is Waiting.ENROLMENT and form.compared is None:
        raise Invalid({"compared": "choose"})
    prepared = await approvals.prepare_agreement(asked, compared=form.compared, by=by, now=now)
    return ToSign(prepared, "/approvals", DONE[asked.kind])


@get(f"{PATH}/decline", may=OFFICES, recalls=True)
async def show_decline(request: AppRequest, by: Identity, approval: UUID, now: Now) -> Response[Any]:
    return await draw_decline(request=request, by=by, approval=approval, now=now)


@dataclass(frozen=True, slots=True)
class DeclinePage:
    template: ClassVar = "approval/decline.html"
    asked: WaitingApproval
    ends: str | None  # of a factor
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw_decline(
    request: AppRequest, by: Identity, approval: UUID, now: Now, said: FormState = NOTHING
) -> Response[Any]:
    asked, matter = await approvals.approach_decline(approval, by, now)
    context = DeclinePage(
        asked=asked,
        ends=matter.facts.get("ends"),
        reason=said.first("reason"),
        hidden={FIELD: shown_of(by, OfficeAct.DECLINE, matter, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(f"{PATH}/decline", may=OFFICES)
@answers(draw_decline)
async def decline(request: AppRequest, by: Identity, approval: UUID, now: Now, sent: Sent) -> ToSign[None]:
    asked, _ = await approvals.approach(approval, by, now)
    form = forms.parse(sent.typed, DeclineForm)
    prepared = await approvals.prepare_decline(asked, reason=form.reason, by=by, now=now)
    return ToSign(prepared, "/approvals", N_("Declined; your reason is recorded."))


HANDLERS = [show_list, show, agree, show_decline, decline]
