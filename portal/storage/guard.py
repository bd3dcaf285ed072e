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
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any, NoReturn, TypedDict

PULSE = 0.2  # seconds between looks at the parent
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2  # linux/prctl.h
CAP_DAC_OVERRIDE = 1  # linux/capability.h
CAPABILITY_VERSION_3 = 0x20080522


class Program(TypedDict):
    """`stop_signal` asks for an orderly end, SIGKILL follows after `grace` seconds; `death_signal` comes from the
    kernel if the guard is killed, and must be one that surely ends it; `log` takes both outputs; `litter` are
    patterns of files that it leaves elsewhere."""

    name: str
    argv: list[str]
    env: dict[str, str]
    cwd: str
    log: str
    stop_signal: int
    death_signal: int
    grace: float
    litter: list[str]


class Job(TypedDict):
    """`user` is (uid, gid) to run as, or None; `may_traverse` lets that user pass folders closed to it."""

    parent: int
    lock: int
    user: tuple[int, int] | None
    may_traverse: bool
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
            _become(*job["user"], job["may_traverse"])
        die_with(guard, program["death_signal"])  # after the change of user, which would clear it

    with open(program["log"], "wb") as log:  # noqa: PTH123 - pathlib would double the time to start
        return subprocess.Popen(  # noqa: S603
            program["argv"],
            cwd=program["cwd"],
            env=program["env"],
            stdin=subprocess.DEVNULL,
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


def _become(uid: int, gid: int, may_traverse: bool) -> None:
    """Drops root for good: PostgreSQL refuses to run as root, and the store has no need to."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(gid)
    if may_traverse:
        _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setuid(uid)
    if may_traverse:
        _keep_one_capability(libc)


def _keep_one_capability(libc: Any) -> None:
    """Leaves CAP_DAC_OVERRIDE alone of root's powers, so that a checkout under /root (mode 0700) can be reached.

    The other way, opening /root to everybody, would outlive the demo. See capabilities(7), «Ambient».
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _check(libc.capset(header, effective_permitted_inheritable))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the parent left before it read the process ids
        main()
