"""The auditor's page of the journal: searched by case, person, act and day; what is typed badly is kept."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.domain.lifecycle import State
from portal.domain.persian import persian_digits
from portal.services.journal import search as journal_search
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.client import Page, Visitor
from tests.world.portal import Portal


def entries(page: Page) -> list[int]:
    links = [each.get("href") or "" for each in page.all("a")]
    return [int(each.rpartition("/")[2]) for each in links if each.startswith("/journal/entries/")]


def typed(page: Page) -> dict[str, str]:
    fields = {each.get("name", ""): each.get("value", "") for each in page.all("input")}
    for select in page.all("select"):
        chosen = [each.get("value", "") for each in select.iter() if each.get("selected") is not None]
        fields[select.get("name", "")] = chosen[0] if chosen else ""
    return fields


async def search(auditor: Visitor, **fields: str) -> Page:
    return await auditor.get(f"/journal?{urlencode(fields)}")


async def kinds(found: list[int]) -> set[str]:
    rows = await Event.select(Event.kind).where(Event.position.is_in(found))
    return {row["kind"] for row in rows}


async def test_it_is_searched_by_case_person_act_and_day(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    first = await builder.case(State.CONFIRMED)
    portal.clock.now += timedelta(days=2)
    second = await builder.case(State.WITHDRAWN, "neighbour")
    auditor = await portal.as_("auditor")
    rows = await Event.select(Event.position).where(Event.subject == second).order_by(Event.position)
    whole = [row["position"] for row in rows]
    for number in (second, persian_digits(second)):
        page = await search(auditor, q=number)
        assert entries(page) == whole[::-1]
        assert typed(page)["q"] == number
    for person in ("افسر", "officer", "OFFICER", "افسر استان"):
        page = await search(auditor, person=person)
        assert await kinds(entries(page)) == {"AttestationGiven", "CaseConfirmed"}, person
    page = await search(auditor, person="كارشناس شهرداري", act="CaseSubmitted")  # Arabic letters
    assert len(entries(page)) == 1
    assert typed(page)["act"] == "CaseSubmitted"
    page = await search(auditor, act="CaseWithdrawn")
    assert await kinds(entries(page)) == {"CaseWithdrawn"}
    for day in ("1405/08/12", "۱۴۰۵/۰۸/۱۲", "1405-8-12"):
        assert set(entries(await search(auditor, day=day))) >= set(whole), day
    assert not set(entries(await search(auditor, day="1405/08/10"))) & set(whole)
    page = await search(auditor, q=first, person="افسر", act="CaseConfirmed", day="1405/08/10")
    assert len(entries(page)) == 1


async def test_a_day_is_a_day_in_tehran(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    portal.clock.now = portal.clock.now.replace(hour=20, minute=29)  # 23:59 of 10 Aban
    late = await builder.case(State.WITHDRAWN)
    portal.clock.now = portal.clock.now.replace(hour=20, minute=31)  # 00:01 of 11 Aban
    early = await builder.case(State.WITHDRAWN, "abroad")
    auditor = await portal.as_("auditor")
    assert "CaseWithdrawn" in await kinds(entries(await search(auditor, q=late, day="1405/08/10")))
    assert entries(await search(auditor, q=early, day="1405/08/10")) == []
    assert "CaseWithdrawn" in await kinds(entries(await search(auditor, q=early, day="1405/08/11")))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("day", "1405/13/41", "چنین تاریخی در تقویم نیست"),
        ("day", "yesterday", "سال/ماه/روز"),
        ("day", "2026/11/01", "هجری شمسی"),
        ("act", "Levitation", "یکی از گزینه‌ها"),
        ("q", "x" * 65, "نویسه"),
        ("person", "x" * 65, "نویسه"),
    ],
)
async def test_what_cannot_be_searched_is_422_and_kept(portal: Portal, field: str, value: str, sentence: str) -> None:
    auditor = await portal.as_("auditor")
    others = {"q": "1405-00001", "person": "افسر", "day": "1405/08/10", "act": "CaseOpened"}
    page = await search(auditor, **{**others, field: value})
    assert page.status == 422
    assert sentence in page.errors()[field]
    kept = typed(page)
    assert {name: kept[name] for name in others if name != field} == {
        name: said for name, said in others.items() if name != field
    }
    assert field == "act" or kept[field] == value


@pytest.mark.parametrize("person", ["%", "_", "\\", "%%%", "'; DROP TABLE events --", "\u200c"])
async def test_what_a_database_would_read_otherwise_is_plain_text(portal: Portal, person: str) -> None:
    auditor = await portal.as_("auditor")
    page = await search(auditor, person=person)
    assert page.status == 200
    assert typed(page)["person"] in (person, "")


async def test_nothing_found_says_what_to_do(portal: Portal) -> None:
    auditor = await portal.as_("auditor")
    for fields in ({"q": "1405-99999"}, {"person": "هیچ‌کس"}, {"q": "%"}):
        page = await search(auditor, **fields)
        assert entries(page) == []
        assert "پیدا نشد" in page.words()


async def test_the_journal_comes_in_pages_that_keep_the_search(portal: Portal) -> None:
    await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    auditor = await portal.as_("auditor")
    found: list[int] = []
    url = "/journal"
    while url:
        page = await auditor.get(url)
        assert len(entries(page)) <= journal_search.PAGE
        found += entries(page)
        url = next((each.get("href") or "" for each in page.all("a") if each.get("rel") == "next"), "")
    assert found == list(range(await Event.count()))[::-1]
    page = await search(auditor, day="1405/08/10", person="", q="", act="")
    (older,) = [each.get("href") or "" for each in page.all("a") if each.get("rel") == "next"]
    assert "day=1405" in older
    for odd in ("x", "-1", "", "9" * 30):
        assert (await search(auditor, page=odd)).status == 200


async def test_every_entry_opens_green_in_both_languages(portal: Portal) -> None:
    await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    auditor = await portal.as_("auditor")
    rows = await Event.select(Event.kind, Event.position).order_by(Event.position)
    for position in {row["kind"]: row["position"] for row in rows}.values():
        for language, green in (("fa", "تغییر نکرده و در دفتر رویدادها ثبت است"), ("en", "Checked just now")):
            auditor.http.cookies.set("daraje_language", language)
            page = await auditor.get(f"/journal/entries/{position}")
            assert page.status == 200
            assert green in page.words()
