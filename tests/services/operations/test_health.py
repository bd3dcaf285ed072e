"""Whether *ready* tells the truth: of clocks, of a database that takes no writing, of a store that takes none."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal import piccolo_conf
from portal.embedded import servers as bundled
from portal.embedded.servers import Embedded
from portal.services.operations import health
from portal.services.operations.health import Health, Wanting
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world import guarded
from tests.world.guarded import POLICY, without
from tests.world.lines import Mood, line
from tests.world.portal import Portal

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


def test_clocks_are_apart_beyond_two_seconds_and_what_the_question_took() -> None:
    ms = timedelta(milliseconds=1)
    assert health.offset(NOON, NOON, NOON) is None
    assert health.offset(NOON, NOON + 2000 * ms, NOON + 2000 * ms) is None
    assert health.offset(NOON, NOON - 3000 * ms, NOON - 3000 * ms) == -3000 * ms
    assert health.offset(NOON, NOON + 3000 * ms, NOON + 3000 * ms) == 3000 * ms
    assert health.offset(NOON, NOON - 4000 * ms, NOON + 100 * ms) is None, "the answer was four seconds on its way"


async def test_a_node_whose_clock_is_off_is_not_ready(engine: Settings, store: ObjectStore) -> None:
    assert await Health(now).findings(store) == []
    ahead = await Health(lambda: now() + timedelta(seconds=40)).findings(store)
    behind = await Health(lambda: now() - timedelta(seconds=40)).findings(store)
    assert len(ahead) == len(behind) == 1
    assert ahead[0].startswith("clock: this node's clock is 40.")
    assert "ahead of" in ahead[0]
    assert "behind" in behind[0]


async def test_ready_says_all_that_is_wrong_and_answers_503(portal: Portal) -> None:
    answer = await portal.visit().http.get("/health/ready")
    assert answer.status_code == 503, "the clock of these tests is another one"
    assert answer.text.startswith("clock: ")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await portal.visit().http.get("/health/live")).status_code == 200
    portal.app.state.health = Health(now)
    answer = await portal.visit().http.get("/health/ready")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_a_database_that_only_reads_is_not_ready(fresh: Settings, store: ObjectStore) -> None:
    assert fresh.database_url is not None
    piccolo_conf.aim(f"{fresh.database_url}?default_transaction_read_only=on")
    await piccolo_conf.start_pool(least=1, most=2)
    try:
        assert await Health(now).findings(store) == ["database: it takes no writing"]
    finally:
        await piccolo_conf.DB.close_connection_pool()


async def test_a_database_that_is_away_is_not_ready(fresh: Settings, store: ObjectStore, servers: Embedded) -> None:
    url = str(fresh.database_url)
    port = int(url.rpartition("@")[2].partition("/")[0].rpartition(":")[2])
    async with line(port) as bad:
        piccolo_conf.aim(url.replace(f":{port}/", f":{bad.port}/"))
        await piccolo_conf.start_pool(least=1, most=2)
        try:
            watched = Health(now, kept=0)
            assert await watched.findings(store) == []
            bad.turn(Mood.CLOSED)
            assert [each.partition(":")[0] for each in await watched.findings(store)] == ["database"]
        finally:
            bad.turn(Mood.OPEN)
            piccolo_conf.DB.pool.terminate()  # type: ignore[union-attr]
            piccolo_conf.DB.pool = None


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[tuple[Embedded, Path]]:
    """Both servers on a disk of 700 MB, for as long as this test lasts."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700m,mode=755", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this test may not mount a disk of its own")
    try:
        servers = bundled.start(disk / "var", durable=False)
        try:
            yield servers, disk
        finally:
            servers.stop()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_a_full_disk_is_told_and_one_with_room_again_is_ready(little_disk: tuple[Embedded, Path]) -> None:
    servers, disk = little_disk
    store = ObjectStore(servers.s3)
    await store.ready()
    piccolo_conf.aim(servers.database_url)
    await piccolo_conf.start_pool(least=1, most=2)
    try:
        watched = Health(now, kept=0)
        assert await watched.findings(store) == []
        fill(disk / "everything")
        assert "database: DiskFullError" in await watched.findings(store)
        (disk / "everything").unlink()
        assert "database: DiskFullError" not in await watched.findings(store)
    finally:
        await piccolo_conf.DB.close_connection_pool()


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 * 1024))


async def test_a_store_that_refuses_writing_is_not_ready(engine: Settings, tmp_path: Path) -> None:
    with guarded.seaweedfs(tmp_path) as service:
        store = ObjectStore(service.settings())
        service.allow(POLICY)
        assert await Health(now).findings(store) == []
        service.allow(without("s3:PutObject"))
        assert await Health(now).findings(store) == ["store: AccessDenied"]


async def test_a_store_that_is_silent_is_told_and_hangs_nobody(engine: Settings, store: ObjectStore) -> None:
    settings = engine.s3
    assert settings is not None
    async with line(int(settings.endpoint.rpartition(":")[2])) as bad:
        silent = ObjectStore(replace(settings, endpoint=f"127.0.0.1:{bad.port}"), deadline=1)
        bad.turn(Mood.SILENT)
        asked = [Health(now).findings(silent) for _ in range(3)]
        assert await asyncio.wait_for(asyncio.gather(*asked), 10) == [["store: no answer"]] * 3


async def test_many_who_ask_at_once_write_once(engine: Settings) -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.05)
        raise Wanting("it is told to all")

    watch = health.Watch("database", look, kept=60)
    assert set(await asyncio.gather(*(watch.finding() for _ in range(50)))) == {"it is told to all"}
    assert await watch.finding() == "it is told to all"
    assert looks == 1
