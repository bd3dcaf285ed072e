"""Two presses of one button on a slow line: the act is done once, and both answers say that it is."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import httpx
import pytest

from portal.domain.lifecycle import State
from portal.tables.acts import Assessment, Attestation, Sitting
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.factors import Caution
from portal.tables.mandates import Mandate
from portal.tables.people import Person
from tests.world import cast
from tests.world.builders import Builder, scan
from tests.world.client import Page, Visitor
from tests.world.portal import Portal

RECORDED = "ثبت شده است"
Form = Mapping[str, str | Sequence[str]]


async def count(kind: str) -> int:
    return int(await Event.count().where(Event.kind == kind))


async def both(visitor: Visitor, url: str, form: Form, *, at_once: bool) -> list[Page]:
    """The same post twice."""
    if at_once:
        return [Page(each) for each in await asyncio.gather(*(visitor.http.post(url, data=dict(form)) for _ in "12"))]
    return [await visitor.post(url, form) for _ in "12"]


SIGNED = {
    "submission": (State.DRAFT, "clerk", None, "CaseSubmitted"),
    "attestation": (State.SUBMITTED, "officer", {}, "AttestationGiven"),
    "return": (State.SUBMITTED, "officer", {"reason": "ناقص است"}, "CaseReturned"),
    "assessment": (State.CONFIRMED, "examiner", {"note": ""}, "CaseAssessed"),
    "signature": (State.DECIDED, "minister", None, "DecisionSigned"),
    "refusal": (State.DECIDED, "minister", {"reason": "منتشر نشده"}, "SignatureRefused"),
}


async def filled(visitor: Visitor, number: str, act: str, values: Form | None) -> tuple[str, dict[str, object]]:
    """The address of `act`, and its form as a person fills it: hidden inputs and values."""
    url = f"/cases/{number}/{act}"
    page = await visitor.get(url)
    assert page.status == 200, page.words()
    form: dict[str, object] = {**page.hidden(url), **(values or {})}
    if act == "assessment":
        form["ruleset"] = next(each.get("value", "") for each in page.all("option"))
    if act == "attestation":
        for document in await Document.select(Document.id):
            form |= {f"verdict-{document['id']}": "authentic", f"unseen-{document['id']}": "اصل سند رؤیت شد"}
    return url, form


WAYS = [
    (act, reviewed) for act, (_, _, values, _) in SIGNED.items() for reviewed in (True, False) if reviewed or values
]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize(("act", "reviewed"), [*WAYS, ("attestation", False)])
async def test_a_signature_pressed_twice_is_recorded_once_and_says_so(
    portal: Portal, act: str, reviewed: bool, at_once: bool
) -> None:
    state, who, values, kind = SIGNED[act]
    number = await Builder(portal.people, portal.store, portal.clock).case(state)
    visitor = await portal.as_(who)
    url, form = await filled(visitor, number, act, values)
    if reviewed and values is not None:
        form = dict((await visitor.reviewed(url, form)).hidden(url))  # type: ignore[arg-type]
    before = await count(kind)
    form["code"] = visitor.code()
    answers = await both(visitor, url, form, at_once=at_once)  # type: ignore[arg-type]
    assert [(each.status, each.location) for each in answers] == [(303, f"/cases/{number}")] * 2
    assert await count(kind) == before + 1
    assert (await count("CodeReplayed"), await Caution.count()) == (0, 0), "nobody is warned of his own second press"
    again = await visitor.post(url, {**form, "code": visitor.code()})  # type: ignore[dict-item]
    assert (again.status, await count(kind)) == (303, before + 1), "nor with another code"
    assert RECORDED in (await visitor.get(again.location)).words()
    visitor.http.cookies.set("daraje_language", "en")
    await visitor.post(url, form)  # type: ignore[arg-type]
    assert "Already recorded." in (await visitor.get(again.location)).words()


async def test_other_values_under_the_same_page_are_no_second_press(portal: Portal) -> None:
    """The page counted once; what else is typed into it is refused, whatever code comes along."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.ASSESSED)
    examiner = await portal.as_("examiner")
    url, form = await filled(examiner, number, "assessment", {"note": "یک"})
    assert (await examiner.post(url, {**form, "code": examiner.code()})).status == 303  # type: ignore[dict-item]
    other = await examiner.post(url, {**form, "note": "دو", "code": examiner.code()})  # type: ignore[dict-item]
    assert other.status == 422
    assert "تغییر کرده است" in other.words()
    assert [row["note"] for row in await Assessment.select().order_by(Assessment.id)] == ["", "یک"]


async def test_other_values_after_the_state_has_changed_meet_the_state(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    officer = await portal.as_("officer")
    url, form = await filled(officer, number, "return", {"reason": "ناقص است"})
    assert (await officer.post(url, {**form, "code": officer.code()})).status == 303  # type: ignore[dict-item]
    other = await officer.post(url, {**form, "reason": "ناخوانا است", "code": officer.code()})  # type: ignore[dict-item]
    assert other.status == 409


async def test_another_persons_press_of_the_same_page_is_refused(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    officer, colleague = await portal.as_("officer"), await portal.as_("colleague")
    url, form = await filled(officer, number, "return", {"reason": "ناقص است"})
    form = dict((await officer.reviewed(url, form)).hidden(url))  # type: ignore[arg-type]
    assert (await officer.post(url, {**form, "code": officer.code()})).status == 303  # type: ignore[dict-item]
    assert (await colleague.post(url, {**form, "code": colleague.code()})).status == 409  # type: ignore[dict-item]
    assert await count("CaseReturned") == 1


async def test_a_code_that_comes_again_with_another_page_is_still_a_replay(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.ASSESSED)
    examiner = await portal.as_("examiner")
    url, first = await filled(examiner, number, "assessment", {"note": "یک"})
    _, second = await filled(examiner, number, "assessment", {"note": "یک"})
    code = examiner.code()
    assert (await examiner.post(url, {**first, "code": code})).status == 303  # type: ignore[dict-item]
    assert (await examiner.post(url, {**second, "code": code})).status == 422  # type: ignore[dict-item]
    assert await count("CodeReplayed") == 1
    assert await Caution.count() == 1


async def test_acts_of_administrators_pressed_twice_lead_to_the_account(portal: Portal) -> None:
    head, person = await portal.as_("head"), portal.people["officer"].id
    mandate = (await Mandate.select().where(Mandate.person == person).first() or {})["id"]
    url, place = f"/mandates/{mandate}/end", f"/accounts/{person}"
    page = await head.get(url)
    form = (await head.reviewed(url, {**page.hidden(url), "last_day": ""})).hidden(url)
    form["code"] = head.code()
    answers = [await head.post(url, form) for _ in "12"]
    assert [(each.status, each.location) for each in answers] == [(303, place)] * 2
    assert RECORDED in (await head.get(place)).words()
    assert await count("MandateEnded") == 1


async def test_an_account_opened_twice_is_one_and_its_link_is_not_shown_again(portal: Portal) -> None:
    head = await portal.as_("head")
    page = await head.get("/accounts/new")
    asked = {"username": "twice", "full_name": "ناهید کریمی", "title": "کارشناس", "kind": "regular"}
    asked |= {"role": "municipality", "municipality": portal.people["clerk"].municipality or ""}
    asked |= {"starts_on": "1405/09/01"}
    page = await head.reviewed("/accounts", {**page.hidden("/accounts"), **asked})
    form = {**page.hidden("/accounts"), "code": head.code()}
    first, second = [await head.post("/accounts", form) for _ in "12"]
    assert "/invitations/" in first.text
    made = await Person.select().where(Person.username == "twice")
    assert (second.status, second.location) == (303, f"/accounts/{made[0]['id']}")
    said = (await head.get(second.location)).words()
    assert RECORDED in said
    assert "پیوند" in said
    assert len(made) == 1


# Acts without a code.


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
async def test_a_case_given_up_twice(portal: Portal, at_once: bool) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    url = f"/cases/{number}/withdrawal"
    answers = await both(clerk, url, {"reason": "منصرف شدیم"}, at_once=at_once)
    assert [(each.status, each.location) for each in answers] == [(303, f"/cases/{number}")] * 2
    assert await count("CaseWithdrawn") == 1
    assert (await clerk.post(url, {"reason": "به دلیلی دیگر"})).status == 409
    await clerk.post(url, {"reason": "منصرف شدیم"})
    assert RECORDED in (await clerk.get(f"/cases/{number}")).words()


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
async def test_a_document_taken_out_twice(portal: Portal, at_once: bool) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk, document = await portal.as_("clerk"), (await Document.select())[0]["id"]
    answers = await both(clerk, f"/documents/{document}/withdrawal", {}, at_once=at_once)
    assert [(each.status, each.location) for each in answers] == [(303, f"/cases/{number}")] * 2
    assert await count("DocumentWithdrawn") == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize("kind", ["census", "other"])
async def test_a_document_sent_twice_by_one_form_is_one(portal: Portal, kind: str, at_once: bool) -> None:
    """A form that draws nothing, as programs send it, adds another version as before."""
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    url = f"/cases/{number}/documents"
    page = await clerk.get(f"/cases/{number}")
    once = page.hidden(url)["once"]
    data, answers = scan(shade=90), list[httpx.Response]()

    def send(content: bytes, **more: str) -> "asyncio.Future[httpx.Response]":
        files = {"file": ("سند.pdf", content, "application/pdf")}
        return asyncio.ensure_future(clerk.http.post(url, data={"kind": kind, **more}, files=files))

    posts = [send(data, once=once) for _ in "12"] if at_once else []
    answers = list(await asyncio.gather(*posts)) if at_once else [await send(data, once=once) for _ in "12"]
    assert [(each.status_code, each.headers.get("location")) for each in answers] == [(303, f"/cases/{number}")] * 2
    assert await Document.count() == 1
    assert RECORDED in (await clerk.get(f"/cases/{number}")).words() or at_once
    first = (await Document.select())[0]
    more = {"replaces": str(first["id"])} if kind == "census" else {}
    assert (await send(scan(shade=60), once=once, **more)).status_code == 303, "another file is another document"
    assert await Document.count() == 2
    assert (await send(data)).status_code == 303
    assert await Document.count() == 3
    assert len(await stored(portal, number)) == 3, "nothing is left of what was not kept"


async def stored(portal: Portal, number: str) -> list[str]:
    rows = await Document.select(Document.key)
    return [row["key"] for row in rows if await portal.store.get_bytes(row["key"])]


async def test_a_document_taken_out_and_sent_again_by_the_same_page_is_in_the_case(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    once = (await clerk.get(f"/cases/{number}")).hidden(f"/cases/{number}/documents")["once"]
    for _ in "12":
        assert (await clerk.send(number, "census", scan(), once=once)).status == 303
        document = (await Document.select().where(Document.ended_at.is_null()))[0]["id"]
        assert (await clerk.post(f"/documents/{document}/withdrawal")).status == 303
    assert await Document.count() == 2


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
async def test_a_sitting_called_twice_by_one_form_is_one(portal: Portal, at_once: bool) -> None:
    examiner = await portal.as_("examiner")
    page = await examiner.get("/sittings/new")
    form = {**page.hidden("/sittings"), "title": "جلسهٔ هفتم", "held_on": "1405/08/12"}
    first, second = await both(examiner, "/sittings", form, at_once=at_once)
    assert (first.status, second.status) == (303, 303)
    assert first.location == second.location
    assert await Sitting.count() == 1
    other = await examiner.post("/sittings", {**form, "held_on": "1405/08/19"})
    assert other.location != first.location, "another day is another sitting"
    plain = {"title": "جلسهٔ هفتم", "held_on": "1405/08/12"}
    assert len({(await examiner.post("/sittings", plain)).location for _ in "12"}) == 2, "as programs send it"


async def test_a_case_put_on_an_agenda_twice_is_told_once(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, sitting = await builder.case(State.ASSESSED), await builder.sitting()
    examiner = await portal.as_("examiner")
    for _ in "12":
        assert (await examiner.submit(f"/sittings/{sitting}", {"case": number})).status == 303
    assert await count("CaseTabled") == 1


async def test_a_session_ended_twice_is_ended(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    await portal.as_("clerk")
    page = await clerk.get("/account/sessions")
    url = next(each.get("action", "") for each in page.all("form") if (each.get("action") or "").endswith("/end"))
    assert [(await clerk.post(url)).status for _ in "12"] == [303, 303]


async def test_attested_twice_stands_once(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    officer = await portal.as_("officer")
    url, form = await filled(officer, number, "attestation", {})
    form["code"] = officer.code()
    await both(officer, url, form, at_once=True)  # type: ignore[arg-type]
    assert await Attestation.count() == await Document.count()


async def test_a_page_that_lapsed_after_it_was_signed_still_says_so(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk = await portal.as_("clerk")
    url, form = await filled(clerk, number, "submission", None)
    form["code"] = cast.code("clerk", portal.clock.tick(31))
    assert (await clerk.post(url, form)).status == 303  # type: ignore[arg-type]
    portal.clock.tick(timedelta(minutes=25).total_seconds())
    assert (await clerk.post(url, form)).status == 303  # type: ignore[arg-type]
    assert await count("CaseSubmitted") == 1
