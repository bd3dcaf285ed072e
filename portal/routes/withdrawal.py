"""Giving a request up: a reason, no code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain.lifecycle import Act
from portal.domain.permissions import roles_of
from portal.services.cases import signing, withdrawals
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.rerender import rerender_on_error
from portal.web.responses import RECORDED, done, page

PATH = "/cases/{number:str}/withdrawal"
MAY = roles_of(Act.WITHDRAWAL)


@dataclass(frozen=True, slots=True)
class WithdrawalForm:
    reason: str = field(metadata={"parser": forms.text()})


@get(PATH, may=MAY)
async def show(request: AppRequest, by: Identity, number: str) -> Response[Any]:
    return await draw(request=request, by=by, number=number)


@dataclass(frozen=True, slots=True)
class WithdrawalPage:
    template: ClassVar = "withdrawal/form.html"
    case: dict[str, Any]
    reason: str
    errors: Mapping[str, str]
    hidden: Mapping[str, str] = field(default_factory=dict)


async def draw(
    request: AppRequest, by: Identity, number: str, now: Now | None = None, said: FormState = NOTHING
) -> Response[Any]:
    """The form, and what withdrawing means."""
    dossier = await signing.approach(number, Act.WITHDRAWAL, by)
    context = WithdrawalPage(case=dossier.case, reason=said.first("reason"), errors=said.errors)
    return page(request, context, said.status)


@post(PATH, may=MAY)
@rerender_on_error(draw)
async def withdraw(request: AppRequest, by: Identity, number: str, now: Now) -> Response[Any]:
    form = await forms.read(request, WithdrawalForm)
    is_new = await withdrawals.withdraw(number, by=by, reason=form.reason, now=now)
    return done(request, f"/cases/{number}", N_("The withdrawal is recorded.") if is_new else RECORDED)


HANDLERS = [show, withdraw]
