"""A part that is away, full, busy or read-only is 503 with a calm page, and never 500."""

import asyncio
import errno
import json
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from asyncpg import exceptions

from portal.domain.errors import DomainError
from portal.embedded.servers import Embedded
from portal.sandbox import scratch
from portal.services.journal import log
from portal.web.faults import is_away
from tests.world.client import Page
from tests.world.documents import draft
from tests.world.portal import Portal
from tests.world.tus import Tus, pdf
from tests.world.uploads import MIB

WRONG = {"username": "clerk", "password": "no such password"}


@pytest.fixture
def name(portal: Portal) -> str:
    return urlsplit(portal.settings.database_url or "").path.strip("/")


@pytest.fixture
async def ruler(servers: Embedded, name: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the portal's database."""
    password = json.loads((servers.var / "state.json").read_text("utf-8"))["superuser"]
    port = urlsplit(servers.database_url).port
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=password, database=name)
    yield connection
    await connection.close()


def is_calm(page: Page) -> bool:
    return (page.status, page.response.headers.get("retry-after")) == (503, "10")


async def hang_up(ruler: asyncpg.Connection) -> None:
    """End every other connection to the database, so that what was set for it holds."""
    await ruler.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def until_waiting(ruler: asyncpg.Connection) -> int:
    """The backend that waits for a lock."""
    for _ in range(100):
        pid = await ruler.fetchval("SELECT pid FROM pg_locks WHERE NOT granted LIMIT 1")
        if pid:
            return int(pid)
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def test_a_read_only_database(portal: Portal, ruler: asyncpg.Connection, name: str) -> None:
    await ruler.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await hang_up(ruler)
    visitor = portal.visit()
    assert is_calm(await visitor.post("/login", WRONG))
    assert (await visitor.get("/login")).status == 200


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_a_command_that_is_ended(portal: Portal, ruler: asyncpg.Connection, how: str) -> None:
    async with ruler.transaction():
        await ruler.execute("LOCK TABLE login_budgets IN ACCESS EXCLUSIVE MODE")
        asking = asyncio.create_task(portal.visit().post("/login", WRONG))
        await ruler.execute(f"SELECT {how}({await until_waiting(ruler)})")
        assert is_calm(await asking)


async def test_a_silent_holder_of_a_lock(portal: Portal, ruler: asyncpg.Connection) -> None:
    clerk = await portal.as_("clerk")
    async with ruler.transaction():
        await ruler.execute(f"SELECT pg_advisory_xact_lock({log.LOCK})")
        assert is_calm(await clerk.post("/cases"))
    assert (await clerk.post("/cases")).status == 303


async def test_connections_that_the_server_ended_fail_nobody(portal: Portal, ruler: asyncpg.Connection) -> None:
    clerk = await portal.as_("clerk")
    for _ in range(20):
        asking = [asyncio.create_task(clerk.get("/account/sessions")) for _ in range(3)]
        await asyncio.sleep(0.01)
        await hang_up(ruler)
        assert {page.status for page in await asyncio.gather(*asking)} <= {200, 503}
        assert (await clerk.get("/account/sessions")).status == 200


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 4 MB that the database can write to."""
    if os.getuid() != 0:
        pytest.skip("only root mounts")
    disk = Path(tempfile.mkdtemp(prefix="daraje-disk-", dir=tempfile.gettempdir()))
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "daraje", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        disk.rmdir()
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
    disk.rmdir()


async def fill(ruler: asyncpg.Connection) -> None:
    for _ in range(2000):
        await ruler.execute("INSERT INTO filler VALUES (decode(repeat('ab', 7000), 'hex'))")


async def test_a_full_disk_of_the_database(
    portal: Portal, ruler: asyncpg.Connection, servers: Embedded, small_disk: Path
) -> None:
    place = small_disk.name.replace("-", "_")
    owner = (servers.var / "postgres").stat()
    os.chown(small_disk, owner.st_uid, owner.st_gid)
    await ruler.execute(f"CREATE TABLESPACE {place} LOCATION '{small_disk}'")
    try:
        await ruler.execute(f"CREATE TABLE filler (bytes bytea STORAGE PLAIN) TABLESPACE {place}")
        await ruler.execute(f"ALTER TABLE login_budgets SET TABLESPACE {place}")
        with pytest.raises(exceptions.DiskFullError):
            await fill(ruler)
        assert is_calm(await portal.visit().post("/login", WRONG))
        await ruler.execute("DROP TABLE filler")
        assert (await portal.visit().post("/login", WRONG)).status == 422
    finally:
        await ruler.execute("DROP TABLE IF EXISTS filler")
        await ruler.execute("ALTER TABLE login_budgets SET TABLESPACE pg_default")
        await ruler.execute("CHECKPOINT")
        await ruler.execute(f"DROP TABLESPACE {place}")


async def test_a_full_disk_of_the_node(portal: Portal, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at in memory then, while they are few and small; the others come again later."""
    visitor, number = await draft(portal)
    tus = Tus(visitor, number)
    small, large = pdf(MIB), pdf(2 * MIB)
    (small_disk / "filler").write_bytes(bytes(4 * MIB - 4096))
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    monkeypatch.setattr(scratch, "IN_MEMORY", MIB)
    assert (await visitor.send(number, "census", small)).status == 303
    url = await tus.begin(len(large))
    answer = await tus.patch(url, 0, large)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    (small_disk / "filler").unlink()
    assert (await tus.patch(url, await tus.offset(url), large[await tus.offset(url) :])).status_code == 204
    assert scratch._taken == 0


AWAY = [
    exceptions.DiskFullError,
    exceptions.OutOfMemoryError,
    exceptions.TooManyConnectionsError,
    exceptions.QueryCanceledError,
    exceptions.AdminShutdownError,
    exceptions.CrashShutdownError,
    exceptions.CannotConnectNowError,
    exceptions.ReadOnlySQLTransactionError,
    exceptions.IdleInTransactionSessionTimeoutError,
    exceptions.LockNotAvailableError,
    exceptions.DeadlockDetectedError,
    exceptions.ConnectionDoesNotExistError,
    exceptions.InvalidPasswordError,
    exceptions.InvalidCatalogNameError,
    exceptions.PostgresIOError,
    exceptions.InterfaceError,
    exceptions.ProtocolError,
    exceptions.TargetServerAttributeNotMatched,
    exceptions.OutdatedSchemaCacheError,
    exceptions.InvalidCachedStatementError,
    TimeoutError,
    ConnectionResetError,
    MemoryError,
]
OURS = [
    exceptions.UniqueViolationError,
    exceptions.UndefinedTableError,
    exceptions.InsufficientPrivilegeError,
    exceptions.RaiseError,
    exceptions.NumericValueOutOfRangeError,
    exceptions.InFailedSQLTransactionError,
    exceptions.DataCorruptedError,
    exceptions.UnsupportedClientFeatureError,
    exceptions._base.DataError,
    FileNotFoundError,
    ValueError,
    DomainError,
]


@pytest.mark.parametrize("kind", AWAY)
def test_what_passes_by_itself(kind: type[Exception]) -> None:
    assert is_away(kind("said"))


@pytest.mark.parametrize("kind", OURS)
def test_what_is_a_fault_of_ours(kind: type[Exception]) -> None:
    assert not is_away(kind("said"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.EROFS])
def test_a_machine_without_room(number: int) -> None:
    assert is_away(OSError(number, os.strerror(number)))
