"""The bundled PostgreSQL and S3 servers, for the demo, the tests and an office without servers of its own.

Everything lies in one folder, `var`, and listens on 127.0.0.1 alone. Whoever holds `var/lock` runs them.
"""

import atexit
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.embedded import commands, datadir, outside, supervisor
from portal.embedded.datadir import Lock, ServersError
from portal.settings import S3Settings

READY_WITHIN = 60.0  # seconds; a second or two is usual, recovery after a crash may take longer
ATTEMPTS = 3  # another program may take a port between our look and the server's
BUCKET = "daraje"
SAVED = ("owner", "database_url", "migration_database_url", "pids")


@dataclass(frozen=True, slots=True)
class Embedded:
    """Servers that are up. `migration_database_url` is of the role that owns the schema, `pids` by program name."""

    var: Path
    owner: int
    database_url: str = field(repr=False)
    migration_database_url: str = field(repr=False)
    s3: S3Settings
    pids: Mapping[str, int]
    _guard: "subprocess.Popen[bytes] | None" = field(default=None, repr=False, compare=False)

    def stop(self) -> None:
        """Ends the servers and waits for their end, if this process started them; twice is once."""
        if self._guard is None or self.owner != os.getpid() or self._guard.stdin is None:
            return
        (self.var / "servers.json").unlink(missing_ok=True)
        _end_guard(self._guard)

    def environ(self) -> dict[str, str]:
        """The variables by which another process of the portal reaches these servers."""
        return {
            "PORTAL_DATABASE_URL": self.database_url,
            "PORTAL_MIGRATION_DATABASE_URL": self.migration_database_url,
            "PORTAL_S3_ENDPOINT": self.s3.endpoint,
            "PORTAL_S3_ACCESS_KEY": self.s3.access_key,
            "PORTAL_S3_SECRET_KEY": self.s3.secret_key,
            "PORTAL_S3_BUCKET": self.s3.bucket,
            "PORTAL_S3_SECURE": "false",
            "PORTAL_S3_REGION": self.s3.region,
        }


def start(var: Path, *, durable: bool = True) -> Embedded:
    """Starts both servers on the data in `var`, made if missing, and returns when they answer.

    They end with `stop()`, with this process, or with the machine. `durable=False` trades safety for speed: tests.

    Raises:
        AlreadyRunning: another process serves `var`.
        ServersError: they do not come up.
    """
    var = var.absolute()
    _make(var)
    with Lock(var) as lock:
        (var / "servers.json").unlink(missing_ok=True)
        outside.sweep(var)
        state = datadir.state(var)
        _make_cluster(var, lock, state, durable=durable)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                embedded = _serve(var, lock, state, durable=durable)
            except ServersError:
                if attempt == ATTEMPTS:
                    raise
                continue
            break
    atexit.register(embedded.stop)
    return embedded


def running(var: Path) -> Embedded | None:
    """The servers that another process runs on `var`, if they are up."""
    var = var.absolute()
    try:
        if not datadir.is_locked(var):
            return None
        saved = json.loads((var / "servers.json").read_text(encoding="utf-8"))
        saved["var"], saved["s3"] = Path(saved["var"]), S3Settings(**saved["s3"])
        embedded = Embedded(**saved)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    addresses = (urlsplit(embedded.database_url).netloc.rpartition("@")[2], embedded.s3.endpoint)
    return embedded if datadir.is_alive(embedded.owner) and all(map(_listens, addresses)) else None


def wipe(var: Path) -> None:
    """Removes the servers' data from `var`, and nothing else that lies there.

    Raises:
        AlreadyRunning: they run.
    """
    var = var.absolute()
    if not var.exists():
        return
    with Lock(var):
        outside.sweep(var)
        for name in ("postgres", "postgres.new", "seaweedfs"):
            shutil.rmtree(var / name, ignore_errors=True)
        for name in ("servers.json", "state.json"):
            (var / name).unlink(missing_ok=True)


def _serve(var: Path, lock: int, state: dict[str, Any], *, durable: bool) -> Embedded:
    ports = state["ports"] = commands.choose_ports(state["ports"])
    # Stale: every process of an old server would hold the lock that we hold. PostgreSQL itself takes a killed
    # server that nobody reaped, as in a container without an init, for a living one, and refuses to start.
    (var / "postgres" / "postmaster.pid").unlink(missing_ok=True)
    datadir.keep_state(var, state)
    database, files = datadir.make(var / "postgres"), datadir.make(var / "seaweedfs")
    process, pids = _start_guard(
        var,
        lock,
        lambda found: [
            commands.postgres(found, var, database, ports["postgres"], durable=durable),
            commands.seaweedfs(found, var, files, ports, state["access_key"], state["secret_key"]),
        ],
    )
    try:
        _await(var, "postgres", pids, lambda: _accepts(ports["postgres"]))
        commands.set_roles(ports["postgres"], state["superuser"], state["owner"], state["application"])
        _await(var, "seaweedfs", pids, lambda: _takes_objects(ports))
        embedded = _described(var, state, process, pids)
        _save(embedded)
    except subprocess.CalledProcessError as error:
        _end_guard(process)
        raise ServersError(
            "PostgreSQL refuses its own password: %(error)s", error=error.stderr.decode().strip()
        ) from error
    except BaseException:
        _end_guard(process)
        raise
    return embedded


def _described(
    var: Path, state: Mapping[str, Any], process: "subprocess.Popen[bytes]", pids: Mapping[str, int]
) -> Embedded:
    ports = state["ports"]
    address = f"127.0.0.1:{ports['postgres']}/{commands.DATABASE}"
    return Embedded(
        var=var,
        owner=os.getpid(),
        database_url=f"postgresql://{commands.APPLICATION}:{state['application']}@{address}",
        migration_database_url=f"postgresql://{commands.OWNER}:{state['owner']}@{address}",
        s3=S3Settings(
            endpoint=f"127.0.0.1:{ports['s3']}",
            access_key=state["access_key"],
            secret_key=state["secret_key"],
            bucket=BUCKET,
            secure=False,
            region="us-east-1",
        ),
        pids={**pids, "guard": process.pid},
        _guard=process,
    )


def _make_cluster(var: Path, lock: int, state: Mapping[str, Any], *, durable: bool) -> None:
    """Fills var/postgres, once; it gets its name only when it is whole."""
    if (var / "postgres").exists():
        return
    fresh, password = var / "postgres.new", var / "superuser.password"
    shutil.rmtree(fresh, ignore_errors=True)
    datadir.make(fresh)
    datadir.write_private(password, state["superuser"])
    datadir.give(password)
    try:
        process, _ = _start_guard(
            var, lock, lambda found: [commands.initdb(found, var, fresh, password, durable=durable)]
        )
        if process.wait() != 0:
            raise ServersError("PostgreSQL could not make its data folder; see %(path)s", path=var / "initdb.log")
    finally:
        password.unlink()
    fresh.rename(var / "postgres")


def _start_guard(
    var: Path, lock: int, wanted: Callable[[commands.Programs], list[supervisor.Program]]
) -> tuple["subprocess.Popen[bytes]", dict[str, int]]:
    found, room = outside.lead_out(var, commands.found())
    job = supervisor.Job(
        parent=os.getpid(),
        lock=lock,
        user=datadir.unprivileged(),
        room=str(room) if room else None,
        programs=wanted(found),
    )
    with (var / "guard.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", supervisor.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            cwd="/",
        )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        process.wait()
        raise ServersError("The bundled servers could not be started; see %(path)s", path=var / "guard.log")
    return process, json.loads(answer)


def _end_guard(process: "subprocess.Popen[bytes]") -> None:
    """Closing the pipe is the word to stop. A forked worker may hold it open too, so the word is also said."""
    if process.stdin and not process.stdin.closed:
        try:
            process.stdin.write(b"stop\n")
            process.stdin.close()
        except BrokenPipeError:
            pass
    process.wait()


def _save(embedded: Embedded) -> None:
    """Lets commands beside this process find the servers."""
    values = {name: getattr(embedded, name) for name in SAVED} | {
        "var": str(embedded.var),
        "s3": asdict(embedded.s3),
    }
    datadir.write_private(embedded.var / "servers.json", json.dumps(values))


def _make(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServersError(
            "A folder cannot be made (%(error)s): %(path)s", path=var, error=str(error.strerror)
        ) from error


def _await(var: Path, name: str, pids: Mapping[str, int], is_up: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not is_up():
        if not datadir.is_alive(pids[name]) or time.monotonic() > deadline:
            raise ServersError("The bundled %(name)s did not start; see %(path)s", name=name, path=var / f"{name}.log")
        time.sleep(0.03)


def _accepts(port: int) -> bool:
    argv = [commands.found().tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(argv, env={}, check=False).returncode == 0  # noqa: S603


def _takes_objects(ports: Mapping[str, int]) -> bool:
    """Whether S3 answers, and the store's master has heard of the server that keeps the bytes."""
    volume = f"127.0.0.1:{ports['volume']}".encode()
    return _page(ports["s3"], "/") is not None and volume in (_page(ports["master"], "/dir/status") or b"")


def _page(port: int, path: str) -> bytes | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _listens(endpoint: str) -> bool:
    host, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
