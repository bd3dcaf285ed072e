"""What a process gives up before it looks at a stranger's bytes. Linux alone; every call is irrevocable.

Sources: seccomp(2), landlock(7), prctl(2), setrlimit(2), linux/seccomp.h, linux/bpf_common.h, linux/landlock.h.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|JSET|JGE, BPF_RET
NUMBER, ARCHITECTURE, THIRD_ARGUMENT = 0, 4, 32  # offsets in struct seccomp_data, low halves
PROT_EXEC = 4
X32 = 0x40000000  # the other ABI of x86-64
CREATE_RULESET, RESTRICT_SELF, VERSION_FLAG = 444, 446, 1
ANOTHER_USER = 65_530  # next to nobody, where neither distributions nor systemd hand out ids
DESCRIPTORS = 16

# Memory, the pipe that is open already, the clock, randomness, the end: nothing that names a file, a host or a process.
CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0,
            "write": 1,
            "mmap": 9,
            "mprotect": 10,
            "munmap": 11,
            "brk": 12,
            "rt_sigprocmask": 14,
            "rt_sigreturn": 15,
            "sched_yield": 24,
            "mremap": 25,
            "madvise": 28,
            "exit": 60,
            "gettimeofday": 96,
            "futex": 202,
            "restart_syscall": 219,
            "clock_gettime": 228,
            "exit_group": 231,
            "getrandom": 318,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63,
            "write": 64,
            "exit": 93,
            "exit_group": 94,
            "futex": 98,
            "clock_gettime": 113,
            "sched_yield": 124,
            "restart_syscall": 128,
            "rt_sigprocmask": 135,
            "rt_sigreturn": 139,
            "gettimeofday": 169,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "mmap": 222,
            "mprotect": 226,
            "madvise": 233,
            "getrandom": 278,
        },
    ),
}
NEVER_EXECUTABLE = ("mmap", "mprotect")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def give_up_rights() -> list[str]:
    """Becomes another user where it may, and gives up new privileges, files and the network; what stands then.

    The list holds `user`, `landlock` and `no-new-privileges`, as far as this system has them.
    """
    stands = ["user"] if _become_another() else []
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    stands.append("no-new-privileges")
    return [*stands, "landlock"] if _leave_files_and_network() else stands


def die_with(parent: int) -> None:
    """Has the kernel end this process when `parent`, which forked it, ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit(*, cpu: int, memory: int) -> None:
    """`cpu` in seconds of processor time, `memory` in bytes of address space; no files, no processes, no dumps."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: DESCRIPTORS,
    }
    for which, most in limits.items():
        _, hard = resource.getrlimit(which)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (value, value))


def filter_calls() -> bool:
    """Refuses every system call but those of `CALLS`, and executable memory; False where there is no seccomp."""
    if platform.machine() not in CALLS:
        return False
    program = _program(*CALLS[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    return bool(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0) == 0)


def _program(architecture: int, calls: dict[str, int]) -> list[bytes]:
    """A BPF program over struct seccomp_data. Jumps count the instructions that they skip."""
    free = [number for name, number in calls.items() if name not in NEVER_EXECUTABLE]
    maps = [calls[name] for name in NEVER_EXECUTABLE]
    return [
        _op(LOAD, ARCHITECTURE),
        _op(EQUAL, architecture, 1, 0),
        _op(RETURN, REFUSE),
        _op(LOAD, NUMBER),
        _op(AT_LEAST, X32, 0, 1),
        _op(RETURN, REFUSE),
        *_allow(free),
        *(_op(EQUAL, number, len(maps) - at, 0) for at, number in enumerate(maps)),
        _op(RETURN, REFUSE),
        _op(LOAD, THIRD_ARGUMENT),
        _op(ANY_BIT, PROT_EXEC, 0, 1),
        _op(RETURN, REFUSE),
        _op(RETURN, ALLOW),
    ]


def _allow(numbers: Iterable[int]) -> Iterable[bytes]:
    for number in numbers:
        yield _op(EQUAL, number, 0, 1)
        yield _op(RETURN, ALLOW)


def _op(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _become_another() -> bool:
    if os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(ANOTHER_USER, ANOTHER_USER, ANOTHER_USER)
        os.setresuid(ANOTHER_USER, ANOTHER_USER, ANOTHER_USER)
    except OSError:  # root of a container that took these powers away
        return False
    return True


def _leave_files_and_network() -> bool:
    """A Landlock ruleset without a single rule; False where the kernel has none."""
    version = _libc.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    if version < 1:
        return False
    files = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)  # how many rights the version knows
    attributes = struct.pack("QQQ", (1 << files) - 1, 0b11, 0b11)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _libc.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    done = bool(_libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return done


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
