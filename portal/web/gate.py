"""The outermost door: what is refused of a request by its first lines, before anybody reads on.

The framework routes before its middleware runs, and parses cookies with the interpreter's own parser: both meet only
what passes here.
"""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from portal import texts
from portal.web import errors
from portal.web.identity import AppRequest

LONGEST_TARGET = 8000  # bytes of an address and its query (RFC 9110 §4.1)
LONGEST_NAME = 255  # bytes between two slashes: no page has a longer name, and no file system a file
LONGEST_HEADER = 8 * 1024  # bytes of one, Cookie included
LONGEST_HEAD = 32 * 1024  # bytes of all headers together
BACKSLASH = b"\\"
ONCE = frozenset(
    {
        *(b"host", b"origin", b"referer", b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site"),
        *(b"authorization", b"content-length", b"content-range", b"content-type", b"x-http-method-override"),
        *(b"if-modified-since", b"if-range", b"if-unmodified-since", b"max-forwards", b"range"),
        *(b"hx-current-url", b"hx-request", b"hx-target"),
        *(b"tus-resumable", b"upload-checksum", b"upload-length", b"upload-metadata", b"upload-offset"),
    }
)
"""Headers with one value (RFC 9110 §5.3): of two, none can be believed."""


class Gate:
    """Answers 414 and 431 for what is too long, 400 for a host and 404 for a name that cannot be; drops odd cookies.

    Behind it every header stands once, its name in small letters: 400 for two of what comes once, one list for others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if status := refusal(scope):
                await _refuse(status, scope, receive, send)
                return
            scope["headers"] = list(_with_plain_cookies(_joined(scope["headers"])))
        await self.app(scope, receive, send)


def refusal(scope: HTTPScope) -> int | None:
    """The status with which the request is refused by its first lines; None where it goes on."""
    target = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    if len(target) + len(scope.get("query_string", b"")) > LONGEST_TARGET:
        return 414
    sizes = [len(name) + len(value) for name, value in scope["headers"]]
    if max(sizes, default=0) > LONGEST_HEADER or sum(sizes) > LONGEST_HEAD:
        return 431
    if not _is_text(scope.get("query_string", b"")) or not _has_sound_heads(scope):
        return 400
    names = scope["path"].encode("utf-8", "replace").split(b"/")
    return 404 if max(map(len, names)) > LONGEST_NAME else None


def _is_text(query: bytes) -> bool:
    try:
        query.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_sound_heads(scope: HTTPScope) -> bool:
    """Whether what comes once came once, with a host that can be; HTTP/1.0 needs to name none (RFC 9112 §3.2)."""
    times = Counter(name.lower() for name, _value in scope["headers"])
    host = next((value for name, value in scope["headers"] if name.lower() == b"host"), b"")
    is_sound = _is_host(host) if host else scope["http_version"] == "1.0"
    return is_sound and not any(count > 1 and name in ONCE for name, count in times.items())


def _is_host(value: bytes) -> bool:
    """Whether `value` can stand in an address: a name or number, and perhaps a port (RFC 9110 §7.2)."""
    try:
        parts = urlsplit(f"//{value.decode('ascii')}")
        return parts.netloc.encode() == value and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


async def _refuse(status: int, scope: HTTPScope, receive: Receive, send: Send) -> None:
    plain: HTTPScope = {**scope, "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    request: AppRequest = Request(plain)
    texts.locale.set(request.app.state.settings.locale)
    answer = errors.failure(request, status).to_asgi_response(request.app, request)
    await answer(plain, receive, send)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """`headers` with the lines of each name in one (RFC 9110 §5.3, RFC 9113 §8.2.3 for cookies)."""
    lines: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lines.setdefault(name.lower(), []).append(value)
    for name, values in lines.items():
        yield name, (b"; " if name == b"cookie" else b", ").join(values)


def _with_plain_cookies(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """`headers` without the cookies that hold a backslash, and without those of one name and two values.

    RFC 6265, 4.1.1 knows no backslash, and this host sets none: the interpreter's parser takes quadratic time over them
    before 3.11.10, 3.12.6 and 3.13 (CVE-2024-7592). The second of one name was put there by another host's page (§8.6).
    """
    for name, value in headers:
        if name == b"cookie":
            crumbs = dict.fromkeys(each.strip() for each in value.split(b";") if BACKSLASH not in each)
            times = Counter(map(_name_of, crumbs))
            value = b"; ".join(each for each in crumbs if times[_name_of(each)] == 1)
        yield name, value


def _name_of(crumb: bytes) -> bytes:
    return crumb.partition(b"=")[0].strip()
