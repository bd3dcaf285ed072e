"""The start of a node: patient with who is away, short with what waiting would not mend, and never ended afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from portal.embedded.servers import Embedded
from portal.settings import Settings
from tests.world.databases import database, run
from tests.world.lines import Line, Mood, line
from tests.world.nodes import environment, free_port

LONG = 90  # seconds: on a machine with much else to do


@dataclass
class Begun:
    """`portal serve`, just begun; what it says lies in `log`."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal", "serve"],
                env={**self.environment, "PORTAL_PORT": str(self.port)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        assert self.process is not None
        return self.process.poll() is None

    def said(self) -> str:
        return self.log.read_text()

    async def get(self, path: str, **more: str) -> tuple[int, str]:
        async with httpx.AsyncClient(timeout=20, cookies=more) as client:
            answer = await client.get(f"http://127.0.0.1:{self.port}{path}")
            return answer.status_code, answer.text

    async def until(self, path: str, status: int) -> str:
        for _ in range(LONG * 4):
            assert self.is_alive, self.said()
            try:
                found, text = await self.get(path)
                if found == status:
                    return text
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.25)
        raise AssertionError(f"{path} does not answer {status}: {self.said()}")

    async def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self.process is not None
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), LONG)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


Begin = Callable[..., Begun]


@pytest.fixture
async def begin(fresh: Settings, servers: Embedded, tmp_path: Path) -> AsyncIterator[Begin]:
    """Begins a node on this test's database and store; named variables are others."""
    begun: list[Begun] = []

    def _begin(**others: str) -> Begun:
        told = {
            **environment(fresh, servers, tmp_path / "var"),
            "PORTAL_S3_BUCKET": f"start-{os.getpid()}",
            "PORTAL_LOCALE": "en",
            **others,
        }
        made = Begun({name: value for name, value in told.items() if value}, tmp_path / f"{len(begun)}.log")
        begun.append(made)
        made.begin()
        return made

    yield _begin
    for each in begun:
        each.stop()


@asynccontextmanager
async def road(settings: Settings, who: str) -> AsyncIterator[tuple[Line, dict[str, str]]]:
    """A line to the `database` or the `store`, and the variable that leads over it."""
    assert settings.s3 is not None
    url = str(settings.database_url)
    address = url.rpartition("@")[2].partition("/")[0] if who == "database" else settings.s3.endpoint
    async with line(int(address.rpartition(":")[2])) as made:
        over = f"127.0.0.1:{made.port}"
        if who == "database":
            yield made, {"PORTAL_DATABASE_URL": url.replace(address, over)}
        else:
            yield made, {"PORTAL_S3_ENDPOINT": over}


@pytest.mark.parametrize(("who", "mood"), [("database", Mood.CLOSED), ("store", Mood.CLOSED), ("store", Mood.SILENT)])
async def test_a_node_waits_for_who_is_away_and_is_ended_by_nobody_later(
    fresh: Settings, begin: Begin, who: str, mood: Mood
) -> None:
    async with road(fresh, who) as (bad, over):
        bad.turn(mood)
        node = begin(**over, PORTAL_START_PATIENCE="0", PORTAL_WORKERS="2", PORTAL_LOCALE="fa")
        assert await node.until("/health/live", 200) == "ok"
        assert (await node.until("/health/ready", 503)).startswith("start: it waits for the ")
        status, page = await node.get("/login")
        assert status == 503
        assert "سامانه در حال راه‌اندازی" in page
        assert "The portal is starting" in (await node.get("/", daraje_language="en"))[1]
        assert (await node.get("/static/css/base.css", daraje_session="anybody"))[0] in (200, 404)
        bad.turn(Mood.OPEN)
        assert await node.until("/health/ready", 200) == "ok"
        await node.until("/login", 200)  # of either worker: each finds it out for itself
        assert node.said().count("does not answer") == 1, node.said()
        assert f"The {who} does not answer" in node.said()
        bad.turn(Mood.CLOSED)
        assert who in await node.until("/health/ready", 503)
        await asyncio.sleep(3)
        bad.turn(Mood.OPEN)
        assert await node.until("/health/ready", 200) == "ok"


@pytest.mark.parametrize("who", ["database", "store"])
async def test_a_start_ends_with_one_sentence_when_its_patience_does(fresh: Settings, begin: Begin, who: str) -> None:
    async with road(fresh, who) as (bad, over):
        bad.turn(Mood.CLOSED)
        node = begin(**over, PORTAL_START_PATIENCE="4")
        assert await node.end() == 2
        last = node.said().strip().splitlines()[-1]
        assert last.startswith(f"The {who} does not answer")
        assert "for 4 s" in last
        assert "Traceback" not in node.said()


async def test_a_database_that_is_not_migrated_is_one_sentence(
    fresh: Settings, servers: Embedded, begin: Begin
) -> None:
    name = f"empty_{os.getpid()}"
    owner = servers.migration_database_url
    await run(owner, f"CREATE DATABASE {name}")
    try:
        url = database(servers.database_url, name)
        node = begin(PORTAL_DATABASE_URL=url, PORTAL_MIGRATION_DATABASE_URL=database(owner, name))
        assert await node.end() == 2
        assert node.said().strip().splitlines()[-1].startswith("The database is not up to date; first run")
        assert "Traceback" not in node.said()
    finally:
        await run(owner, f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_database_that_lacks_the_newest_migration_is_not_up_to_date(fresh: Settings, begin: Begin) -> None:
    await run(str(fresh.migration_database_url), "DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)")
    node = begin()
    assert await node.end() == 2
    assert "portal migrate" in node.said()


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"PORTAL_S3_SECRET_KEY": "wrong"}, "The store refuses the portal"),
        ({"PORTAL_S3_ACCESS_KEY": "nobody"}, "InvalidAccessKeyId"),
        ({"PORTAL_DATABASE_URL": "postgresql://portal:wrong@{address}"}, "refuses the role or password"),
        ({"PORTAL_DATABASE_URL": "{url}-nowhere"}, "names a database that is not there"),
        ({"PORTAL_JOURNAL_KEY": "B" * 43 + "="}, "lacks the journal's key in force"),
    ],
    ids=["secret", "key", "password", "database", "journal"],
)
async def test_what_waiting_would_not_mend_is_one_sentence_at_once(
    fresh: Settings, begin: Begin, others: dict[str, str], sentence: str
) -> None:
    url = str(fresh.database_url)
    facts = {"url": url, "address": url.rpartition("@")[2]}
    if "PORTAL_JOURNAL_KEY" in others:
        first = begin()
        await first.until("/health/ready", 200)
        first.stop()
    node = begin(**{name: value.format(**facts) for name, value in others.items()})
    assert await node.end() == 2
    assert sentence in node.said().strip().splitlines()[-1]
    assert len(node.said().strip().splitlines()) == 1, node.said()


async def test_an_empty_place_is_migrated_by_itself(begin: Begin) -> None:
    """The bundled servers, made and migrated by `portal serve` alone."""
    none = dict.fromkeys(
        [
            "PORTAL_DATABASE_URL",
            "PORTAL_MIGRATION_DATABASE_URL",
            *(f"PORTAL_S3_{each}" for each in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "BUCKET", "SECURE", "REGION")),
        ],
        "",
    )
    node = begin(**none)
    assert await node.until("/health/ready", 200) == "ok"
    assert (await node.get("/login"))[0] == 200
    assert "Traceback" not in node.said()
