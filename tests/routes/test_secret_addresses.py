"""Whoever reads a one-time link is let in: its token stands in no log, no other address, no Referer and no table."""

import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

import asyncpg
import httpx
import pytest

from portal.domain.lifecycle import Role
from portal.services.administration import accounts, invitations
from portal.services.administration.accounts import NewAccount
from portal.web.secret_addresses import holds_secret, without_secret
from tests.world import cast
from tests.world.client import XHTML, Page, Visitor
from tests.world.portal import Portal

NEW = NewAccount("fresh", "کارشناس تازه", "کارشناس برنامه", Role.MUNICIPALITY, municipality=cast.TOWN)
GOOD = "a sentence that nobody guesses 1405"


async def link(portal: Portal) -> str:
    """The token of a one-time link for a new account."""
    person = await accounts.open_by_machine(NEW, now=portal.clock())
    return await invitations.invite(person, purpose=invitations.INVITATION, by=None, now=portal.clock())


def addresses(page: Page) -> Iterator[str]:
    """Every address of a page that a browser or htmx may ask for, but its own form's."""
    for each in page.root.iter():
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "content"):
            if value := each.get(name):
                yield value


async def tried(portal: Portal, token: str) -> tuple[Visitor, list[Page]]:
    """Everything that can go wrong with a link, and at last its use; the answers."""
    visitor, path = portal.visit(), f"/invitations/{token}"
    odd = portal.visit()
    pages = [
        await visitor.get(path),
        await visitor.post(path, {"password": GOOD}, headers={"Origin": "https://evil.example"}),
        await visitor.post(path, {"password": GOOD}, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"}),
        await visitor.post(path, {"password": "short", "password_again": "short"}),
        await visitor.post(path, {"password": GOOD, "password_again": "other"}),
        await visitor.get(f"{path}x"),
        await visitor.post(f"{path}x", {"password": GOOD, "password_again": GOOD}),
        await visitor.post(f"//invitations//{token}x", {}),
        await visitor.get(f"{path}/x"),
        await visitor.get(f"/Invitations/{token}"),
        Page(await odd.http.request("PUT", path)),
        Page(await odd.http.post(path, content=b"a" * 70_000, headers={"Content-Type": "application/json"})),
        Page(await odd.http.post(path, headers=[("Origin", "null"), ("Origin", "http://127.0.0.1:8000")])),
        await visitor.post("/language/en", {"next": path}, headers={"Origin": "https://evil.example"}),
        await visitor.post(path, {"password": GOOD, "password_again": GOOD}),
        await visitor.get(path),
        await visitor.post(path, {"password": GOOD, "password_again": GOOD}),
    ]
    return visitor, pages


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What every logger says; the test's own client is none of the portal's."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return caplog


async def test_no_log_line_holds_a_links_token_whatever_becomes_of_it(
    portal: Portal, said: pytest.LogCaptureFixture
) -> None:
    token = await link(portal)
    await tried(portal, token)
    assert token not in said.text
    notes = [json.loads(each.getMessage()) for each in said.records if each.name == "portal.security"]
    assert ("other-site", "/invitations/…") in {(each["code"], each["path"]) for each in notes}
    assert ("invitation", "/invitations/…") in {(each["code"], each["path"]) for each in notes}


async def test_no_answer_to_a_link_leads_its_token_to_another_address(portal: Portal) -> None:
    token = await link(portal)
    _, pages = await tried(portal, token)
    for page in pages:
        asked = page.response.request.url.path
        for name, value in page.response.headers.items():
            assert token not in unquote(value), (asked, name)
        if page.response.headers.get("content-type", "").startswith("text/html"):
            others = [each for each in addresses(page) if token in unquote(each) and each != f"/invitations/{token}"]
            assert [each for each in others if not each.startswith(("/invitations/", "//invitations//"))] == [], asked


async def test_what_a_page_of_a_link_asks_for_tells_no_address_of_it(portal: Portal) -> None:
    """The logs of many proxies hold `Referer`: that of the page's own style sheets would be the link."""
    _, pages = await tried(portal, await link(portal))
    for page in pages:
        path = page.response.request.url.path
        if page.response.status_code < 300 or "invitations" in path.lower():
            assert page.response.headers["referrer-policy"] in ("strict-origin", "same-origin")
        if "invitations" in path.lower() and page.status != 400:  # at the gate nobody looks at an address
            assert page.response.headers["referrer-policy"] == "strict-origin", path
    assert (await portal.visit().get("/login")).response.headers["referrer-policy"] == "same-origin"


async def test_no_table_holds_a_links_token_or_a_session_of_it(portal: Portal) -> None:
    token = await link(portal)
    visitor, _ = await tried(portal, token)
    secrets = (token, visitor.http.cookies["daraje_session"], GOOD)
    connection = await asyncpg.connect(portal.settings.migration_database_url or "")
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert len(tables) > 20
        for table in (row["tablename"] for row in tables):
            rows = await connection.fetch(f'SELECT t::text AS told FROM "{table}" t')
            assert not [each for row in rows for each in secrets if each in row["told"]], table
    finally:
        await connection.close()


async def test_the_language_is_changed_on_a_links_page_without_its_token_in_an_address(portal: Portal) -> None:
    token = await link(portal)
    visitor = portal.visit()
    page = await visitor.get(f"/invitations/{token}")
    form = page.form("/language/en")
    assert form.get("action") == "/language/en"
    fields = {each.get("name", ""): each.get("value", "") for each in form.iter(XHTML + "input")}
    answer = await visitor.post("/language/en", fields)
    assert (answer.status, answer.location) == (303, f"/invitations/{token}")
    assert (await visitor.get(answer.location)).root.get("lang") == "en"


async def test_a_session_that_ends_on_a_links_page_leads_to_no_address_with_its_token(portal: Portal) -> None:
    token, clerk = await link(portal), await portal.as_("clerk")
    assert (await clerk.get(f"/invitations/{token}")).status == 200
    portal.clock.tick(31 * 60)
    headers = {"Referer": f"{portal.settings.base_url}/invitations/{token}"}  # a browser that minds no policy
    page = await clerk.post("/account/password", {"name": "x"}, headers=headers)
    assert (page.status, token in unquote(page.location)) == (303, False)


@pytest.mark.parametrize("path", ["/invitations/abc", "//invitations//abc", "/Invitations/abc/x", "/invitations/a%2Fb"])
def test_a_secret_is_left_out_of_an_address(path: str) -> None:
    assert holds_secret(path)
    assert re.fullmatch(r"/+[Ii]nvitations/+…", without_secret(path))


@pytest.mark.parametrize("path", ["/", "/accounts/1/invitation", "/cases/1405-00001", "/invitations", "/invitations/"])
def test_other_addresses_are_told_whole(path: str) -> None:
    assert not holds_secret(path)
    assert without_secret(path) == path


async def test_a_way_on_in_a_form_is_an_address_of_this_portal(portal: Portal) -> None:
    visitor = portal.visit()
    for address in ("https://evil.example/a", "//evil.example/a", "/\\evil.example", "javascript:alert(1)"):
        answer = await visitor.post("/language/en", {"next": address})
        assert answer.status == 303
        assert not httpx.URL(answer.location).host, address
    assert (await visitor.post("/language/en", {"next": "/cases?q=ا"})).location == f"/cases?q={quote('ا')}"
    assert (await visitor.post("/language/en")).location == "/"
