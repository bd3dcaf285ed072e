"""The seal as visitors meet it: the file changes with it, every page of the case says how far it is."""

import asyncio
from collections.abc import Iterator

import pytest

from portal.domain.lifecycle import State
from portal.services.letters import seals
from portal.tables.acts import LetterSeal
from tests.world.builders import Builder
from tests.world.journey import walk
from tests.world.portal import Portal
from tests.world.seals import UNSTAMPED


@pytest.fixture(autouse=True)
def _no_seal_afterwards() -> Iterator[None]:
    yield
    seals.seal_with(None)


async def test_the_letter_is_given_as_it_was_signed_and_then_sealed(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.NOTIFIED)
    seals.seal_with(UNSTAMPED)
    clerk = await portal.as_("clerk")
    url, package = f"/cases/{number}/notice.pdf", f"/cases/{number}/archive.zip"
    before, bag = await clerk.http.get(url), await clerk.http.get(package)
    assert before.status_code == 200
    for name in ("clerk", "officer", "examiner", "minister", "keeper", "auditor"):
        visitor = await portal.as_(name)
        assert "امضا شده، در انتظار مهر" in (await visitor.get(f"/cases/{number}")).words(), name
    await seals.seal_due(store=portal.store, now=portal.clock.tick())
    after = await clerk.http.get(url, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.content.startswith(before.content)
    assert len(after.content) > len(before.content)
    assert (await clerk.http.get(url, headers={"If-None-Match": after.headers["etag"]})).status_code == 304
    assert (await clerk.http.get(package)).headers["etag"] != bag.headers["etag"]
    page = (await clerk.get(f"/cases/{number}")).words()
    assert "مهر شده" in page
    assert "در انتظار مهر" not in page
    assert "مهر نامه سامانه" in page, "the history names the event, and that nobody signed it"


async def test_without_a_seal_the_page_says_so(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    clerk = await portal.as_("clerk")
    assert "امضا شده، بدون مهر" in (await clerk.get(f"/cases/{number}")).words()


async def test_the_seal_is_tried_at_once_after_the_signature(portal: Portal) -> None:
    seals.seal_with(UNSTAMPED)
    number = await walk(portal.as_)
    async with asyncio.timeout(30):
        while not await LetterSeal.exists():
            await asyncio.sleep(0.05)
    clerk = await portal.as_("clerk")
    assert "مهر شده" in (await clerk.get(f"/cases/{number}")).words()


async def test_the_auditor_reads_the_entry_of_a_seal(portal: Portal) -> None:
    await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    seals.seal_with(UNSTAMPED)
    await seals.seal_due(store=portal.store, now=portal.clock.tick())
    row = await LetterSeal.select().first()
    assert row is not None
    page = await (await portal.as_("auditor")).get(f"/journal/entries/{row['event']}")
    assert page.status == 200
    assert row["sha256"] in page.text
