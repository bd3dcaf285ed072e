"""A `portal serve` of one worker to measure, and what it holds in memory."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from portal.settings import Settings
from tests.world.nodes import free_port


@dataclass(frozen=True)
class Node:
    """Where it listens, and the process that serves."""

    port: int
    worker: int


@asynccontextmanager
async def node(settings: Settings, **more: str) -> AsyncIterator[Node]:
    """A portal on the servers of `settings`; `more` is added to its environment."""
    assert settings.s3 is not None
    port = free_port()
    environment = os.environ | {
        "PORTAL_DATABASE_URL": settings.database_url or "",
        "PORTAL_S3_ENDPOINT": settings.s3.endpoint,
        "PORTAL_S3_ACCESS_KEY": settings.s3.access_key,
        "PORTAL_S3_SECRET_KEY": settings.s3.secret_key,
        "PORTAL_S3_BUCKET": settings.s3.bucket,
        "PORTAL_S3_SECURE": "false",
        "PORTAL_DAILY_DOCUMENTS": "1000000",
        "PORTAL_DAILY_SIZE": str(2**50),
        "PORTAL_S3_REGION": settings.s3.region,
        "PORTAL_SECRET_KEY": settings.secret_keys[0],
        "PORTAL_JOURNAL_KEY": settings.journal_keys[0],
        "PORTAL_WORKERS": "1",
        "PORTAL_PORT": str(port),
        **more,
    }
    command = [sys.executable, "-m", "portal", "serve"]
    portal = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await ready(port)
        yield Node(port, worker_of(portal.pid))
    finally:
        portal.terminate()
        portal.wait(20)


async def ready(port: int, minutes: float = 1.5) -> None:
    """Wait until the portal on `port` answers that it is. Raises RuntimeError after so many minutes."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(round(minutes * 600)):
            try:
                if (await client.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("the portal does not become ready")


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def worker_of(pid: int) -> int:
    """The process that serves: the child of `portal serve` that is itself no server of ours."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout.split()
    return max((int(each) for each in children), key=resident)


async def watch(pid: int, done: asyncio.Event) -> int:
    """The most that the process ever held."""
    most = 0
    while not done.is_set():
        most = max(most, resident(pid))
        await asyncio.sleep(0.1)
    return most
