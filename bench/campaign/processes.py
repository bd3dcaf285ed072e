"""Processes that are broken on purpose: the bundled servers, and `portal serve`."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, Signals

import httpx

from portal.embedded import datadir

ENDS_WITHIN = 20.0  # seconds for a program that was told to end


@dataclass
class Service:
    """A running program and its children; ended, it is started again just as it ran."""

    name: str
    pid: int
    child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        place = Path(f"/proc/{self.pid}")
        self.argv = place.joinpath("cmdline").read_bytes().decode().split("\0")[:-1]
        pairs = place.joinpath("environ").read_bytes().decode().split("\0")[:-1]
        self.env = dict(pair.split("=", 1) for pair in pairs if "=" in pair)  # PostgreSQL writes its title over them
        self.cwd = str(place.joinpath("cwd").readlink())
        self.user = place.stat().st_uid
        self.group = place.stat().st_gid

    def tree(self) -> list[int]:
        """The program and everything below it."""
        return [self.pid, *descendants(self.pid)]

    def send(self, number: Signals, *, whole: bool = False) -> None:
        """To the program, or to its children too."""
        for pid in self.tree() if whole else [self.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    async def end(self, number: Signals) -> None:
        """Signal it and wait until nothing of it is left."""
        left = self.tree()
        self.send(number)
        deadline = time.monotonic() + ENDS_WITHIN
        while any(map(is_running, left)):
            if self.child is not None:
                self.child.poll()
            if time.monotonic() > deadline:
                for pid in filter(is_running, left):
                    with suppress(ProcessLookupError):
                        os.kill(pid, SIGKILL)
            await asyncio.sleep(0.05)

    def start(self, var: Path) -> None:
        """Start it again with the same words, as the same user."""
        if self.name == "postgres":
            (var / "postgres" / "postmaster.pid").unlink(missing_ok=True)
        as_root = os.geteuid() == 0
        with (var / f"{self.name}.log").open("ab") as log:
            self.child = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user if as_root else None,
                group=self.group if as_root else None,
                extra_groups=[] if as_root else None,
            )
        self.pid = self.child.pid


def is_running(pid: int) -> bool:
    """Whether a process lives and is no zombie."""
    return datadir.is_alive(pid)


def children(pid: int) -> list[int]:
    """The processes that `pid` started, or that were left to it."""
    return [child for child, parent in _parents().items() if parent == pid]


def descendants(pid: int) -> list[int]:
    """Every process below `pid`."""
    parents = _parents()
    found, look = [], [pid]
    while look:
        look = [child for child, parent in parents.items() if parent in look]
        found += look
    return found


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                told = (each / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                parents[int(each.name)] = int(told[1])
    return parents


@dataclass
class Node:
    """`portal serve` on a port, with a probe of its pools (`bench.campaign.watched`)."""

    port: int
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bench.campaign.watched"],
                env={**self.environment, "PORTAL_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def workers(self) -> list[int]:
        """The processes that answer: its children that run what it runs."""
        return [pid for pid in children(self.pid) if _cmdline(pid) == _cmdline(self.pid)]

    def left(self) -> list[int]:
        """Every process of its group that still runs."""
        return [
            int(each.name)
            for each in Path("/proc").iterdir()
            if each.name.isdigit() and is_running(int(each.name)) and _group(int(each.name)) == self.pid
        ]

    async def is_ready(self) -> bool:
        async with httpx.AsyncClient(timeout=5) as client:
            with suppress(httpx.TransportError):
                return (await client.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200
        return False

    async def end(self, number: Signals, *, group: bool) -> float:
        """Signal the node and wait until nothing of it runs; the seconds that took.

        What still runs after `ENDS_WITHIN` is killed.
        """
        assert self.process is not None
        asked = time.monotonic()
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)
        while (self.process.poll() is None or self.left()) and time.monotonic() - asked < ENDS_WITHIN:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        took = time.monotonic() - asked
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
        self.process.wait(5)
        return took


def _cmdline(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _group(pid: int) -> int:
    with suppress(OSError):
        return os.getpgid(pid)
    return -1
