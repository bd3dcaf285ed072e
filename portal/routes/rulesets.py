"""Score tables: published ones, drafts, a draft against the table in force, and its publication."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from portal.domain import persian
from portal.domain.errors import Conflict, Invalid
from portal.domain.lifecycle import Role
from portal.domain.rulesets import RuleFinding, RuleSet, RuleSetError, Severity
from portal.services.cases import comparisons
from portal.services.identity.identity import Identity
from portal.services.rulesets import versions
from portal.texts import N_
from portal.web import forms
from portal.web.dependencies import Now
from portal.web.form_state import NOTHING, FormState
from portal.web.identity import AppRequest
from portal.web.pages import comparison
from portal.web.rerender import rerender_on_error
from portal.web.responses import RECORDED, done, page
from portal.web.sent import Sent
from portal.web.signoffs import ToSign, answers
from portal.web.words import error_messages, ruleset_messages

MAY = frozenset({Role.ORGANIZATION, Role.ADMINISTRATOR, Role.AUDITOR})
DRAFTS = frozenset({Role.ADMINISTRATOR})
COMPARES = frozenset({Role.ORGANIZATION, Role.AUDITOR})
PUBLISHES = frozenset({Role.ORGANIZATION})


def verbatim(given: list[str]) -> str:
    """The text as it is but for its line ends: a folded letter would be another digest."""
    text = given[0].replace("\r\n", "\n") if given else ""
    if not text.strip():
        raise forms.Wrong("blank")
    if len(text) > versions.LARGEST:
        raise forms.Wrong("too-long", most=versions.LARGEST)
    if any(ord(each) < 32 and each not in "\n\t" for each in text):
        raise forms.Wrong("control-characters")
    return text


@dataclass(frozen=True, slots=True)
class DraftForm:
    source: str = field(metadata={"parser": verbatim})


@dataclass(frozen=True, slots=True)
class RulesetList:
    template: ClassVar = "ruleset/list.html"
    rows: list[dict[str, Any]]
    drafts: list[dict[str, Any]]
    current: str | None  # digest of the one in force


@get("/rulesets", may=MAY, compressed=True)
async def show_list(request: AppRequest, now: Now) -> Response[Any]:
    current = await versions.in_force(now)
    context = RulesetList(
        rows=await versions.published(), drafts=await versions.drafts(), current=current["digest"] if current else None
    )
    return page(request, context)


@get("/rulesets/new", may=DRAFTS)
async def new(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    return await draw(request=request, by=by, now=now)


@dataclass(frozen=True, slots=True)
class DraftPage:
    template: ClassVar = "ruleset/new.html"
    source: str
    found: list[tuple[RuleFinding, str]]
    errors: Mapping[str, str]


async def draw(
    request: AppRequest, by: Identity, now: Now, said: FormState = NOTHING, found: tuple[RuleFinding, ...] = ()
) -> Response[Any]:
    told = [(each, ruleset_messages.sentence(each.code)) for each in found]
    source = said.first("source")
    return page(request, DraftPage(source=source, found=told, errors=said.errors), said.status)


@post("/rulesets", may=DRAFTS)
@rerender_on_error(draw)
async def draft(request: AppRequest, by: Identity, now: Now) -> Response[Any]:
    await _take_file(request)
    form = await forms.read(request, DraftForm)
    try:
        digest = await versions.draft(form.source, by=by, now=now)
    except RuleSetError as error:
        said = FormState({"source": error_messages.sentence("not-ruleset")}, await forms.typed(request), 422)
        return await draw(request, by, now, said, tuple(error.findings))
    kept = N_("The draft is saved; the Organization can compare and publish it.")
    is_new = (await versions.find(digest))["drafted_at"] == now
    return done(request, f"/rulesets/{digest}", kept if is_new else RECORDED)


async def _take_file(request: AppRequest) -> None:
    """A file takes the place of typed text; bytes that are no UTF-8 are refused (`Invalid`)."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        return
    file = (await request.form()).get("file")
    if isinstance(file, UploadFile) and file.filename:
        data = await file.read(versions.LARGEST * 4 + 1)
        try:
            (await forms.typed(request))["source"] = [data.decode()]
        except UnicodeDecodeError:
            raise Invalid({"source": "not-ruleset"}) from None


@dataclass(frozen=True, slots=True)
class RulesetPage:
    template: ClassVar = "ruleset/show.html"
    row: dict[str, Any]
    rules: RuleSet
    found: list[tuple[RuleFinding, str]]
    is_fit: bool
    is_past: bool


@get("/rulesets/{digest:str}", may=MAY)
async def show(request: AppRequest, digest: str, now: Now) -> Response[Any]:
    row = await versions.find(digest)
    found: list[RuleFinding] = []
    if row["published_at"] is None:
        found = await asyncio.to_thread(versions.findings, row["source"], persian.tehran_date(now))
    context = RulesetPage(
        row=row,
        rules=versions.parsed(row["source"]),
        found=[(each, ruleset_messages.sentence(each.code)) for each in found],
        is_fit=not any(each.severity is Severity.ERROR for each in found),
        is_past=row["effective_from"] < persian.tehran_date(now),
    )
    return page(request, context)


@get("/rulesets/{digest:str}/comparison", may=COMPARES)
async def compare(request: AppRequest, digest: str, now: Now) -> Response[Any]:
    """Whose grade would change under this table, and why."""
    row = await versions.find(digest)
    compared = await comparisons.with_current(row, now)
    if compared is None:
        raise Conflict("nothing-in-force")
    return page(request, comparison.context(compared, row))


async def act(by: Identity, digest: str, now: Now) -> ToSign[None]:
    prepared = await versions.prepare_publication(digest, by=by, now=now)
    return ToSign(prepared, f"/rulesets/{digest}", N_("The score table is published."))


@get("/rulesets/{digest:str}/publication", may=PUBLISHES)
@answers(None)
async def review(request: AppRequest, by: Identity, digest: str, now: Now, sent: Sent) -> ToSign[None]:
    return await act(by, digest, now)


@post("/rulesets/{digest:str}/publication", may=PUBLISHES)
@answers(None)
async def publish(request: AppRequest, by: Identity, digest: str, now: Now, sent: Sent) -> ToSign[None]:
    return await act(by, digest, now)


HANDLERS = [show_list, new, draft, show, compare, review, publish]
