"""Whose address a request carries, behind proxies that the settings trust (`PORTAL_TRUSTED_PROXIES`)."""

import ipaddress
from collections.abc import Sequence

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

MOST_PROXIES = 32  # in a row


class TrustedProxies:
    """Puts the visitor's own address and scheme into the scope; a header from anyone else counts for nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope.get("client"):
            trusted = scope["litestar_app"].state.settings.trusted_proxies
            client = scope["client"] or ("", 0)
            if trusted and is_trusted(client[0], trusted):
                headers = {name: value.decode("latin-1") for name, value in scope["headers"]}  # once each (`gate`)
                scope["client"] = (visitor(client[0], headers.get(b"x-forwarded-for", ""), trusted), client[1])
                scope["scheme"] = agreed_scheme(headers.get(b"x-forwarded-proto", "")) or scope["scheme"]
        await self.app(scope, receive, send)


def is_trusted(address: str, trusted: Sequence[str]) -> bool:
    """Whether `address` lies in one of the networks."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(given in ipaddress.ip_network(network, strict=False) for network in trusted)


def agreed_scheme(forwarded: str) -> str | None:
    """The scheme that every proxy in `X-Forwarded-Proto` names; None where they differ: one may be the visitor's."""
    named = {each.strip() for each in forwarded.split(",")}
    return named.pop() if named in ({"http"}, {"https"}) else None


def visitor(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """The last address in `X-Forwarded-For` that no trusted proxy stands at; whatever came before it may be forged."""
    for address in reversed([each.strip() for each in forwarded.split(",") if each.strip()][-MOST_PROXIES:]):
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return peer
        if not is_trusted(address, trusted):
            return address
        peer = address
    return peer
