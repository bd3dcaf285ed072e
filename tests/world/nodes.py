"""`portal serve` as a process of its own, told by environment alone."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from portal.embedded.datadir import is_alive
from portal.embedded.servers import Embedded
from portal.settings import Settings

READY_WITHIN = 30  # seconds


@dataclass
class Node:
    """A portal on `port`; `kill` ends it as a power cut would, `start` brings it up again."""

    port: int
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    async def start(self) -> None:
        command = [sys.executable, "-m", "portal", "serve"]
        environment = {**self.environment, "PORTAL_PORT": str(self.port)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        async with httpx.AsyncClient() as client:
            for _ in range(READY_WITHIN * 10):
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError("a node does not become ready")

    def kill(self) -> None:
        """kill -9 to the node and its workers."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)


def environment(settings: Settings, servers: Embedded, var: Path) -> dict[str, str]:
    """The variables of a node on the database and bucket of `settings`."""
    assert settings.s3 is not None
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
        **servers.environ(),
        "PORTAL_DATABASE_URL": settings.database_url or "",
        "PORTAL_MIGRATION_DATABASE_URL": settings.migration_database_url or "",
        "PORTAL_S3_BUCKET": settings.s3.bucket,
        "PORTAL_SECRET_KEY": settings.secret_keys[0],
        "PORTAL_JOURNAL_KEY": settings.journal_keys[0],
        "PORTAL_FOUR_EYES": str(settings.four_eyes).lower(),
        "PORTAL_WORKERS": "1",
        "PORTAL_VAR": str(var),
    }


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children(pid: int) -> set[int]:
    """The living processes that the process `pid` started, and that these did."""
    found: set[int] = set()
    with suppress(OSError):
        for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= {int(word), *children(int(word))}
    return {each for each in found if is_alive(each)}
