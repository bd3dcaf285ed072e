"""Which pages are compressed, and that no page with a secret ever is (BREACH)."""

import brotli
import pytest
from litestar.handlers import HTTPRouteHandler

from portal.domain.lifecycle import State
from portal.routes import ROUTES
from portal.web.compression import OPT
from tests.world.builders import Builder
from tests.world.portal import Portal

REVIEWED = {
    "/": "the service card: the same for everybody, and nothing is sent to it",
    "/service": "the same card, under the name of who reads it",
    "/verify": "a form without sealed fields; what is typed there is posted",
    "/verify/offline": "public keys, and the program that checks with them",
    "/journal/key": "public keys and their times",
    "/grades": "numbers of towns; no form",
    "/grades/{code:str}": "towns and grades; no form",
    "/municipalities": "the register; a search has a query, and is sent as it is",
    "/rulesets": "titles and digests of score tables; no form",
}
"""The pages that may be compressed, and why."""
SEALED = [
    *("/login", "/account", "/account/second-factor", "/account/password", "/account/passkeys", "/account/sessions"),
    *("/account/recovery-codes", "/account/second-factor/restoration"),
]


def test_each_handler_that_compresses_was_looked_at() -> None:
    found = [each for each in ROUTES if isinstance(each, HTTPRouteHandler) and each.opt.get(OPT)]
    assert {path for each in found for path in each.paths} == set(REVIEWED)
    assert all({str(method) for method in each.http_methods} <= {"GET", "HEAD"} for each in found)


@pytest.mark.parametrize("path", [each.replace("{code:str}", "13") for each in REVIEWED])
async def test_they_come_compressed(portal: Portal, path: str) -> None:
    examiner = await portal.as_("examiner") if path not in ("/", "/verify", "/verify/offline") else portal.visit()
    page = await examiner.get(path, headers={"Accept": "text/html", "Accept-Encoding": "br"})
    head = await examiner.http.head(path, headers={"Accept": "text/html", "Accept-Encoding": "br"})
    assert (page.status, page.response.headers["content-encoding"]) == (200, "br"), page.words()
    assert page.response.headers["vary"] == head.headers["vary"] == "Accept-Encoding"
    assert head.headers["content-encoding"] == "br"
    plain = await examiner.get(path, headers={"Accept": "text/html", "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.response.headers
    assert plain.response.headers["vary"] == "Accept-Encoding"
    assert int(page.response.headers["content-length"]) == len(brotli.compress(page.response.content, quality=5))


async def test_what_could_repeat_what_was_sent_is_not(portal: Portal) -> None:
    http = portal.visit().http
    for path in ("/?q=guess", "/verify?code=1", "/service?", "/nowhere", "/grades"):
        answer = await http.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert ("content-encoding" in answer.headers) == (path == "/service?"), path
    answer = await http.post("/verify", data={"code": "1" * 20}, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in answer.headers
    examiner = await portal.as_("examiner")
    assert "content-encoding" not in (await examiner.get("/municipalities?q=ا")).response.headers


async def test_pages_with_secrets_are_not_even_when_asked(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.SUBMITTED)
    officer = await portal.as_("officer")
    for path in [*SEALED, "/cases", *(f"/cases/{number}{act}" for act in ("", "/attestation", "/return"))]:
        page = await officer.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert page.status in (200, 303), path
        assert "content-encoding" not in page.response.headers, path
