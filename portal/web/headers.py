"""What goes with every answer, and which requests are refused before they are read."""

from collections.abc import Iterator, Mapping, Set
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.domain.errors import Forbidden
from portal.settings import Settings
from portal.web.secret_addresses import holds_secret

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_ALWAYS = [(name.lower().encode(), value.encode()) for name, value in ALWAYS.items()]
YEAR = 31_536_000
PORTS = {"http": 80, "https": 443}
TUS = "1.0.0"  # the upload protocol: its answers all say so, refusals too


async def guard_answer(message: Message, scope: Scope) -> None:
    """Add the security headers; a page of a signed-in person is kept by no cache."""
    if message["type"] != "http.response.start":
        return
    said = {name.lower() for name, _value in message["headers"]}
    message["headers"] = [*message["headers"], *(each for each in _owed(scope) if each[0] not in said)]


def _owed(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    """What an answer says where its handler says nothing else."""
    if holds_secret(scope["path"]):  # what its page asks for would tell it, and logs of proxies hold `Referer`
        yield b"referrer-policy", b"strict-origin"
        yield from (each for each in _ALWAYS if each[0] != b"referrer-policy")
    else:
        yield from _ALWAYS
    if scope["path"].startswith("/uploads"):
        yield b"tus-resumable", TUS.encode()
    yield b"cache-control", b"no-store"
    if scope["scheme"] == "https":
        yield b"strict-transport-security", f"max-age={YEAR}; includeSubDomains".encode()


class NoNul:
    """Refuses addresses that hold a NUL character, which no text of the database can be: there is no such page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and ("\0" in scope["path"] or b"%00" in scope.get("query_string", b"")):
            raise NotFoundException
        await self.app(scope, receive, send)


class SameOrigin:
    """Refuses writes that another site's page sends (CSRF). With `SameSite=Lax` cookies no token is needed.

    A request with neither `Sec-Fetch-Site` nor `Origin` comes from no browser and passes. Each of them comes once, and
    a host with it (`gate`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            settings = scope["litestar_app"].state.settings
            own = own_origins(settings, f"{scope['scheme']}://{headers.get(b'host', '')}")
            fetch_site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
            if not is_same_origin(fetch_site, origin, own, has_base_url=settings.has_base_url):
                raise Forbidden("other-site")
        await self.app(scope, receive, send)


def own_origins(settings: Settings, asked: str) -> frozenset[str]:
    """The origins of the portal's own pages: by PORTAL_BASE_URL where it is set, else that of the address `asked`."""
    if not settings.has_base_url:
        return frozenset(filter(None, [origin_of(asked)]))
    site = settings.passkey_site  # on the loopback that of `localhost`
    return frozenset(filter(None, [origin_of(settings.base_url), origin_of(site[1]) if site else None]))


def is_same_origin(fetch_site: str | None, origin: str | None, own: Set[str], *, has_base_url: bool) -> bool:
    """Whether a write comes from one of the portal's `own` pages, or from no page at all."""
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    if origin is None:
        return True
    if fetch_site is not None and (origin == "null" or not has_base_url):
        # The browser compared for itself. `null` is what a page without a referrer says then (Fetch, "append a request
        # Origin header"), and a host that a proxy has rewritten says nothing.
        return True
    return origin_of(origin) in own


def origin_of(text: str) -> str | None:
    """The origin that `text` is, written as browsers do (RFC 6454 §6.2); None for anything else, `null` among it."""
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # no address at all
        return None
    if (
        parts.scheme not in PORTS
        or not host
        or f"{parts.scheme}://{parts.netloc.lower()}" != text.lower()
        or "@" in text
    ):
        return None
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" if port in (None, PORTS[parts.scheme]) else f"{parts.scheme}://{shown}:{port}"


def is_visit(headers: Mapping[str, str]) -> bool:
    """Whether a person opens this address: it is not fetched ahead, and no script of a page asks for it.

    Programs that send none of these headers open what they ask for.
    """
    ahead = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return (
        "prefetch" not in ahead and "preview" not in ahead and headers.get("sec-fetch-dest", "document") == "document"
    )
