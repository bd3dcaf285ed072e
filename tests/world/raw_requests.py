"""Requests that no client library would send."""

from tests.world.portal import Portal


async def status_of(
    portal: Portal,
    method: str,
    path: str,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    *,
    version: str = "1.1",
    body: bytes | None = None,
) -> int:
    """The status of a request that no client library would send; without a `body` that is cut off."""
    statuses: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"} if body is None else {"type": "http.request", "body": body}

    async def send(message: dict[str, object]) -> None:
        statuses.extend([int(str(message["status"]))] if "status" in message else [])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": version,
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("203.0.113.7", 4711),
        "server": ("127.0.0.1", 8000),
    }
    await portal.app(scope, receive, send)  # type: ignore[arg-type]
    return statuses[0]
