"""The access log: who opened or downloaded what, when and from where; and who may see that."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from portal.domain.lifecycle import State
from portal.services.cases import access_log
from portal.tables.documents import Document
from portal.tables.readings import Reading
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal


async def world(portal: Portal, state: State = State.NOTIFIED) -> tuple[str, list[dict[str, Any]]]:
    """A case, and its documents."""
    number = await Builder(portal.people, portal.store, portal.clock).case(state)
    return number, await Document.select().order_by(Document.id)


async def lines() -> list[dict[str, Any]]:
    return await Reading.select().order_by(Reading.id)


async def test_a_document_leaves_a_line_with_who_what_when_and_from_where(portal: Portal) -> None:
    number, (document, *_) = await world(portal, State.SUBMITTED)
    officer = await portal.as_("officer")
    url = f"/documents/{document['id']}"
    for address, how in ((f"{url}?view", "opened"), (url, "downloaded")):
        assert (await officer.get(address)).status == 200
        line = (await lines())[-1]
        person = portal.people["officer"]
        assert (line["person"], line["username"], line["full_name"]) == (person.id, "officer", "افسر استان")
        assert (line["title"], line["place"], line["role"]) == ("کارشناس احراز", person.place_name, "governorate")
        assert (line["what"], line["how"], line["subject"]) == ("document", how, str(document["id"]))
        assert (line["number"], line["name"], line["address"]) == (number, "سند.pdf", "203.0.113.7")
        assert line["at"] == portal.clock()


async def test_letter_and_package_leave_a_line(portal: Portal) -> None:
    number, _ = await world(portal)
    clerk = await portal.as_("clerk")
    for address, what, how in (
        (f"/cases/{number}/notice.pdf?view", "letter", "opened"),
        (f"/cases/{number}/notice.pdf", "letter", "downloaded"),
        (f"/cases/{number}/archive.zip", "package", "downloaded"),
    ):
        assert (await clerk.get(address)).status == 200
        line = (await lines())[-1]
        assert (line["username"], line["what"], line["how"], line["subject"]) == ("clerk", what, how, number)
    assert len(await lines()) == 3


async def test_pages_and_parts_fetched_together_are_one_reading(portal: Portal) -> None:
    _, (first, second, *_) = await world(portal, State.SUBMITTED)
    officer, colleague = await portal.as_("officer"), await portal.as_("colleague")
    for _ in range(3):
        await officer.get(f"/documents/{first['id']}/pages/1")
        await officer.get(f"/documents/{first['id']}?view", headers={"Range": "bytes=0-9"})
        portal.clock.tick(60)
    assert len(await lines()) == 1
    await officer.get(f"/documents/{second['id']}/pages/1")
    await colleague.get(f"/documents/{first['id']}/pages/1")
    await officer.get(f"/documents/{first['id']}")
    assert [(each["username"], each["how"]) for each in (await lines())[1:]] == [
        ("officer", "opened"),
        ("colleague", "opened"),
        ("officer", "downloaded"),
    ]
    portal.clock.tick(access_log.AGAIN_AFTER.total_seconds())
    officer = await portal.as_("officer")
    await officer.get(f"/documents/{first['id']}/pages/1")
    assert len(await lines()) == 5
    times = [each["at"] for each in await lines()]
    assert times[-1] - times[0] > timedelta(minutes=10)


async def test_what_is_refused_leaves_no_line(portal: Portal) -> None:
    number, (document, *_) = await world(portal)
    for username in ("stranger", "abroad", "head"):
        visitor = await portal.as_(username)
        for url in (
            f"/documents/{document['id']}",
            f"/documents/{document['id']}/pages/1",
            f"/cases/{number}/notice.pdf",
            f"/cases/{number}/archive.zip",
        ):
            assert (await visitor.get(url)).status in (403, 404), (username, url)
    clerk = await portal.as_("clerk")
    assert (await clerk.get(f"/documents/{document['id']}/pages/99")).status == 404
    assert (await portal.visit().get(f"/documents/{document['id']}")).status == 303
    assert await lines() == []


async def from_address(portal: Portal, peer: str, headers: dict[str, str]) -> str:
    """Where a reading by the auditor is said to come from, its connection from `peer`."""
    document = await Document.select().first()
    assert document is not None
    transport = httpx.ASGITransport(app=portal.app, client=(peer, 4711))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=portal.settings.base_url, headers=headers) as http:
        auditor = await Visitor(http, portal.clock).sign_in("auditor")
        assert (await auditor.get(f"/documents/{document['id']}")).status == 200
    address: str = (await lines())[-1]["address"]
    return address


@pytest.mark.parametrize(
    ("peer", "address"),
    [("203.0.113.7", "203.0.113.7"), ("10.0.0.5", "198.51.100.9")],
    ids=["a stranger's header", "a trusted proxy's header"],
)
async def test_a_forwarded_address_counts_behind_trusted_proxies_alone(portal: Portal, peer: str, address: str) -> None:
    await world(portal, State.SUBMITTED)
    portal.app.state.settings = replace(portal.settings, trusted_proxies=("10.0.0.0/8",))
    assert await from_address(portal, peer, {"X-Forwarded-For": "192.0.2.1, 198.51.100.9"}) == address


async def test_without_trusted_proxies_no_header_counts(portal: Portal) -> None:
    await world(portal, State.SUBMITTED)
    assert await from_address(portal, "10.0.0.5", {"X-Forwarded-For": "198.51.100.9"}) == "10.0.0.5"


async def test_the_own_municipality_and_the_auditor_see_it(portal: Portal) -> None:
    number, (document, *_) = await world(portal)
    officer = await portal.as_("officer")
    await officer.get(f"/documents/{document['id']}?view")
    await officer.get(f"/cases/{number}/notice.pdf")
    for username in ("clerk", "auditor"):
        visitor = await portal.as_(username)
        assert f"/cases/{number}/readings" in (await visitor.get(f"/cases/{number}")).text
        page = await visitor.get(f"/cases/{number}/readings")
        assert page.status == 200
        for said in ("افسر استان", "کارشناس احراز", "همدان", "203.0.113.7", "۱۰ آبان ۱۴۰۵"):
            assert said in page.words(), said
        letter, paper = ("".join(each.itertext()) for each in page.all("tr")[1:])  # the last one first
        assert "نامهٔ ابلاغ درجه" in letter
        assert "سند.pdf" in paper
        visitor.http.cookies.set("daraje_language", "en")
        page = await visitor.get(f"/cases/{number}/readings")
        assert "downloaded" in page.words()
        assert "viewed" in page.words()


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("officer", 403),
        ("stranger", 403),
        ("examiner", 403),
        ("minister", 403),
        ("keeper", 403),
        ("head", 403),
        ("neighbour", 404),
        ("abroad", 404),
    ],
)
async def test_nobody_else_sees_it(portal: Portal, username: str, status: int) -> None:
    number, _ = await world(portal, State.SUBMITTED)
    visitor = await portal.as_(username)
    assert (await visitor.get(f"/cases/{number}/readings")).status == status
    assert f"/cases/{number}/readings" not in (await visitor.get(f"/cases/{number}")).text


async def test_a_case_that_nobody_read_says_so_and_a_wrong_number_is_404(portal: Portal) -> None:
    number, _ = await world(portal, State.SUBMITTED)
    clerk = await portal.as_("clerk")
    assert "هنوز کسی" in (await clerk.get(f"/cases/{number}/readings")).words()
    assert (await clerk.get("/cases/1405-99999/readings")).status == 404
    page = await portal.visit().get(f"/cases/{number}/readings")
    assert (page.status, page.location) == (303, f"/login?next=/cases/{number}/readings")


async def test_many_readings_come_in_pages(portal: Portal) -> None:
    number, (document, *_) = await world(portal, State.SUBMITTED)
    for at in range(access_log.PAGE + 3):
        await access_log.note(
            "document",
            "opened",
            by=portal.people["officer"],
            subject=str(document["id"]),
            number=number,
            name=f"سند {at}.pdf",
            now=portal.clock.tick(601),
        )
    clerk = await portal.as_("clerk")
    page = await clerk.get(f"/cases/{number}/readings")
    assert len(page.all("tr")) == access_log.PAGE + 1
    (older,) = [each.get("href", "") for each in page.all("a") if "page=" in (each.get("href") or "")]
    page = await clerk.get(older)
    assert len(page.all("tr")) == 4
    assert "سند 0.pdf" in page.words()
    for odd in ("x", "-1", "", "9" * 30):
        assert (await clerk.get(f"/cases/{number}/readings?page={odd}")).status == 200


async def test_the_application_can_only_add_lines(portal: Portal) -> None:
    await world(portal, State.SUBMITTED)
    document = await Document.select().first()
    assert document is not None
    await (await portal.as_("officer")).get(f"/documents/{document['id']}")
    for statement in ("UPDATE readings SET full_name = 'x'", "DELETE FROM readings", "TRUNCATE readings"):
        with pytest.raises(asyncpg.PostgresError):
            await Reading.raw(statement)
    assert len(await lines()) == 1
