"""Addresses and forms that no page ever made: a clear refusal, never a fault of ours."""

import pytest

from portal.domain.decisions import Ruling
from portal.domain.lifecycle import Outcome, State
from portal.services.rulesets import versions
from portal.tables.documents import Document
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.portal import Portal


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("officer", "/cases?q=%00"),
        ("auditor", "/cases?province=%00"),
        ("officer", "/cases/%00"),
        ("auditor", "/municipalities?q=a%00b"),
        ("examiner", "/municipalities/%00"),
        ("examiner", "/rulesets/%00"),
    ],
)
async def test_a_nul_character_names_nothing(portal: Portal, who: str, address: str) -> None:
    page = await (await portal.as_(who)).get(address)
    assert page.status == 404


@pytest.mark.parametrize("address", ["/cases?page=a1~99999999999999999999", "/cases?page=a1~-5"])
async def test_a_page_beyond_every_list_is_the_first(portal: Portal, address: str) -> None:
    assert (await (await portal.as_("officer")).get(address)).status == 200


async def test_an_agenda_with_a_nul_is_refused(portal: Portal) -> None:
    sitting = await Builder(portal.people, portal.store, portal.clock).sitting()
    examiner = await portal.as_("examiner")
    page = await examiner.post(f"/sittings/{sitting}", {"case": "a\0b", "minutes": "", "attendance": ""})
    assert page.status == 422


async def test_a_verdict_under_a_name_that_no_form_has_is_refused(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    document = str((await Document.select(Document.id))[0]["id"])
    officer, url = await portal.as_("officer"), f"/cases/{number}/attestation"
    for name in (document.upper(), document.replace("-", ""), f"{{{document}}}", "x"):
        assert (await officer.submit(url, {f"verdict-{name}": "authentic"})).status == 422, name


async def test_what_was_signed_is_not_signed_again_by_its_old_page(portal: Portal) -> None:
    """The back button shows the reviewed page again; with a fresh code it is told that this is signed already."""
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.CONFIRMED)
    examiner = await portal.as_("examiner")
    url = f"/cases/{number}/assessment"
    ruleset = (await versions.published())[0]["digest"]
    reviewed = await examiner.review(url, {"ruleset": ruleset, "note": ""})
    shown = reviewed.hidden(url)
    assert (await examiner.post(url, {**shown, "code": examiner.code()})).status == 303
    signed = await Event.count()
    again = await examiner.post(url, {**shown, "code": examiner.code()})
    assert again.status == 303
    assert "ثبت شده است" in (await examiner.get(again.location)).words()
    assert await Event.count() == signed


async def test_the_answer_is_not_told_before_it_is_signed(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.ASSESSED)
    sitting = await builder.sitting()
    await builder.decide(number, Ruling(sitting, Outcome.RAISED, 8, None, "صلاحدید کارگروه"))
    for who in ("clerk", "officer"):
        visitor = await portal.as_(who)
        told = (await visitor.get(f"/cases/{number}")).words()
        assert "صلاحدید کارگروه" not in told
        listed = await visitor.get("/cases?state=all")
        stairs = " ".join(each.get("aria-label") or "" for each in listed.all("span"))
        assert "۹" in stairs
        assert "۸" not in stairs
