"""Whose address counts behind proxies: what a stranger writes into the header never does."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from litestar.datastructures import State

from portal.settings import load
from portal.web.proxies import TrustedProxies

TRUSTED = ("127.0.0.1", "10.0.0.0/8")


def seen(peer: str, **headers: str) -> tuple[str, str]:
    """The address and the scheme that the portal sees of a request from `peer`."""
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope)

    settings = replace(load({"PORTAL_SECRET_KEY": "s" * 40}), trusted_proxies=TRUSTED)
    portal = Litestar(state=State({"settings": settings}))
    lines = [(f"x-forwarded-{name}".encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "client": (peer, 4711), "scheme": "http", "headers": lines, "litestar_app": portal}
    asyncio.run(TrustedProxies(app)(scope, app, app))  # type: ignore[arg-type]
    return found[0]["client"][0], found[0]["scheme"]


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("", "10.0.0.1"),
        ("nonsense", "10.0.0.1"),
        ("203.0.113.9, nonsense, 10.0.0.7", "10.0.0.7"),
        ("nonsense, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("203.0.113.9,, ", "203.0.113.9"),
    ],
)
def test_the_last_untrusted_address_is_the_visitor(forwarded: str, expected: str) -> None:
    assert seen("10.0.0.1", **{"for": forwarded})[0] == expected


def test_only_named_networks_are_trusted() -> None:
    assert seen("10.9.8.7", **{"for": "203.0.113.9"})[0] == "203.0.113.9"
    assert seen("11.9.8.7", **{"for": "203.0.113.9"})[0] == "11.9.8.7"
    assert seen("not an address", **{"for": "203.0.113.9"})[0] == "not an address"


def test_no_more_proxies_in_a_row_are_looked_at_than_anybody_has() -> None:
    assert seen("10.0.0.1", **{"for": "203.0.113.9, " + "10.0.0.7, " * 31})[0] == "203.0.113.9"
    assert seen("10.0.0.1", **{"for": "203.0.113.9, " + "10.0.0.7, " * 1000})[0] == "10.0.0.7"


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "https, https", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "gopher", "http"),
        ("11.0.0.1", "https", "http"),
    ],
)
def test_the_scheme_is_what_all_trusted_proxies_say(peer: str, proto: str, scheme: str) -> None:
    assert seen(peer, proto=proto)[1] == scheme
