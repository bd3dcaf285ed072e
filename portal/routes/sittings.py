"""Sittings of the working group: called, put together, minuted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from litestar import Response, get, post

from portal.domain import persian
from portal.domain.lifecycle import Role
from portal.services.cases import sittings
from portal.services.identity.identity import Identity
from portal.texts import N_
from portal.web import forms, overtaken
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.overtaken import Difference
from portal.web.pages.facts import Facts, facts
from portal.web.rerender import rerender_on_error
from portal.web.responses import RECORDED, done, page

ONCE = "once"
"""What the form drew: the same post a second time is told from a second sitting by it."""
LABELS = {"minutes": N_("Minutes"), "attendance": N_("Attendance")}
MAY = frozenset({Role.ORGANIZATION})


@dataclass(frozen=True, slots=True)
class SittingForm:
    held_on: date = field(metadata={"parser": forms.day(required=True)})
    title: str = field(metadata={"parser": forms.text(most=160)})
    once: UUID | None = field(metadata={"parser": forms.identifier(required=False)})


@dataclass(frozen=True, slots=True)
class AgendaForm:
    case: list[str] = field(metadata={"parser": forms.many()})
    minutes: str = field(metadata={"parser": forms.text(required=False, most=20_000)})
    attendance: str = field(metadata={"parser": forms.text(required=False, most=4000)})
    version: str = field(metadata={"parser": forms.text(required=False, most=64)})


@dataclass(frozen=True, slots=True)
class SittingList:
    template: ClassVar = "sitting/list.html"
    today: date
    rows: list[dict[str, Any]]
    older: str | None


@get("/sittings", may=MAY)
async def show_list(request: AppRequest, now: Now) -> Response[Any]:
    """Every sitting, the newest first, 25 a page."""
    listing = await sittings.listing(request.query_params.get("page", ""))
    return page(request, SittingList(today=persian.tehran_date(now), **listing))


@get("/sittings/new", may=MAY)
async def show_new(request: AppRequest, now: Now) -> Response[Any]:
    return await draw_new(request=request, now=now)


@dataclass(frozen=True, slots=True)
class NewSittingPage:
    template: ClassVar = "sitting/new.html"
    held_on: str
    title: str
    hidden: Mapping[str, str]
    errors: Mapping[str, str]


async def draw_new(
    request: AppRequest, now: Now, by: Identity | None = None, said: FormState = NOTHING
) -> Response[Any]:
    today = persian.persian_digits(persian.jalali_text(persian.tehran_date(now)))
    context = NewSittingPage(
        held_on=said.first("held_on", today),
        title=said.first("title"),
        hidden={ONCE: said.first(ONCE) or str(uuid4())},
        errors=said.errors,
    )
    return page(request, context, said.status)


@post("/sittings", may=MAY)
@rerender_on_error(draw_new)
async def call(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    form = await forms.read(request, SittingForm)
    sitting, is_new = await sittings.call(by=by, title=form.title, held_on=form.held_on, once=form.once, now=now)
    called = N_("The meeting is scheduled; put cases on its agenda.")
    return done(request, f"/sittings/{sitting}", called if is_new else RECORDED)


@get("/sittings/{sitting:uuid}", may=MAY)
async def show(request: AppRequest, by: Identity, sitting: UUID) -> Response[Any]:
    return await draw(request=request, by=by, sitting=sitting)


@dataclass(frozen=True, slots=True)
class SittingPage:
    template: ClassVar = "sitting/show.html"
    sitting: dict[str, Any]
    overtaken: list[Difference]
    hidden: Mapping[str, str]
    agenda: list[tuple[dict[str, Any], Facts]]
    waiting: list[dict[str, Any]]
    chosen: list[str]
    minutes: str
    attendance: str
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, by: Identity, sitting: UUID, now: Now | None = None, said: FormState = NOTHING
) -> Response[Any]:
    row = await sittings.find(sitting)
    stored = {name: row[name] for name in ("minutes", "attendance")}
    context = SittingPage(
        sitting=row,
        overtaken=overtaken.differences(said, stored, LABELS),
        hidden={overtaken.VERSION: overtaken.version(said, sittings.version_of(row))},
        agenda=[(row, _facts(row)) for row in await sittings.agenda(sitting)],
        waiting=await sittings.waiting(),
        chosen=said.typed.get("case", []),
        minutes=said.first("minutes", row["minutes"]),
        attendance=said.first("attendance", row["attendance"]),
        errors=said.errors,
    )
    return page(request, context, said.status)


def _facts(row: dict[str, Any]) -> Facts:
    """Held, asked, computed and decided of a case on the agenda."""
    assessment = {"grade": row["computed"]} if row["computed"] else None
    decision = {"outcome": row["outcome"], "grade": row["decided_grade"], "reason": None} if row["outcome"] else None
    return facts(row, assessment, decision)


@post("/sittings/{sitting:uuid}", may=MAY)
@rerender_on_error(draw)
async def keep(request: AppRequest, by: Identity, sitting: UUID, now: Now) -> Response[Any]:
    """Put cases on the agenda; keep minutes and attendance."""
    await sittings.find(sitting)
    form = await forms.read(request, AgendaForm)
    typed = await forms.typed(request)
    await sittings.keep(
        sitting,
        by=by,
        agenda=form.case,
        minutes=form.minutes if "minutes" in typed else None,
        attendance=form.attendance if "attendance" in typed else None,
        seen=form.version or None,
        now=now,
    )
    return done(request, f"/sittings/{sitting}", N_("The meeting is saved."))


HANDLERS = [show_list, show_new, call, show, keep]
