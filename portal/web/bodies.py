"""How long a body may take to come. Whoever sends slowly holds a connection, and neither memory nor anything else.

A form is read whole before anything is asked of the database; a file is handed on as it comes, at a least pace.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar, cast

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")

FORM_LIMIT = 1024 * 1024  # bytes of a form; uploads stream, and count their own
FORM_WITHIN = 20.0  # seconds in which a form is whole
PACE = 1024  # bytes a second that a file comes with at least …
OVER = 30.0  # … over so many seconds, in which it is the sender's turn
TAKEN_WITHIN = 60.0  # seconds in which a reader takes the next piece of a file
SMALL = 64 * 1024  # bytes of a form for which there is always room
ROOM = 64 * 1024 * 1024  # bytes of a worker's memory for all that larger forms hold beyond that, on their way in
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_held = 0


class TooSlow(HTTPException):
    """The body did not come in time (RFC 9110 §15.5.9); the connection ends with the answer."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status_code=408, headers={"Connection": "close", **(headers or {})})


class Timely:
    """Gives handlers bodies that have come, or that come at the least pace; takes their answers back likewise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            send = _Taken(send)
            if scope["method"] in WRITES:
                limit: int | None = scope["route_handler"].resolve_request_max_body_size()  # type: ignore[union-attr]
                is_form = limit is not None and limit <= FORM_LIMIT
                receive = await _whole(scope, receive, limit or 0) if is_form else _Paced(receive)
        await self.app(scope, receive, send)


async def in_time(reading: Coroutine[Any, Any, T]) -> T:
    """What `reading` of a form gives; raises TooSlow."""
    try:
        async with asyncio.timeout(FORM_WITHIN):
            return await reading
    except TimeoutError:
        raise TooSlow from None


async def _whole(scope: Scope, receive: Receive, limit: int) -> Receive:
    """A `receive` that gives the whole body at once; one that is announced as too long is left unread."""
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    if not announced.isdigit() or int(announced) > limit:
        return _Paced(receive)
    messages = [await in_time(_read(receive, limit))]

    async def give() -> Any:
        return messages.pop() if messages else await receive()

    return cast("Receive", give)


async def _read(receive: Receive, limit: int) -> Any:
    """The body in one message, or that the client has gone.

    Raises:
        RequestEntityTooLarge.
        MemoryError: others' forms fill the room.
    """
    body, mine = bytearray(), 0
    try:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message["body"]
            if len(body) > limit:
                raise RequestEntityTooLarge
            mine += _take(max(0, len(body) - SMALL) - mine)
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}
    finally:
        _take(-mine)


def _take(size: int) -> int:
    global _held
    if size > 0 and _held + size > ROOM:
        raise MemoryError("no room for another large form")
    _held += size
    return size


class _Paced:
    """A `receive` whose bytes come at the least pace, or TooSlow. What the portal itself takes counts for nothing."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._waited, self._came = 0.0, 0

    async def __call__(self) -> Any:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(OVER):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        self._waited += loop.time() - began
        self._came += len(message["body"]) if message["type"] == "http.request" else 0
        if self._waited > OVER:
            if self._came < PACE * self._waited and message.get("more_body", False):
                raise TooSlow
            self._waited, self._came = 0.0, 0
        return message


class _Taken:
    """A `send` whose reader takes what they are sent, or the connection ends."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":  # goes with what follows: nobody waits for it alone
            await self._send(message)
            return
        try:
            async with asyncio.timeout(TAKEN_WITHIN):
                await self._send(message)
        except TimeoutError:
            raise ConnectionResetError("the reader takes nothing") from None
