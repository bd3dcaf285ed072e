"""Downloads while the store is away: a page that says so, never an answer that had begun; and nobody read anything."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from portal.domain.lifecycle import State
from portal.tables.documents import Document
from portal.tables.readings import Reading
from tests.world.builders import Builder
from tests.world.lines import Mood, line
from tests.world.portal import Portal
from tests.world.road import Road

WHAT = [
    "/documents/{id}",
    "/documents/{id}?view",
    "/documents/{id}/pages/1",
    "/documents/{id}/reader",
    "/cases/{number}/notice.pdf",
    "/cases/{number}/archive.zip",
]


@pytest.fixture
async def road(portal: Portal) -> AsyncIterator[Road]:
    assert portal.settings.s3 is not None
    async with line(int(portal.settings.s3.endpoint.rpartition(":")[2])) as bad:
        yield Road(portal, bad)


@pytest.mark.parametrize("mood", [Mood.CLOSED, Mood.SILENT, Mood.BUSY], ids=lambda mood: mood.name.lower())
async def test_a_download_while_the_store_is_away_is_a_page_in_the_visitors_language(
    portal: Portal, road: Road, mood: Mood
) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    document = (await Document.select().order_by(Document.id))[0]
    clerk = await portal.as_("clerk")
    road.turn(mood)
    urls = [each.format(id=document["id"], number=number) for each in WHAT]
    pages = await asyncio.gather(*map(clerk.get, urls))  # at once: each waits for the store
    for url, page in zip(urls, pages, strict=True):
        assert page.status == 503, url
        assert "سامانه موقتاً در دسترس نیست" in page.words()
    assert (await clerk.get(f"/documents/{document['id']}", headers={"Range": "bytes=5-9"})).status == 503
    assert await Reading.count() == 0, "nobody has read anything"
    clerk.http.cookies.set("daraje_language", "en")
    assert "temporarily unavailable" in (await clerk.get(f"/cases/{number}/archive.zip")).words()
    road.turn(Mood.OPEN)
    for url in urls:
        assert (await clerk.get(url)).status == 200
    assert await Reading.count() > 0


async def test_one_object_that_is_missing_makes_no_package(portal: Portal) -> None:
    """Every object of a package is fetched before its first byte is sent."""
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    for document in await Document.select().order_by(Document.id):
        data = await portal.store.get_bytes(document["key"])
        await portal.store.remove(document["key"])
        page = await (await portal.as_("clerk")).get(f"/cases/{number}/archive.zip")
        assert page.status == 503
        await portal.store.put_bytes(document["key"], data)
    assert await Reading.count() == 0
