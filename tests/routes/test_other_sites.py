"""Writes that another site's page sends are refused, and a header that may come once never comes twice."""

from dataclasses import replace

import httpx
import pytest

from portal.app import create_app
from portal.settings import Settings
from portal.tables.people import LoginBudget, Session
from tests.world import cast
from tests.world.cast import password_hash
from tests.world.clock import Clock
from tests.world.portal import Portal
from tests.world.raw_requests import status_of

FORM = (b"content-type", b"application/x-www-form-urlencoded")
OWN, OTHER = "http://127.0.0.1:8000", "https://daraje.example.ir"
Lines = list[tuple[str, str]]


async def written(portal: Portal, headers: Lines, host: str = "127.0.0.1:8000") -> int:
    """The status of a stranger's write under these headers; 422 for one that is let in."""
    client = portal.visit().http
    wanted = [*([("Host", host)] if not any(name == "Host" for name, _ in headers) else []), *headers]
    return (await client.post("/login", data={"username": "", "password": ""}, headers=wanted)).status_code


OWN_WRITES: list[Lines] = [
    [],
    [("Origin", OWN)],
    [("Origin", OWN.upper())],
    [("Sec-Fetch-Site", "same-origin"), ("Origin", OWN)],
    [("Sec-Fetch-Site", "none")],
    # A page without a referrer says no origin of its own, either (Fetch, "append a request Origin header").
    [("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
]
OTHERS_WRITES: list[Lines] = [
    [("Origin", "null")],
    [("Origin", "")],
    [("Origin", "https://127.0.0.1:8000")],
    [("Origin", "http://127.0.0.1")],
    [("Origin", "http://127.0.0.1:8001")],
    [("Origin", f"{OWN}/")],
    [("Origin", f"{OWN} {OTHER}")],
    [("Origin", "http://clerk@127.0.0.1:8000")],
    [("Origin", "//127.0.0.1:8000")],
    [("Origin", OTHER)],
    [("Sec-Fetch-Site", "cross-site"), ("Origin", OWN)],
    [("Sec-Fetch-Site", "same-site"), ("Origin", OWN)],
    [("Sec-Fetch-Site", "")],
    [("Sec-Fetch-Site", "same-origin, cross-site")],
]


@pytest.mark.parametrize("headers", OWN_WRITES, ids=str)
async def test_a_write_of_a_page_of_this_portal_or_of_no_page_is_let_in(portal: Portal, headers: Lines) -> None:
    assert await written(portal, headers) == 422


@pytest.mark.parametrize("headers", OTHERS_WRITES, ids=str)
async def test_a_write_of_another_sites_page_is_refused(portal: Portal, headers: Lines) -> None:
    assert await written(portal, headers) == 403


@pytest.mark.parametrize("host", [None, b""], ids=["absent", "empty"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_no_origin_is_that_of_a_host_that_is_not_named(portal: Portal, host: bytes | None, version: str) -> None:
    for origin in (b"null", b"", b"http://", b"//"):
        headers = [FORM, (b"origin", origin), *([(b"host", host)] if host is not None else [])]
        status = await status_of(portal, "POST", "/login", b"", headers, version=version, body=b"username=&password=")
        assert status in (400, 403), origin


async def test_a_request_of_http_1_1_names_its_host(portal: Portal) -> None:
    """RFC 9112 §3.2; a sign of life may be asked in HTTP/1.0."""
    assert await status_of(portal, "GET", "/login", b"", []) == 400
    assert await status_of(portal, "GET", "/login", b"", [(b"host", b"")]) == 400
    assert await status_of(portal, "GET", "/health/live", b"", [], version="1.0") == 200
    # So the server hands on a request that names none.
    assert await status_of(portal, "GET", "/health/live", b"", [(b"host", b"")], version="1.0") == 200


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Sec-Fetch-Site", ("cross-site", "same-origin")),
        ("Sec-Fetch-Site", ("same-origin", "cross-site")),
        ("Sec-Fetch-Site", ("same-origin", "same-origin")),
        ("Origin", (OTHER, OWN)),
        ("Origin", (OWN, OTHER)),
        ("Host", ("127.0.0.1:8000", "daraje.example.ir")),
        ("Host", ("daraje.example.ir", "127.0.0.1:8000")),
        ("Host", ("127.0.0.1:8000", "127.0.0.1:8000")),
        ("Content-Type", ("text/plain", "application/x-www-form-urlencoded")),
        ("Content-Length", ("20", "20")),
        ("Referer", (f"{OWN}/login", f"{OTHER}/")),
        ("Upload-Offset", ("0", "5")),
        ("HX-Request", ("true", "false")),
    ],
)
async def test_of_two_headers_neither_the_first_nor_the_last_counts(
    portal: Portal, name: str, values: tuple[str, str]
) -> None:
    assert await written(portal, [(name, each) for each in values]) == 400


async def test_lists_in_several_lines_are_one_list(portal: Portal) -> None:
    """RFC 9110 §5.3: whoever takes the first line of `Accept` alone answers with what nobody asked for."""
    client = portal.visit().http
    page = await client.get("/nope", headers=[("Accept", "application/json;q=0.1"), ("Accept", "text/html")])
    assert page.headers["content-type"].startswith("text/html")


async def test_of_two_session_cookies_neither_counts(portal: Portal) -> None:
    """Another host's page can put a second one beside ours (RFC 6265 §8.6): nobody is signed in by it."""
    visitor = await portal.as_("clerk")
    token = visitor.http.cookies["daraje_session"]
    visitor.http.cookies.clear()
    for cookies, status in (
        ([f"daraje_session={token}"], 200),
        ([f"a=b; daraje_session={token}", "c=d"], 200),  # RFC 9113 §8.2.3: crumbs
        ([f"daraje_session={token}; daraje_session={token}"], 200),
        ([f"daraje_session=x; daraje_session={token}"], 303),
        ([f"daraje_session={token}; daraje_session=x"], 303),
        ([f"daraje_session={token}", "daraje_session=x"], 303),
    ):
        answer = await visitor.http.get("/account", headers=[("Cookie", each) for each in cookies])
        assert answer.status_code == status, cookies


def named(settings: Settings, url: str) -> Settings:
    """`settings` as with PORTAL_BASE_URL set."""
    return replace(settings, base_url=url, has_base_url=True)


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        (OTHER, [("Origin", OTHER)], 422),
        (f"{OTHER}:443", [("Origin", OTHER)], 422),
        ("https://درجه.example.ir", [("Origin", "https://xn--rgbfg3g.example.ir")], 422),
        (OTHER, [("Origin", "http://daraje.example.ir")], 403),
        (OTHER, [("Origin", "http://portal-1:8000"), ("Host", "portal-1:8000")], 403),
        (OTHER, [("Origin", OTHER), ("Host", "portal-1:8000")], 422),
        (OTHER, [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://portal-1:8000")], 403),
        (OTHER, [("Sec-Fetch-Site", "cross-site"), ("Origin", OTHER)], 403),
        # Passkeys of the loopback are of `localhost`.
        (OWN, [("Origin", "http://localhost:8000")], 422),
    ],
)
async def test_where_the_portals_address_is_set_origins_are_compared_with_it(
    fresh: Settings, clock: Clock, url: str, headers: Lines, status: int
) -> None:
    app = create_app(named(fresh, url), clock=clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        answer = await client.post("/login", data={"username": "", "password": ""}, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("peer", "proto", "status"),
    [
        ("10.0.0.7", ["https"], 422),
        ("10.0.0.7", ["https", "https"], 422),
        ("10.0.0.7", ["https, https"], 422),
        ("10.0.0.7", ["https", "http"], 403),
        ("10.0.0.7", ["http", "https"], 403),
        ("10.0.0.7", [], 403),
        ("203.0.113.9", ["https"], 403),
    ],
)
async def test_the_scheme_is_what_trusted_proxies_agree_on(
    fresh: Settings, clock: Clock, peer: str, proto: list[str], status: int
) -> None:
    app = create_app(replace(fresh, trusted_proxies=("10.0.0.0/24",)), clock=clock)
    transport = httpx.ASGITransport(app=app, client=(peer, 4711))  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        headers = [("Host", "daraje.example.ir"), ("Origin", OTHER), *(("X-Forwarded-Proto", each) for each in proto)]
        answer = await client.post("/login", data={"username": "", "password": ""}, headers=headers)
        assert answer.status_code == status


async def test_a_proxy_that_adds_a_line_of_its_own_is_heard_with_those_before(fresh: Settings, clock: Clock) -> None:
    app = create_app(replace(fresh, trusted_proxies=("10.0.0.0/24",)), clock=clock)
    transport = httpx.ASGITransport(app=app, client=("10.0.0.7", 4711))  # type: ignore[arg-type]
    lines = [("X-Forwarded-For", each) for each in ("198.51.100.66", "203.0.113.9", "10.0.0.8")]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        await cast.enter(await password_hash(), clock())
        fields = {"username": "clerk", "password": cast.PASSWORD}
        assert (await client.post("/login", data=fields, headers=lines)).status_code == 303
        assert [row["address"] for row in await Session.select(Session.address)] == ["203.0.113.9"]
        assert not await LoginBudget.count().where(LoginBudget.key.like("%198.51.100.66%"))
