"""Headers and first lines that no browser sends: a clear refusal or the page, never a fault of ours, and no noise."""

import logging
from itertools import cycle, product
from urllib.parse import quote

import httpx
import pytest

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal
from tests.world.raw_requests import status_of

READ = [
    "accept",
    "accept-language",
    "authorization",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "hx-current-url",
    "hx-prompt",
    "hx-request",
    "hx-target",
    "hx-trigger",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "origin",
    "purpose",
    "range",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-purpose",
    "te",
    "transfer-encoding",
    "tus-resumable",
    "upload-checksum",
    "upload-defer-length",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-http-method-override",
    "x-moz",
    "x-purpose",
]
"""What the portal, its framework or a proxy before it reads."""
VALUES = (
    b"",
    b" ",
    b"http://[",
    b"http://[::1",
    b"//",
    b"http://x:port/",
    b"\xff\xfe",
    "شهرداری".encode(),
    b"\x00",
    b"a\r\nSet-Cookie: b=c",
    b"-1",
    b"99999999999999999999999",
    "²".encode("latin-1"),
    b"bytes=-",
    b"bytes=0-0,1-1,2-2",
    b"multipart/form-data; boundary=",
    b'multipart/form-data; boundary="\xff"',
    b"application/x-www-form-urlencoded; charset=none",
    b"*/*;q=nan,,,;",
    b"%",
    b"%ff%00%zz",
    b'a="\\377\\"; b; =; ;;',
    b"sha1 ====",
    b"filename 4pi,filename x",
    b"true",
    b"PATCH",
    b"gzip",
    b"," * 5000,
    b"[" * 5000,
)


async def hostile(visitor: Visitor, method: str, path: str, name: str, value: bytes) -> int:
    body = b"username=a&password=b" if method in ("POST", "PATCH") else b""
    headers = {b"content-type": b"application/x-www-form-urlencoded", b"tus-resumable": b"1.0.0"}
    headers = {**(headers if body else {}), name.encode(): value}
    answer = await visitor.http.request(method, path, content=body, headers=list(headers.items()))
    return answer.status_code


STRANGERS = (
    *(("GET", each) for each in ("/login?next=/x", "/verify", "/journal/key", "/static/css/base.css", "/nope")),
    *(("POST", each) for each in ("/login", "/verify", "/uploads")),
)


async def test_no_header_of_a_stranger_is_a_fault_of_ours(portal: Portal) -> None:
    visitor, where = portal.visit(), cycle(STRANGERS)
    for name, value in product(READ, VALUES):
        method, path = next(where)
        assert await hostile(visitor, method, path, name, value) < 500, (method, path, name, value)


async def test_no_header_of_a_clerk_is_a_fault_of_ours(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    visitor = await portal.as_("clerk")
    links = [each.get("href") or "" for each in (await visitor.get(f"/cases/{number}")).all("a")]
    scan = next(each for each in links if each.startswith("/documents/"))
    gets = (f"/cases/{number}", scan, "/cases?q=a", "/account")
    posts = (f"/cases/{number}/declaration", f"/cases/{number}/documents", "/uploads")
    where = cycle((*(("GET", each) for each in gets), *(("POST", each) for each in posts)))
    kept = dict(visitor.http.cookies)
    for name, value in product(READ, VALUES):
        method, path = next(where)
        visitor.http.cookies.clear()
        visitor.http.cookies.update(kept)
        assert await hostile(visitor, method, path, name, value) < 500, (method, path, name, value)


NEXT = ("/شهرداری", "/\u20ac", "/a\r\nX-Other: 1", "/%ff\x7f", "/" + "ی" * 200, "//[", "http://[/ی", "/\ud7ff?=#ی")


@pytest.mark.parametrize("htmx", [True, False])
async def test_any_way_on_fits_into_a_header(portal: Portal, htmx: bool) -> None:
    headers = {"HX-Request": "true"} if htmx else {}
    visitor, stranger = await portal.as_("clerk"), portal.visit()
    for address in NEXT:
        asked = f"next={quote(address)}"
        answer = await visitor.get(f"/login?{asked}", headers=headers)
        way = answer.response.headers.get("hx-location" if htmx else "location")
        assert answer.status in (200, 303)
        assert way.isascii()
        assert way.isprintable()
        assert (await stranger.get(f"/cases?q={quote(address)}", headers=headers)).status in (200, 303)
        assert (await visitor.post("/language/en", {"next": address}, headers=headers)).status < 400


async def test_another_sites_unreadable_origin_is_refused(portal: Portal) -> None:
    page = await portal.visit().post("/login", {}, headers={"Origin": "http://["})
    assert page.status == 403


@pytest.mark.parametrize("count", [20_000, 190_000])
async def test_a_cookie_of_backslashes_costs_nothing(portal: Portal, count: int) -> None:
    """CVE-2024-7592: the interpreter's parser takes 2.6 s over 20 kB of them; over 190 kB it would hang here."""
    page = await portal.visit().get("/nope", headers={"Cookie": 'a="' + "\\" * count + '"'})
    assert page.status == 431
    page = await portal.visit().get("/login", headers={"Cookie": 'a="' + "\\" * 8000 + '"'})
    assert page.status == 200


async def test_a_signed_in_person_with_an_odd_cookie_beside_is_known(portal: Portal) -> None:
    visitor = await portal.as_("clerk")
    token = next(each for each in visitor.http.cookies.jar if each.name == "daraje_session").value
    visitor.http.cookies.clear()
    page = await visitor.get("/account", headers={"Cookie": f'other="a\\054b"; daraje_session={token}; last="\\""'})
    assert page.status == 200


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({"X-Long": "a" * 9000}, "/login", 431),
        ({f"X-{each}": "a" * 1000 for each in range(40)}, "/login", 431),
        ({}, "/login?next=/" + "a" * 9000, 414),
        ({}, "/static/" + "a" * 300, 404),
        ({}, "/" + "a/" * 2000, 404),
    ],
)
async def test_first_lines_without_end_are_refused(
    portal: Portal, headers: dict[str, str], address: str, status: int
) -> None:
    answer = await portal.visit().get(address, headers=headers)
    assert answer.status == status
    assert answer.response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_methods_refusal_writes_no_line(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    visitor = portal.visit()
    caplog.set_level(logging.INFO)
    paths = ("/", "/login", "/cases", "/health/live", "/nope", "/static/css/base.css", "/login%00", "/a?b=%00", "//")
    for method, path in product(("OPTIONS", "TRACE", "CONNECT", "PUT", "DELETE", "FOO"), paths):
        answer = await visitor.http.request(method, path)
        wanted = (204, 404) if method == "OPTIONS" else (404, 405)
        assert answer.status_code in wanted, (method, path)
    assert [each for each in caplog.records if each.name != "httpx"] == []


async def test_options_tell_the_methods_of_a_page_and_nothing_else(portal: Portal) -> None:
    answer = await portal.visit().http.request("OPTIONS", "/cases")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "GET" in answer.headers["allow"]
    assert "set-cookie" not in answer.headers


HOST = (b"host", b"127.0.0.1:8000")


async def test_a_form_that_does_not_come_whole_is_no_fault_of_ours(portal: Portal) -> None:
    """The line is cut, or its chunks are malformed: the server says `http.disconnect` then."""
    headers = [HOST, (b"content-type", b"application/x-www-form-urlencoded")]
    assert await status_of(portal, "POST", "/login", b"", headers) == 400


async def test_any_query_is_read_or_refused(portal: Portal) -> None:
    for query in (b"next=\xff", b"\xd8\xa7", b"%ff=%ff", b"&&&=;;", b"next=/&next=\x01", b"a" * 9000):
        for path in ("/login", "/nope", "/cases"):
            assert await status_of(portal, "GET", path, query, [HOST]) < 500, (path, query)


@pytest.mark.parametrize(
    "body", [b"&".join(b"a%d=" % each for each in range(6000)), b"username=" + b"a" * 70_000], ids=["fields", "bytes"]
)
async def test_a_form_without_end_is_refused_unread(portal: Portal, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer: httpx.Response = await portal.visit().http.post("/login", content=body, headers=headers)
    assert answer.status_code == 400


async def test_long_fields_are_refused_before_they_are_folded(portal: Portal) -> None:
    page = await portal.visit().post("/login", {"username": "\u0301\u0323" * 200, "password": "\u0301\u0323" * 300})
    assert page.status == 422
    assert set(page.errors()) == {"username", "password"}
