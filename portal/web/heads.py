"""HEAD is answered wherever GET is, with the same fields and no content (RFC 9110 §9.3.2)."""

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from portal.services.cases import access_log
from portal.web.identity import AppRequest

OWN = "/uploads"
"""The addresses with a HEAD of their own."""
ASKED = "asked by HEAD"


def is_head(request: AppRequest) -> bool:
    """Whether the fields of the answer are asked for, and not its content: nobody reads anything by that."""
    return bool(request.scope.get(ASKED))


class Heads:
    """Lets GET's own handler answer a HEAD, and keeps the content back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD" and not scope["path"].startswith(OWN):
            asked: HTTPScope = {**scope, "method": "GET", ASKED: True}  # type: ignore[misc]
            with access_log.nobody_reads():
                await self.app(asked, receive, _bodiless(send))
        else:
            await self.app(scope, receive, _telling(send))


def _bodiless(send: Send) -> Send:
    ended = False

    async def forward(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.body":
            if ended:
                return
            ended = True
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    return _telling(forward)


def _telling(send: Send) -> Send:
    """An `Allow` that names GET names HEAD, too (§10.2.1)."""

    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start" and any(name.lower() == b"allow" for name, _ in message["headers"]):
            headers = MutableScopeHeaders.from_message(message)
            methods = [each.strip() for each in headers.get("allow", "").split(",")]
            if "GET" in methods and "HEAD" not in methods:
                headers["Allow"] = ", ".join(sorted([*methods, "HEAD"]))
        await send(message)

    return forward


def fields(request: AppRequest) -> dict[str, str]:
    """The request's fields by lower-case name, those that came several times joined (RFC 9110 §5.3)."""
    found: dict[str, str] = {}
    for name, value in request.headers.multi_items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
