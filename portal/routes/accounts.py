"""Accounts, for the administrator: open, invite, reset, close."""

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from portal.domain.lifecycle import Role
from portal.services import accounts, enrolment, invitations, sessions, worklists
from portal.services.accounts import NewAccount
from portal.services.people import Identity
from portal.settings import Settings
from portal.texts import N_
from portal.web import forms, labels
from portal.web.again import again
from portal.web.dependencies import Now
from portal.web.identity import AppRequest
from portal.web.responses import done, page
from portal.web.signoffs import NOTHING, Said

MAY = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class AccountForm:
    username: str = field(metadata={"parser": forms.text(most=64)})
    full_name: str = field(metadata={"parser": forms.text(most=accounts.LONGEST_NAME)})
    title: str = field(metadata={"parser": forms.text(most=accounts.LONGEST_NAME)})
    role: Role = field(metadata={"parser": forms.choice(Role)})
    municipality: str = field(metadata={"parser": forms.text(required=False, most=10)})
    province: str = field(metadata={"parser": forms.text(required=False, most=2)})


@get("/accounts", may=MAY)
async def show_list(request: AppRequest) -> Response[Any]:
    asked = request.query_params
    role = asked.get("role", "") if asked.get("role", "") in set(Role) else ""
    text = asked.get("q", "").strip()[:80]
    unenrolled = asked.get("enrolled", "") == "no"
    rows = await accounts.listing(after=asked.get("page", "")[:64], role=role, text=text, unenrolled=unenrolled)
    more, rows = len(rows) > accounts.PAGE, rows[: accounts.PAGE]
    query = {
        "role": role,
        "q": text,
        "enrolled": "no" if unenrolled else "",
        "page": rows[-1]["username"] if rows else "",
    }
    older = "/accounts?" + urlencode({name: value for name, value in query.items() if value}) if more else None
    return page(
        request,
        "accounts/list.html",
        rows=rows,
        older=older,
        role=role,
        text=text,
        unenrolled=unenrolled,
        roles=labels.options(Role),
    )


@get("/accounts/new", may=MAY)
async def show_new(request: AppRequest) -> Response[Any]:
    return await draw(request=request)


async def draw(
    request: AppRequest,
    by: Identity | None = None,
    now: Now | None = None,
    settings: Settings | None = None,
    said: Said = NOTHING,
) -> Response[Any]:
    names = ("username", "full_name", "title", "role", "municipality", "province")
    return page(
        request,
        "accounts/new.html",
        said.status,
        values={name: said.first(name) for name in names},
        roles=labels.options(Role),
        provinces=await worklists.provinces(),
        errors=said.errors,
    )


@post("/accounts", may=MAY)
@again(draw)
async def open_account(request: AppRequest, by: Identity, now: Now, settings: Settings) -> Response[Any]:
    """Open the account, and show its one-time link: this once."""
    form = await forms.read(request, AccountForm)
    person = await accounts.open_account(NewAccount(**asdict(form)), by=by, now=now)
    return await _link(request, person, invitations.INVITATION, by, now, settings)


async def _link(
    request: AppRequest, person: UUID, purpose: str, by: Identity, now: Now, settings: Settings
) -> Response[Any]:
    token = await invitations.invite(person, purpose=purpose, by=by, now=now)
    row = await accounts.find(person)
    url = f"{settings.base_url}/invitations/{token}"
    return page(request, "accounts/link.html", account=row, purpose=purpose, url=url)


@get([f"/accounts/{{person:uuid}}{act}" for act in ("", "/invitation", "/reset", "/end")], may=MAY)
async def show(request: AppRequest, person: UUID, now: Now) -> Response[Any]:
    """The account; its page carries the form of everything that can be done to it."""
    row = await accounts.find(person)
    return page(
        request,
        "accounts/show.html",
        account=row,
        enrolled=await enrolment.has_factor(person),
        is_last=await accounts.is_last_administrator(row),
        sessions=await sessions.of_person(person, now),
    )


@post("/accounts/{person:uuid}/invitation", may=MAY)
async def invite(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    return await _link(request, person, invitations.INVITATION, by, now, settings)


@post("/accounts/{person:uuid}/reset", may=MAY)
async def reset(request: AppRequest, by: Identity, person: UUID, now: Now, settings: Settings) -> Response[Any]:
    return await _link(request, person, invitations.RESET, by, now, settings)


@post("/accounts/{person:uuid}/end", may=MAY)
async def end(request: AppRequest, by: Identity, person: UUID, now: Now) -> Response[Any]:
    await accounts.close(person, by=by, now=now)
    return done(request, f"/accounts/{person}", N_("The account is closed."))


HANDLERS = [show_list, show_new, open_account, show, invite, reset, end]
