"""Mandates are granted and ended, accounts are closed: by administrators, under a code."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, get, post

from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.administration import access, accounts
from portal.services.administration import mandates as grants
from portal.services.administration.mandates import Grant
from portal.services.cases import worklists
from portal.services.identity import accounts as identities
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.services.register import towns
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.formats import digits
from portal.web.guards import ADMINISTRATORS
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.sent import FIELD, Sent, shown_of
from portal.web.signoffs import ToSign, answers
from portal.web.words import labels


@dataclass(frozen=True, slots=True)
class MandateForm:
    kind: MandateKind = field(metadata={"parser": forms.choice(MandateKind)})
    title: str = field(metadata={"parser": forms.text(most=identities.LONGEST_NAME)})
    role: Role = field(metadata={"parser": forms.choice(Role)})
    municipality: str = field(metadata={"parser": forms.text(required=False, most=towns.LONGEST)})
    province: str = field(metadata={"parser": forms.text(required=False, most=2)})
    starts_on: date = field(metadata={"parser": forms.day(required=True)})
    ends_on: date | None = field(metadata={"parser": forms.day()})


@dataclass(frozen=True, slots=True)
class EndForm:
    last_day: date | None = field(metadata={"parser": forms.day()})


@get("/accounts/{person:uuid}/mandate", may=ADMINISTRATORS, recalls=True)
async def show_grant(request: AppRequest, by: Identity, person: UUID, now: Now) -> Response[Any]:
    return await draw_grant(request=request, by=by, person=person, now=now)


@dataclass(frozen=True, slots=True)
class MandatePage:
    template: ClassVar = "accounts/mandate.html"
    account: dict[str, Any]
    values: Mapping[str, Any]
    kinds: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    provinces: list[tuple[str, str]]
    towns: list[str]
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw_grant(
    request: AppRequest, by: Identity, person: UUID, now: Now, said: FormState = NOTHING
) -> Response[Any]:
    row = await access.require_manageable(person, by)
    known = {"kind": MandateKind.REGULAR, **{name: row[name] or "" for name in ("title", "role", "province")}}
    known |= {
        "municipality": row["municipality"] or "",
        "starts_on": digits(forms.typed_day(mandates.today_or(None, now))),
    }
    context = MandatePage(
        account=row,
        values={name: said.first(name, known.get(name, "")) for name in MandateForm.__dataclass_fields__},
        kinds=labels.options(MandateKind),
        roles=labels.options(Role),
        provinces=await worklists.provinces(),
        towns=list(await towns.choices()),
        hidden={FIELD: shown_of(by, OfficeAct.MANDATE, access.subject_of(row), now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/accounts/{person:uuid}/mandate", may=ADMINISTRATORS)
@answers(draw_grant)
async def grant(request: AppRequest, by: Identity, person: UUID, now: Now, sent: Sent) -> ToSign[UUID]:
    await access.require_manageable(person, by)
    form = forms.parse(sent.typed, MandateForm)
    wanted = Grant(**asdict(form) | {"municipality": await towns.code_of(form.municipality)})
    prepared = await grants.prepare_grant(person, wanted, by=by, now=now)
    return ToSign(prepared, f"/accounts/{person}", N_("The mandate awaits a second person’s approval."))


@get("/mandates/{mandate:uuid}", may=ADMINISTRATORS)
async def show(request: AppRequest, mandate: UUID) -> Response[Any]:
    """A mandate stands on the page of its account."""
    return done(request, f"/accounts/{(await grants.find(mandate))['person']}")


@get("/mandates/{mandate:uuid}/end", may=ADMINISTRATORS, recalls=True)
async def show_end(request: AppRequest, by: Identity, mandate: UUID, now: Now) -> Response[Any]:
    return await draw_end(request=request, by=by, mandate=mandate, now=now)


@dataclass(frozen=True, slots=True)
class MandateEndPage:
    template: ClassVar = "accounts/mandate_end.html"
    account: dict[str, Any]
    mandate: dict[str, Any]
    last_day: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw_end(
    request: AppRequest, by: Identity, mandate: UUID, now: Now, said: FormState = NOTHING
) -> Response[Any]:
    matter = await grants.approach_end(mandate, by, now)
    held = await grants.find(mandate)
    context = MandateEndPage(
        account=await identities.find(held["person"]),
        mandate=held,
        last_day=said.first("last_day"),
        hidden={FIELD: shown_of(by, OfficeAct.MANDATE_END, matter, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/mandates/{mandate:uuid}/end", may=ADMINISTRATORS)
@answers(draw_end)
async def end(request: AppRequest, by: Identity, mandate: UUID, now: Now, sent: Sent) -> ToSign[None]:
    matter = await grants.approach_end(mandate, by, now)
    form = forms.parse(sent.typed, EndForm)
    prepared = await grants.prepare_end(mandate, last_day=form.last_day, by=by, now=now)
    return ToSign(prepared, f"/accounts/{matter.id}", N_("The mandate’s end is recorded."))


async def close_act(by: Identity, person: UUID, now: Now) -> ToSign[None]:
    prepared = await accounts.prepare_closing(person, by=by, now=now)
    return ToSign(prepared, f"/accounts/{person}", N_("The account is closed."))


@get("/accounts/{person:uuid}/end", may=ADMINISTRATORS)
@answers(None)
async def show_close(request: AppRequest, by: Identity, person: UUID, now: Now, sent: Sent) -> ToSign[None]:
    return await close_act(by, person, now)


@post("/accounts/{person:uuid}/end", may=ADMINISTRATORS)
@answers(None)
async def close(request: AppRequest, by: Identity, person: UUID, now: Now, sent: Sent) -> ToSign[None]:
    return await close_act(by, person, now)


HANDLERS = [show_grant, grant, show, show_end, end, show_close, close]
