"""The register of municipalities, the page of a town, and the lifting of its waiting period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.eligibility import Known
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Role
from portal.services.cases import eligibility, worklists
from portal.services.identity.identity import Identity
from portal.services.register import shipped, towns
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.responses import narrowed, page
from portal.web.sent import FIELD, Sent, shown_of
from portal.web.signoffs import ToSign, answers
from portal.web.words import cross_check_messages

MAY = frozenset({Role.ADMINISTRATOR, Role.ORGANIZATION, Role.AUDITOR})
LIFTS = frozenset({Role.ORGANIZATION})
TOWN = "/municipalities/{code:str}"


@dataclass(frozen=True, slots=True)
class LiftForm:
    reason: str = field(metadata={"parser": forms.text()})


@dataclass(frozen=True, slots=True)
class MunicipalityList:
    template: ClassVar = "municipality/list.html"
    rows: list[dict[str, Any]]
    older: str | None
    hits: int | None  # of a search
    text: str
    province: str
    provinces: list[tuple[str, str]]


@get("/municipalities", may=MAY, compressed=True)
async def show_list(request: AppRequest) -> Response[Any]:
    asked = request.query_params
    text, province, after = asked.get("q", "").strip()[:80], asked.get("province", "")[:2], asked.get("page", "")[:10]
    listing = await shipped.listing(text=text, province=province, after=after)
    query = {"q": text, "province": province, "page": listing["older"] or ""}
    older = narrowed("/municipalities", query)
    context = MunicipalityList(
        rows=listing["rows"],
        older=older if listing["older"] else None,
        hits=await shipped.hits(text=text, province=province) if text or province else None,
        text=text,
        province=province,
        provinces=await worklists.provinces(),
    )
    return page(request, context)


@dataclass(frozen=True, slots=True)
class MunicipalityPage:
    template: ClassVar = "municipality/show.html"
    town: dict[str, Any]
    known: Known
    waiting: dict[str, Any] | None
    can_lift: bool
    lifts: list[dict[str, Any]]


@get(TOWN, may=MAY)
async def show(request: AppRequest, code: str, now: Now) -> Response[Any]:
    """What the portal and its register know of a town."""
    known, found = await towns.known(code), await eligibility.of_town(code, None, now)
    context = MunicipalityPage(
        town=await towns.find(code),
        known=known,
        waiting=cross_check_messages.waiting(found, persian.tehran_date(now)),
        can_lift=found is not None
        and not found.is_lifted
        and not (found.day and found.is_reached(persian.tehran_date(now))),
        lifts=await eligibility.lifts(code),
    )
    return page(request, context)


@get(f"{TOWN}/eligibility", may=LIFTS, recalls=True)
async def lift_form(request: AppRequest, by: Identity, code: str, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, code=code, now=now)


@dataclass(frozen=True, slots=True)
class EligibilityPage:
    template: ClassVar = "municipality/eligibility.html"
    town: dict[str, Any]
    waiting: dict[str, Any] | None
    reason: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(request: AppRequest, by: Identity, code: str, now: Now, said: FormState = NOTHING) -> Response[Any]:
    matter = await eligibility.lift_matter(code, by, now)
    found = await eligibility.of_town(code, None, now)
    context = EligibilityPage(
        town=await towns.find(code),
        waiting=cross_check_messages.waiting(found, persian.tehran_date(now)),
        reason=said.first("reason"),
        hidden={FIELD: shown_of(by, OfficeAct.ELIGIBILITY, matter, now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post(f"{TOWN}/eligibility", may=LIFTS)
@answers(draw)
async def lift(request: AppRequest, by: Identity, code: str, now: Now, sent: Sent) -> ToSign[None]:
    await eligibility.lift_matter(code, by, now)
    form = forms.parse(sent.typed, LiftForm)
    prepared = await eligibility.prepare_lift(code, by=by, reason=form.reason, now=now)
    said = N_("The waiting period is waived; the reason is recorded in the journal.")
    return ToSign(prepared, f"/municipalities/{code}", said)


HANDLERS = [show_list, show, lift_form, lift]
