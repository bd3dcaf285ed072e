"""Keeps programs running exactly as long as the process that asked for them. A program of its own, stdlib only.

A process that is killed outright cannot clean up after itself, so it does not start servers: it starts this guard,
which starts them and ends them when told to, when the pipe from its parent closes, or when the parent is gone.
Each program is set to be signalled by the kernel should the guard itself be killed. The guard and every program hold
the lock file open: the lock is free only when nothing is left.

It reads one JSON line, a `Job`, answers with one line of process ids by name, and ends when its programs have ended.
"""

import contextlib
import ctypes
import fcntl
import glob
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import NoReturn, TypedDict

PULSE = 0.2  # seconds between looks at the parent
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Program(TypedDict):
    """A program, and how it is ended.

    `stop_signal` asks for an orderly end, SIGKILL follows after `grace` seconds; `death_signal` comes from the kernel
    if the supervisor is killed, and must be one that surely ends it; `stdin` is a file; `log` takes both outputs;
    `litter` are patterns of files that it leaves elsewhere.
    """

    name: str
    argv: list[str]
    env: dict[str, str]
    cwd: str
    stdin: str
    log: str
    stop_signal: int
    death_signal: int
    grace: float
    litter: list[str]


class Job(TypedDict):
    """`user` is (uid, gid) to run as, or None; `room` is a folder to be removed at the end, or None."""

    parent: int
    lock: int
    user: tuple[int, int] | None
    room: str | None
    programs: list[Program]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    os.umask(0o077)
    job: Job = json.loads(sys.stdin.readline())
    children: list[tuple[Program, subprocess.Popen[bytes]]] = []
    try:
        for program in job["programs"]:
            children.append((program, _spawn(program, job)))
        print(json.dumps({program["name"]: child.pid for program, child in children}), flush=True)
        _watch(job["parent"], children)
    finally:
        _end(children)
        if job["room"]:
            shutil.rmtree(job["room"], ignore_errors=True)
    sys.exit(max((abs(child.returncode) for _, child in children), default=0))


def try_lock(descriptor: int) -> bool:
    """Takes the lock if nobody has it. It belongs to the open file: whoever inherits that shares it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _spawn(program: Program, job: Job) -> "subprocess.Popen[bytes]":
    guard = os.getpid()
    _sweep(program)  # what a killed one left

    def prepare() -> None:
        if job["user"]:
            _become(*job["user"])
        die_with(guard, program["death_signal"])  # after the change of user, which would clear it

    # Opened and entered while we are who we are: the program itself may not be let through to them by name.

    with open(program["log"], "wb") as log, open(program["stdin"], "rb") as stdin:  # noqa: PTH123
        return subprocess.Popen(  # noqa: S603
            program["argv"],
            cwd=program["cwd"],
            env=program["env"],
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C on the terminal is the parent's affair
            pass_fds=(job["lock"],),
            preexec_fn=prepare,
        )


def _watch(parent: int, children: "list[tuple[Program, subprocess.Popen[bytes]]]") -> None:
    """Returns when told to, when the parent is gone, or when no child is left."""
    while os.getppid() == parent and None in [child.poll() for _, child in children]:
        readable, _, _ = select.select([sys.stdin], [], [], PULSE)
        if readable:  # the word to stop, or the end of the pipe
            return


def _end(children: "list[tuple[Program, subprocess.Popen[bytes]]]") -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for program, child in children:
        if child.poll() is None:
            child.send_signal(program["stop_signal"])
    asked = time.monotonic()
    for program, child in sorted(children, key=lambda pair: pair[0]["grace"]):
        try:
            child.wait(max(0.0, asked + program["grace"] - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        _sweep(program)


def _sweep(program: Program) -> None:
    for path in (path for pattern in program["litter"] for path in glob.glob(pattern)):  # noqa: PTH207
        with contextlib.suppress(OSError):  # another user's
            os.unlink(path)  # noqa: PTH108


def die_with(parent: int, death_signal: int) -> None:
    """Has the kernel send this process `death_signal` when the thread that started it ends, however it ends."""
    if sys.platform != "linux":
        return
    _check(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0))
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _become(uid: int, gid: int) -> None:
    """Drops root for good: PostgreSQL refuses to run as root, and the store has no need to."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the parent left before it read the process ids
        main()
