"""What every bench stands on: servers of its own, a migrated database, one signed-in person, one raw ASGI request."""

import hashlib
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Litestar

from portal import piccolo_conf
from portal.cli.connect import with_servers
from portal.cli.migrations import bring_up_to_date
from portal.embedded import servers as bundled
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import encryption, passwords, sessions
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints
from portal.settings import Settings, load
from portal.tables.people import Session

TOKEN = "a token for the bench"


@asynccontextmanager
async def stage(*, durable: bool = True) -> AsyncIterator[Settings]:
    """Servers on a temporary folder, and a database that is up to date."""
    with tempfile.TemporaryDirectory(prefix="daraje-bench-", ignore_cleanup_errors=True) as folder:
        settings = replace(load(demo=True), var=Path(folder))
        servers = bundled.start(Path(folder), durable=durable)
        try:
            complete = with_servers(settings, servers)
            await bring_up_to_date(complete)
            assert complete.database_url is not None
            piccolo_conf.aim(complete.database_url)
            encryption.configure(complete.secret_keys)
            checkpoints.sign_with(complete.journal_keys)
            await checkpoints.introduce(complete.base_url, now=datetime.now(UTC) - timedelta(days=2))
            yield complete
        finally:
            servers.stop()


async def person(new: NewAccount) -> Identity:
    """Open an account with an authenticator."""
    kept = await passwords.hashed(demo.PASSWORD)
    return await demo.open_account(new, password_hash=kept, now=datetime.now(UTC) - timedelta(days=1))


async def signed_in(by: UUID) -> str:
    """A proved session; the value of its cookie."""
    now = datetime.now(UTC)
    session = await sessions.begin(by, hashlib.sha256(TOKEN.encode()).digest(), address="", agent="bench", now=now)
    await Session.update({Session.proved_at: now}).where(Session.id == session)
    return TOKEN


async def ask(app: Litestar, path: str, cookie: str = "") -> tuple[int, int, float]:
    """One GET, straight into the application: status, bytes of the body, seconds."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", f"daraje_session={cookie}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    status, size = 0, 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, size
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            size += len(message.get("body", b""))

    begun = time.perf_counter()
    await app(scope, receive, send)  # type: ignore[arg-type]
    return status, size, time.perf_counter() - begun
