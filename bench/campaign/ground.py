"""The ground of the campaign: servers, two nodes, the second of them on lines that can go bad."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from bench.campaign.ledger import Ledger
from bench.campaign.processes import Node, Service
from bench.campaign.watched import PROBE
from portal import piccolo_conf
from portal.cli.connect import with_servers
from portal.cli.migrations import bring_up_to_date
from portal.embedded import servers as bundled
from portal.services.authentication import encryption
from portal.services.journal import checkpoints
from portal.settings import Settings, load
from portal.storage.objects import ObjectStore
from tests.world.lines import Line, line
from tests.world.nodes import free_port

BACK_WITHIN = 120.0  # seconds in which every node is ready again: the bundled store looks at its disk once a minute
SMALL_DISK = 1536 * 1024 * 1024  # bytes


@dataclass
class Ground:
    """Everything that can be broken, and the way to look at it without the portal."""

    var: Path
    settings: Settings
    postgres: Service
    seaweedfs: Service
    nodes: list[Node]
    database_line: Line
    store_line: Line
    store: ObjectStore
    ledger: Ledger
    is_small_disk: bool

    async def connect(self, *, superuser: bool = False) -> Any:
        """A connection past all lines."""
        url = self.settings.migration_database_url or ""
        if superuser:
            password = json.loads((self.var / "state.json").read_text("utf-8"))["superuser"]
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(netloc=f"postgres:{password}@{parts.hostname}:{parts.port}"))
        return await asyncpg.connect(url, timeout=30)

    async def settle(self) -> None:
        """Wait until everything is ready again; what is not is blamed, and started anew."""
        deadline = time.monotonic() + BACK_WITHIN
        for number, node in enumerate(self.nodes):
            while not await node.is_ready():
                if time.monotonic() > deadline:
                    said = node.log.read_text("utf-8", "replace")[-1500:]
                    self.ledger.blame(f"node {number} does not become ready again; it said last:\n{said}")
                    await node.end(signal.SIGKILL, group=True)
                    node.start()
                    deadline = time.monotonic() + BACK_WITHIN
                await asyncio.sleep(0.2)

    async def pools(self) -> list[dict[str, int]]:
        """What the pool of each worker holds while nobody works: pid, size, idle."""
        found: dict[int, dict[str, int]] = {}
        for node in self.nodes:
            workers = set(node.workers())
            for _ in range(40):
                async with httpx.AsyncClient(timeout=10) as client:
                    with suppress(httpx.TransportError, ValueError):
                        said = (await client.get(f"http://127.0.0.1:{node.port}{PROBE}")).json()
                        found[said["pid"]] = said
                if workers <= set(found):
                    break
        return list(found.values())

    async def count_leaks(self) -> None:
        """Blame connections that no request holds and no pool has back, and transactions that nobody ends."""
        for _ in range(30):  # what was cancelled a moment ago ends by itself
            pools = await self.pools()
            if all(each["size"] == each["idle"] for each in pools):
                break
            await asyncio.sleep(0.2)
        for each in pools:
            if each["size"] != each["idle"]:
                self.ledger.blame(f"LEAK: {each['size'] - each['idle']} connections of worker {each['pid']} are gone")


@asynccontextmanager
async def ground(ledger: Ledger) -> AsyncIterator[Ground]:
    """Servers, a migrated database and two nodes of two workers each; all of it is gone afterwards."""
    async with AsyncExitStack() as stack:
        place = Path(tempfile.mkdtemp(prefix="daraje-campaign-"))
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        is_small = _mount(place)
        if is_small:
            stack.callback(subprocess.run, ["umount", "-l", str(place)], check=False)
        var = place / "var"
        servers = await asyncio.to_thread(bundled.start, var)
        stack.callback(servers.stop)
        made = {"PORTAL_SECRET_KEY": secrets.token_hex(20), "PORTAL_JOURNAL_KEY": "A" * 43 + "="}
        settings = with_servers(replace(load(made), var=var), servers)
        assert settings.database_url is not None
        assert settings.s3 is not None
        await bring_up_to_date(settings)
        piccolo_conf.aim(settings.database_url)
        encryption.configure(settings.secret_keys)
        checkpoints.sign_with(settings.journal_keys)
        await piccolo_conf.start_pool(least=1, most=4)
        await checkpoints.introduce(settings.base_url, now=datetime.now(UTC))
        stack.push_async_callback(piccolo_conf.DB.close_connection_pool)
        store = ObjectStore(settings.s3)
        await store.ready()
        stack.callback(store.close)
        database_line = await stack.enter_async_context(line(urlsplit(settings.database_url).port or 5432))
        store_line = await stack.enter_async_context(line(int(settings.s3.endpoint.rpartition(":")[2])))
        straight = _environment(settings, servers.environ())
        parts = urlsplit(settings.database_url)
        bad = straight | {
            "PORTAL_DATABASE_URL": urlunsplit(
                parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{database_line.port}")
            ),
            "PORTAL_S3_ENDPOINT": f"127.0.0.1:{store_line.port}",
        }
        nodes = [Node(free_port(), each, place / f"node-{at}.log") for at, each in enumerate((straight, bad))]
        made_ground = Ground(
            var=var,
            settings=settings,
            postgres=Service("postgres", servers.pids["postgres"]),
            seaweedfs=Service("seaweedfs", servers.pids["seaweedfs"]),
            nodes=nodes,
            database_line=database_line,
            store_line=store_line,
            store=store,
            ledger=ledger,
            is_small_disk=is_small,
        )
        stack.push_async_callback(_end, made_ground)
        for node in nodes:
            node.start()
        await made_ground.settle()
        yield made_ground


def _mount(place: Path) -> bool:
    """Put a small disk at `place`, which can be filled; only root can."""
    if os.geteuid() != 0:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=0755", "daraje-campaign", str(place)],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


def _environment(settings: Settings, servers: dict[str, str]) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
        **servers,
        "PORTAL_SECRET_KEY": settings.secret_keys[0],
        "PORTAL_JOURNAL_KEY": settings.journal_keys[0],
        "PORTAL_FOUR_EYES": "false",  # one officer attests and confirms
        "PORTAL_WORKERS": "2",
        "PORTAL_VAR": str(settings.var.parent / "node"),
    }


async def _end(made: Ground) -> None:
    for node in made.nodes:
        if node.process is not None:
            await node.end(signal.SIGTERM, group=False)
    for service in (made.postgres, made.seaweedfs):
        if service.child is not None:
            await service.end(signal.SIGKILL)
