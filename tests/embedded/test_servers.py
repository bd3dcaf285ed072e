"""The bundled servers: they start on whatever they find, and nothing of them outlives whoever started them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from portal.embedded import servers as bundled
from portal.embedded.datadir import AlreadyRunning
from portal.embedded.servers import Embedded
from portal.storage import writer
from portal.storage.calls import StoreUnavailable
from portal.storage.objects import ObjectStore

pytestmark = pytest.mark.anyio
PORTAL = """
import os, sys, time
from pathlib import Path
from portal.embedded import servers as bundled
servers = bundled.start(Path(sys.argv[1]), durable=False)
if "fork" in sys.argv and os.fork() == 0:
    time.sleep(30)
    os._exit(0)
print("up", flush=True)
time.sleep(60)
"""
LONGEST_END = 6.0  # seconds: weed's grace and some more for a busy machine


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole module, so that most starts find data. Its name is as awkward as may be."""
    return tmp_path_factory.mktemp("run") / "داده‌های درگاه 'x'"


@contextmanager
def portal(var: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that has started the servers, in a process group of its own as on a terminal."""
    argv = [sys.executable, "-c", PORTAL, str(var), *words]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"up\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def alive(var: Path, *pids: int) -> list[str]:
    """The command lines of living processes that name `var`, or are among `pids`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state = re.sub(r"^.*\) ", "", (folder / "stat").read_text())[0]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            is_ours = str(var) in command or int(folder.name) in pids
            if state not in "ZX" and is_ours and PORTAL not in command:
                found.append(command)
    return found


def assert_all_end(var: Path, pids: dict[str, int]) -> None:
    deadline = time.monotonic() + LONGEST_END
    while left := alive(var, *pids.values()):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def pids_of(var: Path) -> dict[str, int]:
    found = bundled.running(var)
    assert found is not None
    return dict(found.pids)


@contextmanager
def started(var: Path) -> Iterator[Embedded]:
    servers = bundled.start(var, durable=False)
    try:
        yield servers
    finally:
        servers.stop()


async def test_both_servers_answer_and_the_application_owns_nothing(var: Path) -> None:
    with started(var) as servers:
        owner = await asyncpg.connect(servers.migration_database_url)
        await owner.execute("CREATE TABLE kept (word text)")
        portal = await asyncpg.connect(servers.database_url)
        await portal.execute("INSERT INTO kept VALUES ('مانده')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await portal.execute("DROP TABLE kept")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await portal.execute("CREATE TABLE mine ()")
        assert (await portal.fetchval("SHOW server_version")).startswith("18")
        await portal.close()
        await owner.close()
        store = ObjectStore(servers.s3)
        await store.ready()
        await store.put_bytes("kept", b"bytes")
        pids = dict(servers.pids)
    assert alive(var, *pids.values()) == []


async def test_data_is_there_after_a_start_on_other_ports(var: Path) -> None:
    ports = json.loads((var / "state.json").read_text())["ports"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", ports["s3"]))
        squatter.listen()
        with started(var) as servers:
            assert f":{ports['postgres']}/" not in servers.database_url
            await assert_data_is_kept(servers)


async def assert_data_is_kept(servers: Embedded) -> None:
    connection = await asyncpg.connect(servers.database_url)
    assert await connection.fetchval("SELECT word FROM kept") == "مانده"
    await connection.close()
    store = ObjectStore(servers.s3)
    assert await store.get_bytes("kept") == b"bytes"
    await store.put_bytes("later", b"more")
    await store.remove("later")


def test_secrets_are_for_their_owner_alone(var: Path) -> None:
    with started(var):
        for name in ("state.json", "servers.json", "lock"):
            assert (var / name).stat().st_mode & 0o077 == 0
        password = json.loads((var / "state.json").read_text())["superuser"]
        assert not [line for line in alive(var) if password in line]


def listening_addresses(pid: int) -> set[str]:
    """Local addresses, as the kernel writes them, on which the process `pid` listens."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    inodes = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


def test_they_listen_on_this_machine_alone(var: Path) -> None:
    with started(var) as servers:
        time.sleep(1)  # the store's own helpers come up last
        for name in ("postgres", "seaweedfs"):
            assert listening_addresses(servers.pids[name]) == {"0100007F"}  # 127.0.0.1


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_portal(var: Path, blow: signal.Signals) -> None:
    with portal(var) as process:
        pids = pids_of(var)
        os.killpg(process.pid, blow)
        process.wait()
        assert_all_end(var, pids)
    assert bundled.running(var) is None


def test_nothing_outlives_the_guard(var: Path) -> None:
    with portal(var):
        pids = pids_of(var)
        os.kill(pids["guard"], signal.SIGKILL)
        assert_all_end(var, pids)


def test_nothing_outlives_portal_and_guard_killed_together(var: Path) -> None:
    with portal(var) as process:
        pids = pids_of(var)
        os.kill(pids["guard"], signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        os.kill(pids["guard"], signal.SIGKILL)
        assert_all_end(var, pids)


def test_a_forked_worker_does_not_keep_them_alive(var: Path) -> None:
    with portal(var, "fork") as process:
        pids = pids_of(var)
        os.kill(process.pid, signal.SIGKILL)
        assert_all_end(var, pids)


async def test_a_folder_left_by_a_power_cut_starts_again(var: Path) -> None:
    with portal(var) as process:
        pids = pids_of(var)
        for pid in (process.pid, *pids.values()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        assert_all_end(var, pids)
    assert (var / "postgres" / "postmaster.pid").exists()
    assert (var / "servers.json").exists()
    with started(var) as servers:
        await assert_data_is_kept(servers)


async def test_a_start_right_after_a_kill_waits_for_the_old_servers(var: Path) -> None:
    with portal(var) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with started(var) as servers:
            await assert_data_is_kept(servers)


def test_a_first_start_that_was_cut_short_begins_anew(tmp_path: Path) -> None:
    cut = subprocess.Popen([sys.executable, "-c", PORTAL, str(tmp_path)], start_new_session=True)
    while not (tmp_path / "postgres.new" / "base").exists():
        time.sleep(0.01)
    cut.kill()
    cut.wait()
    assert not (tmp_path / "postgres").exists()
    with started(tmp_path):
        assert bundled.running(tmp_path) is not None


def test_a_second_start_says_so_and_the_first_goes_on(var: Path) -> None:
    with portal(var) as process:
        with pytest.raises(AlreadyRunning, match=rf"Another portal \(process {process.pid}\) .*: {var}$"):
            bundled.start(var)
        with pytest.raises(AlreadyRunning):
            bundled.wipe(var)
        assert bundled.running(var) is not None


async def test_a_command_beside_a_running_portal_finds_the_servers(var: Path) -> None:
    assert bundled.running(var) is None
    with portal(var):
        found = bundled.running(var)
        assert found is not None
        await assert_data_is_kept(found)
        found.stop()  # not ours to stop
        assert bundled.running(var) == found
        assert set(found.environ()) == {
            *("PORTAL_DATABASE_URL", "PORTAL_MIGRATION_DATABASE_URL", "PORTAL_S3_ENDPOINT", "PORTAL_S3_REGION"),
            *("PORTAL_S3_ACCESS_KEY", "PORTAL_S3_SECRET_KEY", "PORTAL_S3_BUCKET", "PORTAL_S3_SECURE"),
        }


async def test_a_store_that_dies_during_an_upload_is_unavailable(var: Path) -> None:
    with started(var) as servers:
        store = ObjectStore(servers.s3)

        async def chunks() -> AsyncIterator[bytes]:
            for number in range(64):
                if number == 30:
                    os.kill(servers.pids["seaweedfs"], signal.SIGKILL)
                yield bytes(1024 * 1024)

        with pytest.raises(StoreUnavailable):
            await writer.put(store, "cut", chunks(), limit=2**30)
        with pytest.raises(StoreUnavailable):
            await store.check()


def test_wipe_starts_over_and_spares_what_is_not_the_servers(var: Path) -> None:
    (var / "secret.key").write_text("kept")
    bundled.wipe(var)
    assert not (var / "postgres").exists()
    assert (var / "secret.key").exists()
