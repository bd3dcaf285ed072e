"""The outermost door: what is refused of a request by its first lines, before anybody reads on.

The framework routes before its middleware runs, and parses cookies with the interpreter's own parser: both meet only
what passes here.
"""

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


class Gate:
    """Answers 414 and 431 for what is too long, 400 for a host and 404 for a name that cannot be; drops odd cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if status := refusal(scope):
                await _refuse(status, scope, receive, send)
                return
            scope["headers"] = list(_with_plain_cookies(scope["headers"]))
        await self.app(scope, receive, send)


def refusal(scope: HTTPScope) -> int | None:
    """The status with which the request is refused by its first lines; None where it goes on."""
    target = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    if len(target) + len(scope.get("query_string", b"")) > LONGEST_TARGET:
        return 414
    sizes = [len(name) + len(value) for name, value in scope["headers"]]
    if max(sizes, default=0) > LONGEST_HEADER or sum(sizes) > LONGEST_HEAD:
        return 431
    if not _is_text(scope.get("query_string", b"")) or not all(
        _is_host(value) for name, value in scope["headers"] if name.lower() == b"host"
    ):
        return 400
    names = scope["path"].encode("utf-8", "replace").split(b"/")
    return 404 if max(map(len, names)) > LONGEST_NAME else None


def _is_text(query: bytes) -> bool:
    try:
        query.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_host(value: bytes) -> bool:
    """Whether `value` can stand in an address: a name or number, and perhaps a port (RFC 9110 §7.2)."""
    try:
        parts = urlsplit(f"//{value.decode('ascii')}")
        return parts.netloc.encode() == value and (parts.port is None or bool(parts.hostname))
    except ValueError:
        return False


async def _refuse(status: int, scope: HTTPScope, receive: Receive, send: Send) -> None:
    plain: HTTPScope = {**scope, "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    request: AppRequest = Request(plain)
    texts.locale.set(request.app.state.settings.locale)
    answer = errors.failure(request, status).to_asgi_response(request.app, request)
    await answer(plain, receive, send)


def _with_plain_cookies(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """`headers` without the cookies that hold a backslash. RFC 6265, 4.1.1 knows none, and this host sets none.

    The interpreter's parser takes quadratic time over them before 3.11.10, 3.12.6 and 3.13 (CVE-2024-7592).
    """
    for name, value in headers:
        if name.lower() == b"cookie" and BACKSLASH in value:
            value = b";".join(each for each in value.split(b";") if BACKSLASH not in each)
        yield name, value
