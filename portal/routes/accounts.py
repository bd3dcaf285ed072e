"""Accounts, for the administrator: the list, a new one, and the page of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from litestar import Response, get, post

from portal.domain.approvals import Office
from portal.domain.events import OfficeAct
from portal.domain.lifecycle import Role
from portal.domain.lists import Show
from portal.domain.mandates import MandateKind
from portal.services.administration import access, accounts, administrators, lists, restorations
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import sessions
from portal.services.authentication.factor_confirmations import Factor
from portal.services.cases import worklists
from portal.services.identity import accounts as identities
from portal.services.identity.identity import Identity
from portal.services.register import towns
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.guards import ADMINISTRATORS
from portal.web.identity import AppRequest
from portal.web.one_time_links import link_shown
from portal.web.responses import done, narrowed, page
from portal.web.sent import FIELD, Sent, provide_sent, shown_of
from portal.web.signoffs import ToSign, answers
from portal.web.words import labels

ENOUGH = 3
"""Administrators, so that for each of them there are two others."""


@dataclass(frozen=True, slots=True)
class AccountForm:
    username: str = field(metadata={"parser": forms.text(most=64)})
    full_name: str = field(metadata={"parser": forms.text(most=identities.LONGEST_NAME)})
    title: str = field(metadata={"parser": forms.text(most=identities.LONGEST_NAME)})
    role: Role = field(metadata={"parser": forms.choice(Role)})
    municipality: str = field(metadata={"parser": forms.text(required=False, most=towns.LONGEST)})
    province: str = field(metadata={"parser": forms.text(required=False, most=2)})
    kind: MandateKind | None = field(metadata={"parser": forms.choice(MandateKind, required=False)})
    starts_on: date | None = field(metadata={"parser": forms.day()})
    ends_on: date | None = field(metadata={"parser": forms.day()})

    def as_new(self) -> NewAccount:
        return NewAccount(
            self.username,
            self.full_name,
            self.title,
            self.role,
            self.municipality,
            self.province,
            self.kind or MandateKind.REGULAR,
            self.starts_on,
            self.ends_on,
        )


NAMES = tuple(AccountForm.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class AccountList:
    template: ClassVar = "accounts/list.html"
    rows: list[dict[str, Any]]
    hits: int | None  # of a search
    older: str | None
    role: str
    text: str
    show: Show
    shows: list[Show]
    counts: dict[Show, int]
    roles: list[tuple[str, str]]
    administrators: list[dict[str, Any]]
    enough: int
    four_eyes: str


@get("/accounts", may=ADMINISTRATORS)
async def show_list(request: AppRequest, now: Now, settings: Settings) -> Response[Any]:
    asked = request.query_params
    role = asked.get("role", "") if asked.get("role", "") in set(Role) else ""
    text = asked.get("q", "").strip()[:80]
    show = Show(asked.get("show", "")) if asked.get("show", "") in set(Show) else Show.ALL
    rows = await lists.listing(now, after=asked.get("page", "")[:64], role=role, text=text, show=show)
    more, rows = len(rows) > lists.PAGE, rows[: lists.PAGE]
    query = {"role": role, "q": text, "show": show.value, "page": rows[-1]["username"] if rows else ""}
    context = AccountList(
        rows=rows,
        hits=await lists.hits(now, role=role, text=text, show=show) if role or text else None,
        older=narrowed("/accounts", query) if more else None,
        role=role,
        text=text,
        show=show,
        shows=[each for each in Show if each],
        counts=await lists.counts(now),
        roles=labels.options(Role),
        administrators=await administrators.of_today(now),
        enough=ENOUGH,
        four_eyes=settings.four_eyes_state,
    )
    return page(request, context)


@get("/accounts/new", may=ADMINISTRATORS, recalls=True)
async def show_new(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, now=now)


@dataclass(frozen=True, slots=True)
class NewAccountPage:
    template: ClassVar = "accounts/new.html"
    values: Mapping[str, Any]
    roles: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    provinces: list[tuple[str, str]]
    towns: list[str]
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, by: Identity, now: Now, settings: Settings | None = None, said: FormState = NOTHING
) -> Response[Any]:
    account = uuid4() if said is NOTHING else _new_id(await provide_sent(request))
    context = NewAccountPage(
        values={name: said.first(name) for name in NAMES},
        roles=labels.options(Role),
        kinds=labels.options(MandateKind),
        provinces=await worklists.provinces(),
        towns=list(await towns.choices()),
        hidden={FIELD: shown_of(by, OfficeAct.OPENING, accounts.about(account), now)},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/accounts", may=ADMINISTRATORS)
@answers(draw)
async def open_account(request: AppRequest, by: Identity, now: Now, settings: Settings, sent: Sent) -> ToSign[str]:
    """Open the account under a code, and show its one-time link: this once."""
    person = _new_id(sent)
    new = forms.parse(sent.typed, AccountForm).as_new()
    new = replace(new, municipality=await towns.code_of(new.municipality or ""))
    prepared = await accounts.prepare_opening(person, new, by=by, now=now)
    return ToSign(prepared, answer=link_shown(request, person, "opening", settings))


def _new_id(sent: Sent) -> UUID:
    """The id that was drawn with the form; without the form's hidden field, one that the username gives."""
    try:
        return UUID(sent.subject or "")
    except ValueError:
        return uuid5(NAMESPACE_URL, identities.username_of(forms.first(sent.typed.get("username", []))))


@dataclass(frozen=True, slots=True)
class AccountPage:
    template: ClassVar = "accounts/show.html"
    account: dict[str, Any]
    is_own: bool
    missing: list[str] | None  # who would have to enter first
    sessions: list[dict[str, Any]]
    restoration: dict[str, Any] | None
    mandates: list[dict[str, Any]]
    factors: list[Factor]
    offices: frozenset[Office]  # that confirm
    confirmed: bool  # whether a factor is, for each of them


@get("/accounts/{person:uuid}", may=ADMINISTRATORS)
async def show(request: AppRequest, by: Identity, person: UUID, now: Now) -> Response[Any]:
    """The account; its page leads to everything that can be done to it."""
    row = await identities.find(person)
    context = AccountPage(
        account=row,
        is_own=person == by.id,
        missing=await administrators.missing(now, person=person),
        sessions=await sessions.of_person(person, now),
        restoration=await restorations.of_person(person),
        **await access.overview(person, now),
    )
    return page(request, context)


@post("/accounts/{person:uuid}/sessions", may=ADMINISTRATORS)
async def end_sessions(request: AppRequest, by: Identity, person: UUID, now: Now) -> Response[Any]:
    await accounts.end_sessions(person, by=by, now=now)
    return done(request, f"/accounts/{person}", N_("This person is signed out on all devices."))


HANDLERS = [show_list, show_new, open_account, show, end_sessions]
