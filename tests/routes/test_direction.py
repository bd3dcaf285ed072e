"""Everybody's pages in both languages: the client lints each for what runs the other way outside an isolate."""

from urllib.parse import urldefrag

import pytest

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal

EVERYBODY = ("clerk", "officer", "examiner", "minister", "keeper", "auditor", "head")
MOST = 60


async def walk(visitor: Visitor, begin: str) -> set[str]:
    """Follow every link of the portal's own pages from `begin` on, MOST of them."""
    seen: set[str] = set()
    ahead = [begin]
    while ahead and len(seen) < MOST:
        address = ahead.pop(0)
        if address in seen:
            continue
        seen.add(address)
        page = await visitor.get(address)
        if not page.text.startswith("<!doctype"):
            continue
        found = [urldefrag(each.get("href", "")).url for each in page.all("a")]
        ahead += [each for each in found if each.startswith("/") and not each.endswith((".pdf", ".zip", ".csv"))]
    return seen


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_every_page_that_links_lead_to_is_in_order(portal: Portal, language: str) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    numbers = [
        await builder.case(State.NOTIFIED),
        await builder.case(State.RETURNED, "neighbour"),
        await builder.case(State.DECIDED, "abroad", "stranger"),
    ]
    for username in EVERYBODY:
        visitor = await portal.as_(username)
        visitor.http.cookies.set("daraje_language", language)
        seen = await walk(visitor, "/cases") | await walk(visitor, "/account")
        assert len(seen) > 10, username
    page = await visitor.get(f"/cases/{numbers[0]}")
    assert page.status in (403, 404)


async def test_a_number_that_was_read_reversed_finds_its_case(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    year, count = number.split("-")
    for username, address in (("officer", "/cases?state=all&q="), ("auditor", "/cases?q="), ("auditor", "/journal?q=")):
        visitor = await portal.as_(username)
        for typed in (f"{count}-{year}", f"\u2068{count}-{year}\u2069", f"\u2068{number}\u2069"):
            page = await visitor.get(address + typed.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
            assert f"/cases/{number}" in {each.get("href") for each in page.all("a")}, (address, typed)
    visitor = await portal.as_("officer")
    page = await visitor.get("/cases?state=all&q=\u2068۴۲/۱۸۸۳\u2069")
    assert f"/cases/{number}" in {each.get("href") for each in page.all("a")}, (
        "the letter's number, as the page shows it"
    )
