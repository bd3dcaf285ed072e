"""Pages that are compressed on their way: those of handlers that say `compressed=True`, and no others.

Compressed together, a secret of a page and what the request put there tell by their length how much they have in
common (BREACH, 2013). So a handler says it only of a page without a sealed form, one-time link, code or authenticator
secret, and such a page is compressed only where nothing was sent that it could repeat: no query and no body. Error
pages never are.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPResponseStartEvent

from portal.web import encodings

OPT = "compressed"
LEAST = 512  # bytes: what is smaller fits into a packet as it is


class Compression:
    """Compresses what handlers let it, in the coding that the request takes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["route_handler"].opt.get(OPT):
            send = _compressing(scope, send)
        await self.app(scope, receive, send)


def _compressing(scope: HTTPScope, send: Send) -> Send:
    nothing_sent = scope["method"] == "GET" and not scope.get("query_string")
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1") if nothing_sent else ""
    start: HTTPResponseStartEvent | None = None

    async def forward(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            MutableScopeHeaders.from_message(message).extend_header_value("Vary", "Accept-Encoding")
            start = message
            return
        if start and message["type"] == "http.response.body":
            if start["status"] == 200 and len(message["body"]) >= LEAST and not message.get("more_body"):
                message = {**message, "body": _encoded(start, message["body"], accepted)}
            await send(start)
            start = None
        await send(message)

    return forward


def _encoded(start: HTTPResponseStartEvent, body: bytes, accepted: str) -> bytes:
    coding = encodings.chosen(accepted, encodings.CODINGS)
    if coding is None:
        return body
    data = encodings.CODINGS[coding](body, False)
    headers = MutableScopeHeaders.from_message(start)
    headers["Content-Encoding"] = coding
    headers["Content-Length"] = str(len(data))
    return data
