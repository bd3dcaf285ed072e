"""Messages between the server and a caged child: two lengths, a JSON head, a body of bytes."""

import json
import os
import struct
from typing import Any

LENGTHS = struct.Struct(">II")
MOST_HEAD = 64 * 1024
MOST_BODY = 64 * 1024 * 1024


def packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    """A message, ready to be sent."""
    text = json.dumps(head).encode()
    return LENGTHS.pack(len(text), len(body)) + text + body


def lengths(data: bytes) -> tuple[int, int]:
    """The lengths of head and body that `data` announces.

    Raises:
        ValueError: more than any message has; a child that was taken over may say anything.
    """
    head, body = LENGTHS.unpack(data)
    if not 0 < head <= MOST_HEAD or body > MOST_BODY:
        raise ValueError("no message of ours")
    return head, body


def unpacked(text: bytes) -> dict[str, Any]:
    """The head of a message.

    Raises:
        ValueError: it is no JSON object.
    """
    try:
        head = json.loads(text)
    except RecursionError:
        raise ValueError("nested without end") from None
    if not isinstance(head, dict):
        raise ValueError("no object")
    return head


def receive(descriptor: int) -> dict[str, Any] | None:
    """The next head that comes on `descriptor`, blocking; None at the end. For the child, whose sender is trusted."""
    first = _exactly(descriptor, LENGTHS.size)
    if first is None:
        return None
    text = _exactly(descriptor, lengths(first)[0])
    return None if text is None else unpacked(text)


def send(descriptor: int, head: dict[str, Any], body: bytes = b"") -> None:
    """Sends a message whole, blocking."""
    rest = memoryview(packed(head, body))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _exactly(descriptor: int, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        piece = os.read(descriptor, count - len(data))
        if not piece:
            return None
        data += piece
    return data
