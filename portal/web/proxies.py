"""Whose address a request carries, behind proxies that the settings trust (`PORTAL_TRUSTED_PROXIES`).

Granian decides whom to believe. It takes any word for an address, looks at every one of them, and takes no scheme that
several proxies name: so it is given addresses only, not too many, and the one scheme that all proxies agree on.
"""

import ipaddress
from collections.abc import Iterable
from functools import cache
from itertools import takewhile

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

MOST_PROXIES = 32  # in a row
FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


class TrustedProxies:
    """Puts the visitor's own address and scheme into the scope; a header from anyone else counts for nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._believing = cache(self._believe)

    def _believe(self, trusted: tuple[str, ...]) -> ASGIApp:
        believing: ASGIApp = wrap_asgi_with_proxy_headers(self.app, [*trusted])
        return believing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app, trusted = self.app, scope["litestar_app"].state.settings.trusted_proxies
        if trusted and scope["type"] == ScopeType.HTTP and scope["client"]:
            scope["headers"] = list(_plain(scope["headers"], scope["client"][0]))
            app = self._believing(trusted)
        await app(scope, receive, send)


def _plain(headers: Iterable[tuple[bytes, bytes]], peer: str) -> Iterable[tuple[bytes, bytes]]:
    """`headers`, each there once (`gate`), with an X-Forwarded-For and -Proto that say nothing but what can be."""
    said = {FOR: b"", PROTO: b"", **dict(headers)}
    said[FOR] = (last_addresses(said[FOR].decode("latin-1")) or peer).encode("latin-1")
    said[PROTO] = agreed_scheme(said[PROTO].decode("latin-1")).encode()
    return said.items()


def last_addresses(forwarded: str) -> str:
    """The end of `X-Forwarded-For`, as far as it names addresses; what stands before a word that is none is forged."""
    named = [each.strip() for each in forwarded.split(",") if each.strip()][-MOST_PROXIES:]
    return ", ".join([*takewhile(_is_address, reversed(named))][::-1])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def agreed_scheme(forwarded: str) -> str:
    """The scheme that every proxy in `X-Forwarded-Proto` names; empty where they differ: one may be the visitor's."""
    named = {each.strip() for each in forwarded.split(",")}
    return named.pop() if named in ({"http"}, {"https"}) else ""
