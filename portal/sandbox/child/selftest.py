"""What a child that was taken over could still do, tried from inside: the proof that the cage stands."""

import contextlib
import ctypes
import errno
import mmap
import os
import signal
import socket
from collections.abc import Callable
from functools import partial

EXECUTABLE = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC


def open_doors(memory: int) -> list[str]:
    """The names of the doors that are open, none in a sound cage. `memory` in bytes is more than is allowed."""
    return [name for name, attempt in _ATTEMPTS.items() if _succeeds(partial(attempt, memory))]


def _succeeds(attempt: Callable[[], object]) -> bool:
    """Whether the kernel let it through. What fails for a reason of its own has passed the door, too."""
    try:
        attempt()
    except MemoryError:
        return False
    except OSError as error:
        return error.errno not in (errno.EPERM, errno.EACCES, errno.EAGAIN, errno.ENOMEM)
    return True


def _read(_memory: int) -> None:
    os.open("/etc/hostname", os.O_RDONLY)


def _write(_memory: int) -> None:
    path = f"/tmp/daraje-{os.getpid()}"  # noqa: S108
    os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with contextlib.suppress(OSError):  # it was written: the door is open, whatever comes now
        os.unlink(path)  # noqa: PTH108


def _list(_memory: int) -> None:
    os.listdir("/proc")  # noqa: PTH208


def _connect(_memory: int) -> None:
    with socket.socket() as outside:
        outside.connect(("127.0.0.1", 9))


def _fork(_memory: int) -> None:
    if os.fork() == 0:
        os._exit(0)


def _execute(_memory: int) -> None:
    os.execve("/nonexistent", ["/nonexistent"], {})  # noqa: S606


def _signal(_memory: int) -> None:
    os.kill(os.getppid(), signal.SIGCONT)


def _trace(_memory: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) != 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")


def _fill(memory: int) -> None:
    mmap.mmap(-1, memory)


def _make_code(_memory: int) -> None:
    mmap.mmap(-1, 4096, prot=EXECUTABLE)


_ATTEMPTS: dict[str, Callable[[int], None]] = {
    "reading files": _read,
    "writing files": _write,
    "listing folders": _list,
    "the network": _connect,
    "new processes": _fork,
    "other programs": _execute,
    "signals to others": _signal,
    "tracing others": _trace,
    "memory without end": _fill,
    "new machine code": _make_code,
}
