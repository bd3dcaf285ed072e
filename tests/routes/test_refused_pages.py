"""A page for what was refused says one thing once, and what to do; a form names each field that is to be corrected."""

import pytest

from portal.domain.lifecycle import State
from portal.web.errors import STATUS
from portal.web.words import status_messages
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal

HEADINGS = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}


def test_every_status_has_words_of_its_own() -> None:
    assert HEADINGS | set(STATUS.values()) <= status_messages.WORDS.keys()
    assert status_messages.of_status(418) == status_messages.WORDS[400]
    assert status_messages.of_status(502) == status_messages.WORDS[500]


async def test_an_anonymous_visitor_reads_nothing_of_an_office(portal: Portal) -> None:
    page = await portal.visit().get("/nowhere")
    assert page.status == 404
    assert "خطای ۴۰۴ صفحه پیدا نشد نشانی درست نیست یا اجازهٔ مشاهدهٔ آن را ندارید." in page.words()
    assert "دفتر" not in page.words()


async def test_an_office_that_lacks_the_task_reads_so_once(portal: Portal) -> None:
    page = await (await portal.as_("clerk")).get("/journal")
    assert page.status == 403
    assert page.words().count("دسترسی ندارید") == 1
    assert page.words().count("این کار در حیطهٔ اختیارات حساب شما نیست") == 1


async def test_an_incomplete_case_gives_one_reason_and_lists_what_is_missing(portal: Portal) -> None:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", {}, at="/cases/new")).location.rpartition("/")[2]
    page = await clerk.get(f"/cases/{number}/submission")
    assert page.status == 409
    assert [" ".join("".join(each.itertext()).split()) for each in (page.all("h1")[0], *page.all("h2"))] == [
        "پرونده کامل نیست",
        "موارد ناقص",
    ]
    assert len([each for each in page.all("p") if "notice" in (each.get("class") or "")]) == 1


async def test_a_state_that_does_not_allow_it_is_told_once(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    page = await (await portal.as_("clerk")).get(f"/cases/{number}/submission")
    assert page.status == 409
    assert len([each for each in page.all("p") if "notice" in (each.get("class") or "")]) == 1


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_a_summary_names_the_field_and_leads_to_it(portal: Portal, language: str) -> None:
    visitor: Visitor = portal.visit()
    await visitor.post(f"/language/{language}", {"next": "/login"})
    page = await visitor.post("/login", {"username": "", "password": ""})
    assert page.status == 422
    lines = ["".join(each.itertext()).strip() for each in page.all("li")]
    assert any(line.startswith({"fa": "نام کاربری: ", "en": "Username: "}[language]) for line in lines), lines


async def test_an_unknown_address_answers_in_the_readers_language(portal: Portal) -> None:
    visitor = portal.visit()
    await visitor.post("/language/en", {"next": "/login"})
    page = await visitor.get("/nowhere")
    assert (page.status, page.root.get("lang")) == (404, "en")
