"""The page of what is about to be signed: where a form without a code leads, and a wrong code back to."""

import asyncio
from functools import partial
from uuid import uuid4

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.lifecycle import State
from portal.services.authentication import encryption
from portal.services.rulesets import versions
from portal.tables.acts import Confirmation
from portal.tables.documents import Document
from portal.tables.events import Event
from portal.tables.people import Person, Session
from portal.tables.reviews import Review
from tests.world.accounts import NEW
from tests.world.builders import Builder
from tests.world.client import Page, Visitor
from tests.world.passkeys import HOST, block, review, with_passkey
from tests.world.portal import Portal

LETTER = {"letter_number": "42/1883", "letter_date": "1405/08/01"}
HTMX = {"HX-Request": "true", "HX-Target": "signoff-code"}


async def attested(portal: Portal) -> str:
    """The address of a confirmation that waits for nothing but its letter."""
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    return f"/cases/{number}/confirmation"


@pytest.fixture
async def url(portal: Portal) -> str:
    return await attested(portal)


@pytest.fixture
async def officer(portal: Portal) -> Visitor:
    return await portal.as_("officer")


async def sent(visitor: Visitor, url: str, **more: str) -> Page:
    """What answers the form at `url`, filled with the letter and with `more`."""
    page = await visitor.get(url)
    return await visitor.post(url, {**page.hidden(url), **LETTER, **more})


def filled(page: Page) -> dict[str, str]:
    found = {each.get("name", ""): each.get("value", "") for each in page.all("input")}
    return {name: found[name] for name in LETTER}


async def confirmations() -> int:
    return int(await Event.count().where(Event.kind == "CaseConfirmed"))


async def test_a_form_without_a_code_leads_to_its_review(url: str, officer: Visitor) -> None:
    answer = await sent(officer, url)
    assert answer.status == 303
    page = await officer.get(answer.location)
    assert (page.status, set(page.hidden(url))) == (200, {"review"})
    assert LETTER["letter_number"] not in str(page.hidden(url)), "the values stay with the portal"
    assert "اصالت همهٔ مدارک این پرونده را تأیید" in page.words()
    again = await officer.get(answer.location)
    assert again.hidden(url) == page.hidden(url), "it can be looked at again"
    assert (await officer.post(url, {**page.hidden(url), "code": officer.code()})).status == 303
    assert (await confirmations(), await Review.count()) == (1, 0)


async def test_a_review_is_its_makers_alone(portal: Portal, url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    for name in ("colleague", "head", "auditor"):
        assert (await (await portal.as_(name)).get(location)).status == 404, name
    assert (await officer.get(f"/reviews/{uuid4()}")).status == 404
    nobody = await portal.visit().get(location)
    assert (nobody.status, nobody.location.partition("?")[0]) == (303, "/login")


async def test_a_wrong_code_leads_back_and_the_next_one_signs(url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    page = await officer.get(location)
    for code, said in (("000000", "درست نیست"), ("", "رمز")):
        answer = await officer.post(url, {**page.hidden(url), "code": code})
        assert (answer.status, answer.location) == (303, location)
        page = await officer.get(location)
        assert said in page.errors()["code"]
        assert (await officer.get(location)).errors() == page.errors(), "however often it is looked at"
    assert (await officer.post(url, {**page.hidden(url), "code": officer.code()})).location == f"/cases/{url[7:17]}"
    gone = await officer.get(location)
    assert (gone.status, gone.location) == (303, f"/cases/{url[7:17]}")
    assert "ثبت شده است" in (await officer.get(gone.location)).words()
    assert await confirmations() == 1


async def test_a_pause_is_counted_down_where_the_code_is_asked_for(portal: Portal, url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    hidden = (await officer.get(location)).hidden(url)
    for _ in range(6):
        await officer.post(url, {**hidden, "code": "000000"})
    page = await officer.get(location)
    assert any(each.get("data-countdown") == "30" for each in page.all("span"))
    portal.clock.tick(20)
    assert any(each.get("data-countdown") == "10" for each in (await officer.get(location)).all("span"))
    portal.clock.tick(20)
    page = await officer.get(location)
    assert not page.errors(), "the pause is over"


async def test_the_form_shows_again_what_its_review_waits_with(portal: Portal, url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    assert filled(await officer.get(url)) == LETTER
    colleague = await portal.as_("colleague")
    assert filled(await colleague.get(url)) == dict.fromkeys(LETTER, "")
    hidden = (await officer.get(location)).hidden(url)
    assert (await officer.post(url, {**hidden, "code": officer.code()})).status == 303
    assert await Review.count() == 0


async def test_what_has_lapsed_is_not_signed_and_not_lost(portal: Portal, url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    hidden = (await officer.get(location)).hidden(url)
    portal.clock.tick(31 * 60)
    officer = await portal.as_("officer")
    page = await officer.post(url, {**hidden, "code": officer.code()})
    assert (page.status, filled(page)) == (422, LETTER)
    answer = await officer.get(location)
    assert (answer.status, answer.location) == (303, url)
    page = await officer.get(url)
    assert "مهلت وارد کردن رمز گذشته است" in page.words()
    assert filled(page) == LETTER
    await Review.delete(force=True)
    page = await officer.post(url, {**hidden, "code": officer.code()})
    assert page.status == 422
    assert "مدت زیادی باز مانده" in page.words()
    assert await confirmations() == 0


async def test_values_and_a_wrong_code_in_one_post_show_the_form(url: str, officer: Visitor) -> None:
    page = await sent(officer, url, code="000000")
    assert (page.status, filled(page)) == (422, LETTER)
    assert "درست نیست" in page.words()
    assert await Review.count() == 0
    page = await officer.post(url, {**page.hidden(url), **LETTER, "code": officer.code()})
    assert page.status == 303, page.words()


async def test_a_page_that_is_out_of_date_is_told_before_its_review(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, examiner = await builder.case(State.CONFIRMED), await portal.as_("examiner")
    url = f"/cases/{number}/assessment"
    page = await examiner.get(url)
    await builder.assess(number)
    ruleset = (await versions.published())[0]["digest"]
    answer = await examiner.post(url, {**page.hidden(url), "ruleset": ruleset, "note": "نظر من"})
    assert answer.status == 422
    assert "تغییر کرده است" in answer.words()
    assert "نظر من" in answer.text
    assert await Review.count() == 0


async def test_a_code_that_comes_after_the_session_leads_back_to_its_review(
    portal: Portal, url: str, officer: Visitor
) -> None:
    location = (await sent(officer, url)).location
    hidden = (await officer.get(location)).hidden(url)
    await Session.update({Session.ended_at: portal.clock()}).where(Session.person == portal.people["officer"].id)
    answer = await officer.post(url, {**hidden, "code": officer.code()})
    assert (answer.status, answer.location) == (303, f"/login?next={location}")


async def test_a_page_with_an_address_that_is_too_long_to_keep_is_the_acts_own(
    portal: Portal, url: str, officer: Visitor
) -> None:
    page = await officer.get(url)
    headers = {"Referer": f"{portal.settings.base_url}/{'x' * 300}"}
    answer = await officer.post(url, {**page.hidden(url), **LETTER}, headers=headers)
    assert answer.status == 303
    assert filled(await officer.get(url)) == LETTER


@pytest.mark.parametrize("text", ["nonsense", "{}", "x" * 9000])
async def test_a_malformed_answer_of_a_passkey_leads_back_to_its_review(url: str, officer: Visitor, text: str) -> None:
    location = (await sent(officer, url)).location
    hidden = (await officer.get(location)).hidden(url)
    answer = await officer.post(url, {**hidden, "assertion": text})
    assert (answer.status, answer.location) == (303, location)
    assert "پاسخ دستگاه شما خوانده نشد" in (await officer.get(location)).errors()["code"]
    assert await confirmations() == 0


async def test_what_a_review_does_not_name_is_not_found_and_nothing_is_signed(url: str, officer: Visitor) -> None:
    for named in ("nonsense", str(uuid4())):
        page = await officer.post(url, {"review": named, **LETTER, "code": officer.code()})
        assert page.status == 422, named
    assert (await confirmations(), await Review.count()) == (0, 0)


async def test_values_that_come_beside_a_review_are_not_those_that_are_signed(url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    hidden = (await officer.get(location)).hidden(url)
    typed = {"letter_number": "999", "letter_date": "1405/08/02"}
    assert (await officer.post(url, {**hidden, **typed, "code": officer.code()})).status == 303
    row = await Confirmation.select().first()
    assert row is not None
    assert row["letter_number"] == LETTER["letter_number"]


async def test_what_changed_since_it_was_reviewed_is_looked_at_again(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, examiner = await builder.case(State.CONFIRMED), await portal.as_("examiner")
    url = f"/cases/{number}/assessment"
    ruleset = (await versions.published())[0]["digest"]
    page = await examiner.review(url, {"ruleset": ruleset, "note": "نظر من"})
    await builder.assess(number)
    answer = await examiner.post(url, {**page.hidden(url), "code": examiner.code()})
    assert answer.status == 422
    assert "تغییر کرده است" in answer.words()
    assert "نظر من" in answer.text
    assert await Event.count().where(Event.kind == "CaseAssessed") == 1


async def test_a_link_that_was_made_by_a_review_is_not_shown_again(portal: Portal) -> None:
    head, person = await portal.as_("head"), portal.people["clerk"].id
    url = f"/accounts/{person}/restoration"
    location = (await sent(head, url, reason="گم شد")).location
    hidden = (await head.get(location)).hidden(url)
    assert "/invitations/" in (await head.post(url, {**hidden, "code": head.code()})).text
    for once_more in (partial(head.get, location), partial(head.post, url, {**hidden, "code": head.code()})):
        again = await once_more()
        assert (again.status, again.location) == (303, f"/accounts/{person}")
        assert "پیوند آن یک بار نشان داده شد" in (await head.get(again.location)).words()


async def test_what_has_lapsed_and_is_forgotten_is_asked_for_again_and_makes_nothing(portal: Portal) -> None:
    """Of a link, and of an act that can be signed with nothing typed."""
    head, clerk = await portal.as_("head"), portal.people["clerk"]
    for url, typed in (
        (f"/accounts/{clerk.id}/restoration", {"reason": "گم شد"}),
        (f"/mandates/{clerk.mandate}/end", {"last_day": "1405/12/01"}),
    ):
        hidden = (await head.review(url, typed)).hidden(url)
        await Review.delete(force=True)
        size = await Event.count()
        page = await head.post(url, {**hidden, "code": head.code()})
        assert (page.status, await Event.count()) == (422, size), url
        assert "مدت زیادی باز مانده" in page.words()
        assert page.hidden(url)["shown"], "the form stands there again"


async def test_a_code_that_comes_twice_at_once_to_one_review_signs_once(url: str, officer: Visitor) -> None:
    location = (await sent(officer, url)).location
    fields = {**(await officer.get(location)).hidden(url), "code": officer.code()}
    answers = await asyncio.gather(*(officer.post(url, fields) for _ in range(4)))
    assert {(each.status, each.location) for each in answers} == {(303, f"/cases/{url[7:17]}")}
    assert (await confirmations(), await Review.count()) == (1, 0)


async def test_without_values_htmx_draws_the_card_alone(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.DRAFT)
    clerk, url = await portal.as_("clerk"), f"/cases/{number}/submission"
    hidden = (await clerk.get(url)).hidden(url)
    card = await clerk.post(url, {**hidden, "code": "000000"}, headers=HTMX)
    assert card.status == 422
    assert card.text.lstrip().startswith("<section")
    assert "درست نیست" in card.errors()["code"]
    unbound = await clerk.post(url, {"code": clerk.code()}, headers=HTMX)
    await builder.send(number, DocumentKind.OTHER)
    changed = await clerk.post(url, {**hidden, "code": clerk.code()}, headers=HTMX)
    for stale in (unbound, changed):
        assert (stale.status, "<main " in stale.text) == (422, True), "what must be looked at again is the whole page"
    hidden = changed.hidden(url)
    done = await clerk.post(url, {**hidden, "code": clerk.code()}, headers=HTMX)
    assert (done.status, done.response.headers["HX-Location"]) == (200, f"/cases/{number}")


async def test_of_two_tabs_with_one_form_both_can_be_signed(portal: Portal) -> None:
    head = await portal.as_("head")
    other = {**NEW, "username": "another.officer", "full_name": "زهرا دیگری"}
    first, second = [await head.review("/accounts", each, at="/accounts/new") for each in (NEW, other)]
    assert (await head.post("/accounts", {**first.hidden("/accounts"), "code": head.code()})).status == 200
    assert other["full_name"] not in (await head.get("/accounts/new")).text, "the form is a fresh one"
    assert (await head.post("/accounts", {**second.hidden("/accounts"), "code": head.code()})).status == 200
    assert await Person.count().where(Person.username.is_in([NEW["username"], other["username"]])) == 2


async def test_a_form_that_was_drawn_again_is_found_at_its_own_page(portal: Portal) -> None:
    head, base = await portal.as_("head"), portal.settings.base_url
    page = await head.submit("/accounts", {**NEW, "username": "!"}, at="/accounts/new")
    assert page.status == 422
    form, here = {**page.hidden("/accounts"), **NEW}, {"Referer": f"{base}/accounts"}
    assert (await head.post("/accounts", form, headers=here)).status == 303
    assert NEW["full_name"] in (await head.get("/accounts/new")).text


async def test_a_page_of_a_former_version_is_read(portal: Portal, url: str, officer: Visitor) -> None:
    """Up to 0.2.0 what was typed lay in the seal of the page that asked for the code."""
    kept = encryption.verified("shown", (await officer.get(url)).hidden(url)["shown"])
    assert kept is not None
    typed = {name: [value] for name, value in LETTER.items()}
    shown = encryption.sign("shown", {**kept, "intent": "0" * 64, "typed": typed})
    page = await officer.post(url, {"shown": shown, "code": officer.code()})
    assert (page.status, filled(page)) == (422, LETTER)
    assert await confirmations() == 0
    assert (await officer.post(url, {"shown": shown})).location.startswith("/reviews/")


@pytest.mark.parametrize("path", ["a" * 400, "%00", "\u00e9"])
async def test_an_address_that_is_none_of_ours_is_no_page_of_a_form(url: str, officer: Visitor, path: str) -> None:
    page, referer = await officer.get(url), f"http://elsewhere.example/{path}".encode("latin-1")
    answer = await officer.post(url, {**page.hidden(url), **LETTER}, headers={"Referer": referer})
    assert answer.status == 303
    assert (await officer.get(answer.location)).status == 200


@pytest.mark.parametrize("seen", [None, "nonsense", "9" * 40])
async def test_the_review_of_another_act_signs_nothing(portal: Portal, seen: str | None) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    officer, document = await portal.as_("officer"), (await Document.select(Document.id))[0]["id"]
    values = {"reason": "ناخوانا", f"verdict-{document}": "authentic", f"unseen-{document}": "اصل سند رؤیت شد"}
    values |= {"seen": seen} if seen else {}
    review = (await officer.review(f"/cases/{number}/return", values)).hidden(f"/cases/{number}/return")
    answer = await officer.post(f"/cases/{number}/attestation", {**review, "code": officer.code()})
    assert answer.status == 422
    assert not await Event.exists().where(Event.kind.is_in(["AttestationGiven", "CaseReturned"]))


NEVER = {
    "no id": "x",
    "zeros": "0" * 32,
    "an id": "6e21f4ab-2a0c-4a52-9d4e-5a3c5a8a4f10",
    "Arabic ones": "\u0661" * 32,
    "no digits": "_" * 32,
    "digits apart": "1_" * 16,
    "long": "a" * 100_000,
    "an id and a zero byte": "6e21f4ab-2a0c-4a52-9d4e-5a3c5a8a4f10\0",
}


@pytest.mark.parametrize("review", NEVER.values(), ids=NEVER)
async def test_a_review_that_never_was_shows_the_form(url: str, officer: Visitor, review: str) -> None:
    assert (await officer.post(url, {"review": review, "code": officer.code()})).status == 422


async def test_a_file_in_the_place_of_a_review_is_no_fault(portal: Portal, url: str, officer: Visitor) -> None:
    await Session.update({Session.ended_at: portal.clock()}).where(Session.person == portal.people["officer"].id)
    answer = await officer.post(url, files={"review": ("a.txt", b"x", "text/plain")})
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/login")


async def test_a_page_that_was_drawn_before_the_portal_was_renewed_is_signed(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    clerk, url = await portal.as_("clerk"), f"/cases/{number}/submission"
    kept = dict(encryption.verified("shown", (await clerk.get(url)).hidden(url)["shown"]) or {})
    before = encryption.sign("shown", {**kept, "typed": {}})  # as 0.2.0 sealed it
    done = await clerk.post(url, {"shown": before, "code": clerk.code()})
    assert (done.status, done.location) == (303, f"/cases/{number}")


async def test_a_card_that_was_drawn_anew_asks_a_passkey_for_what_its_page_still_shows(portal: Portal) -> None:
    clerk, device = await with_passkey(portal)
    url, page = await review(portal, clerk)
    card = await clerk.post(url, {**page.hidden(url), "code": "000000"}, headers={**HTMX, **HOST})
    assert block(card)["challenge"] == block(page)["challenge"]
    answer = device.answer(block(card)["challenge"])
    done = await clerk.post(url, {**page.hidden(url), "assertion": answer}, headers={**HTMX, **HOST})
    assert done.response.headers["HX-Location"] == url.rpartition("/")[0], done.text
    assert await Event.count().where(Event.kind == "CaseSubmitted") == 1
