"""A program that asks for JSON or text is refused in JSON or text, not with a page."""

import pytest

from tests.conftest import Portal

PUBLIC = ("/journal/entries/99999/proof", "/journal/consistency?from=x", "/journal/consistency?from=7&to=3", "/nowhere")


@pytest.mark.parametrize("address", PUBLIC)
async def test_json_is_refused_in_json(portal: Portal, address: str) -> None:
    got = await portal.visit().http.get(address, headers={"Accept": "application/json"})
    assert got.headers["content-type"].startswith("application/problem+json")
    assert got.json()["status"] == got.status_code
    assert got.status_code in (404, 422)


@pytest.mark.parametrize("address", PUBLIC)
async def test_text_is_refused_in_text(portal: Portal, address: str) -> None:
    got = await portal.visit().http.get(address, headers={"Accept": "text/plain"})
    assert got.headers["content-type"].startswith("text/plain")
    assert got.text.startswith(f"{got.status_code} ")


async def test_who_names_nothing_gets_what_the_address_speaks(portal: Portal) -> None:
    http = portal.visit().http
    assert (await http.get(PUBLIC[0])).headers["content-type"].startswith("application/problem+json")
    assert (await http.post("/journal/checkpoint")).headers["content-type"].startswith("text/plain")
    assert (await http.get("/nowhere")).headers["content-type"].startswith("text/html")


async def test_a_browser_gets_a_page(portal: Portal) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for address in PUBLIC:
        got = await portal.visit().http.get(address, headers={"Accept": accept})
        assert got.headers["content-type"].startswith("text/html")
