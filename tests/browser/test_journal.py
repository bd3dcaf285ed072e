"""The journal's pages in Chromium, in both languages, wide and narrow: axe finds nothing, and nothing overflows."""

import pytest
from playwright.async_api import Browser

from portal.domain.lifecycle import State
from portal.tables.documents import Document
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.desk import Desk, sit_down
from tests.world.portal import Portal

WIDTHS = (1280, 390)


async def prepare(site: Portal) -> list[str]:
    """A case that went the whole way; the addresses of its traces."""
    number = await Builder(site.people, site.store, site.clock).case(State.NOTIFIED)
    rows = await Event.select(Event.position, Event.kind, Event.subject).order_by(Event.position)
    at = {row["kind"]: row["position"] for row in rows}
    return [
        "/journal",
        "/journal?day=1405/13/41",
        "/journal?person=افسر&act=AttestationGiven",
        "/journal?q=1405-99999",
        f"/journal/entries/{at['AttestationGiven']}",
        f"/journal/entries/{at['DecisionSigned']}",
        f"/journal/entries/{at['JournalKeyIntroduced']}",
        f"/journal/entries/{at['AccountOpened']}",
        "/journal/key",
        f"/receipts/{at['CaseSubmitted']}",
        f"/receipts/{at['CaseAssessed']}",
        f"/cases/{number}/readings",
        f"/cases/{number}",
    ]


async def read_something(desk: Desk) -> None:
    document = await Document.select().first()
    assert document is not None
    await desk.page.request.get(f"{desk.site.settings.base_url}/documents/{document['id']}?view")


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_pages_of_the_journal_are_whole(browser: Browser, site: Portal, language: str) -> None:
    addresses = await prepare(site)
    auditor = await sit_down(browser, site, "auditor")
    await read_something(auditor)
    await auditor.page.context.add_cookies(
        [{"name": "daraje_language", "value": language, "url": site.settings.base_url}]
    )
    for width in WIDTHS:
        await auditor.page.set_viewport_size({"width": width, "height": 900})
        auditor.looked_at.clear()
        for address in addresses:
            await auditor.open(address)
            overflow = await auditor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, (address, width)
