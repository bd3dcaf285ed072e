"""Two tabs of one form: the stale one overwrites nothing that its reader has not seen."""

import asyncio
from urllib.parse import parse_qs, urlsplit

from portal.domain.lifecycle import State
from portal.services.cases import dossiers
from portal.tables.acts import Assessment, Sitting
from portal.tables.cases import Case
from portal.tables.documents import Document
from portal.tables.events import Event
from tests.world.builders import Builder, scan
from tests.world.client import XHTML, Page, Visitor
from tests.world.journey import DECLARED
from tests.world.portal import Portal

AGAIN = {**DECLARED, "requested_grade": "10", "population": "60000"}


async def opened(portal: Portal) -> tuple[Visitor, str]:
    clerk = await portal.as_("clerk")
    number = (await clerk.submit("/cases", at="/cases/new")).location.rsplit("/", 1)[-1]
    return clerk, f"/cases/{number}/declaration"


async def declared(portal: Portal, url: str) -> tuple[int | None, int | None]:
    found = (await dossiers.open_dossier(url.split("/")[2], portal.people["clerk"])).declaration
    return found.requested_grade, found.population


def side_by_side(page: Page) -> list[list[str]]:
    """The rows of the table of differences: label, stored, typed."""
    box = next(each for each in page.root.iter(XHTML + "section") if each.get("id") == "overtaken")
    rows = [each for body in box.iter(XHTML + "tbody") for each in body.iter(XHTML + "tr")]
    return [["".join(cell.itertext()).strip() for cell in row] for row in rows]


def value(page: Page, name: str) -> str:
    return next(each.get("value", "") for each in page.all("input") if each.get("name") == name)


async def test_the_stale_tab_is_refused_with_both_values_and_saves_once_they_were_seen(portal: Portal) -> None:
    clerk, url = await opened(portal)
    first, second = [(await clerk.get(url)).hidden(url) for _ in "12"]
    assert (await clerk.post(url, {**first, **DECLARED})).status == 303
    page = await clerk.post(url, {**second, **AGAIN, "census_year": "1390"})
    assert page.status == 409
    assert await declared(portal, url) == (9, 55703)
    assert side_by_side(page) == [
        ["درجهٔ درخواستی", "۹", "۱۰"],
        ["سال سرشماری", "۱۳۹۵", "۱۳۹۰"],
        ["جمعیت", "۵۵٬۷۰۳", "۶۰٬۰۰۰"],
    ]
    assert value(page, "population") == "60000", "what was typed stands in the form as it was typed"
    again = await clerk.post(url, {**page.hidden(url), **AGAIN, "census_year": "1390"})
    assert again.status == 303
    assert await declared(portal, url) == (10, 60000)


async def test_a_version_that_was_overtaken_twice_is_shown_twice(portal: Portal) -> None:
    clerk, url = await opened(portal)
    stale = (await clerk.get(url)).hidden(url)
    await clerk.submit(url, DECLARED)
    page = await clerk.post(url, {**stale, **AGAIN})
    await clerk.submit(url, {**DECLARED, "population": "1234"})
    page = await clerk.post(url, {**page.hidden(url), **AGAIN})
    assert page.status == 409
    assert ["جمعیت", "۱٬۲۳۴", "۶۰٬۰۰۰"] in side_by_side(page)


async def test_a_slip_of_the_pen_does_not_make_the_stale_tab_fresh(portal: Portal) -> None:
    """422, the preview without scripts and a session that ended all hand on the version that was seen at first."""
    clerk, url = await opened(portal)
    stale = (await clerk.get(url)).hidden(url)
    await clerk.submit(url, DECLARED)
    page = await clerk.post(url, {**stale, **AGAIN, "population": "x"})
    assert page.status == 422
    assert (await clerk.post(url, {**page.hidden(url), **AGAIN})).status == 409
    page = await clerk.get(url, params={**stale, **AGAIN})
    assert (await clerk.post(url, {**page.hidden(url), **AGAIN})).status == 409
    assert await declared(portal, url) == (9, 55703)


async def test_a_form_kept_past_its_session_is_still_stale(portal: Portal) -> None:
    clerk, url = await opened(portal)
    stale = (await clerk.get(url)).hidden(url)
    await clerk.submit(url, DECLARED)
    portal.clock.tick(12 * 3600)
    page = await clerk.post(url, {**stale, **AGAIN})
    back = parse_qs(urlsplit(page.location).query)["next"][0]
    await clerk.sign_in("clerk")
    page = await clerk.get(back)
    assert page.status == 200
    assert value(page, "population") in ("60000", "۶۰۰۰۰")
    assert (await clerk.post(url, {**page.hidden(url), **AGAIN})).status == 409


async def test_a_program_without_the_field_saves_as_ever(portal: Portal) -> None:
    clerk, url = await opened(portal)
    for values, expected in ((DECLARED, (9, 55703)), (AGAIN, (10, 60000))):
        assert (await clerk.post(url, values)).status == 303
        assert await declared(portal, url) == expected
    assert (await clerk.post(url, {**DECLARED, "version": ""})).status == 303, "an absent field equals an empty one"


async def test_the_same_values_from_a_stale_tab_are_no_conflict(portal: Portal) -> None:
    """Two presses of one button, too: at once and one after the other."""
    clerk, url = await opened(portal)
    form = {**(await clerk.get(url)).hidden(url), **DECLARED}
    answers = await asyncio.gather(*(clerk.http.post(url, data=form) for _ in range(4)))
    assert {each.status_code for each in answers} == {303}
    assert (await clerk.post(url, form)).status == 303
    assert await Event.count().where(Event.kind == "DeclarationSaved") == 1


async def test_of_two_tabs_at_once_one_saves(portal: Portal) -> None:
    clerk, url = await opened(portal)
    hidden = (await clerk.get(url)).hidden(url)
    posts = (clerk.http.post(url, data={**hidden, **values}) for values in (DECLARED, AGAIN))
    assert sorted([each.status_code for each in await asyncio.gather(*posts)]) == [303, 409]


# The brothers.


async def test_minutes_of_two_clerks_do_not_overwrite_each_other(portal: Portal) -> None:
    sitting = await Builder(portal.people, portal.store, portal.clock).sitting()
    examiner, colleague = await portal.as_("examiner"), await portal.as_("examiner")
    url = f"/sittings/{sitting}"
    stale = (await colleague.get(url)).hidden(url)
    assert (await examiner.submit(url, {"minutes": "یکم", "attendance": "همه"})).status == 303
    page = await colleague.post(url, {**stale, "minutes": "دوم", "attendance": ""})
    assert page.status == 409
    assert side_by_side(page) == [["صورت‌جلسه", "یکم", "دوم"], ["حاضران", "همه", "(خالی)"]]
    row = await Sitting.select().first()
    assert row is not None
    assert (row["minutes"], row["attendance"]) == ("یکم", "همه")
    assert (await colleague.post(url, {**page.hidden(url), "minutes": "یکم و دوم", "attendance": "همه"})).status == 303
    assert (await colleague.post(url, {"minutes": "سوم"})).status == 303, "as programs send it"
    row = await Sitting.select().first()
    assert row is not None
    assert (row["minutes"], row["attendance"]) == ("سوم", "همه")


async def test_a_case_is_not_taken_off_another_agenda_unseen(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number, here, there = await builder.case(State.ASSESSED), await builder.sitting(), await builder.sitting()
    examiner = await portal.as_("examiner")
    stale = (await examiner.get(f"/sittings/{here}")).hidden(f"/sittings/{here}")
    assert (await examiner.submit(f"/sittings/{there}", {"case": number})).status == 303
    page = await examiner.post(f"/sittings/{here}", {**stale, "case": number})
    assert (page.status, set(page.errors())) == (422, {"case"})
    row = await Case.select(Case.sitting).first()
    assert row is not None
    assert row["sitting"] == there


async def test_a_second_assessment_names_the_one_that_it_supersedes(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.ASSESSED)
    examiner, url = await portal.as_("examiner"), f"/cases/{number}/assessment"
    pages = [await examiner.get(url) for _ in "12"]
    ruleset = next(each.get("value", "") for each in pages[0].all("option"))
    forms = [{**page.hidden(url), "ruleset": ruleset, "note": note} for page, note in zip(pages, "۱۲", strict=True)]
    assert (await examiner.post(url, {**forms[0], "code": examiner.code()})).status == 303
    page = await examiner.post(url, {**forms[1], "code": examiner.code()})
    assert page.status == 422
    assert "تغییر کرده است" in page.words()
    assert await Assessment.count() == 2


async def test_a_document_that_came_meanwhile_is_not_replaced_unseen(portal: Portal) -> None:
    clerk, url = await opened(portal)
    number = url.split("/")[2]
    once = [(await clerk.get(f"/cases/{number}")).hidden(f"/cases/{number}/documents")["once"] for _ in "12"]
    assert (await clerk.send(number, "census", scan(shade=90), once=once[0])).status == 303
    page = await clerk.send(number, "census", scan(shade=60), once=once[1])
    assert page.status == 409
    assert "جایگزین کنید" in page.words()
    document = (await Document.select())[0]
    assert document["ended_at"] is None
    more = {"once": once[1], "replaces": str(document["id"])}
    assert (await clerk.send(number, "census", scan(shade=60), **more)).status == 303
    assert (await clerk.send(number, "census", scan(shade=30))).status == 303, "as programs send it"
