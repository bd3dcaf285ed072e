"""The folder of the bundled servers: its lock, its secrets, and whose files they are."""

import contextlib
import json
import os
import pwd
import secrets
import time
from pathlib import Path
from typing import Any

from portal.embedded import supervisor
from portal.variables import OperatorError

LOCK_WITHIN = 20.0  # seconds for the servers of a killed portal to end: more than any program's grace
NOBODY = "nobody"  # root's servers run as this user: it is there already, and owns nothing


class ServersError(OperatorError):
    """The servers cannot be started."""


class AlreadyRunning(ServersError):
    """Another process serves the same folder."""


class Lock:
    """`var/lock`, held open by this process while it starts, and by the guard and the servers from then on.

    Entering gives its descriptor. Raises AlreadyRunning while a living process holds it.
    """

    def __init__(self, var: Path) -> None:
        self._var = var
        self._descriptor = -1

    def __enter__(self) -> int:
        self._descriptor = os.open(self._var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + LOCK_WITHIN
        while not supervisor.try_lock(self._descriptor):
            holder = int(os.pread(self._descriptor, 20, 0).strip() or b"0")
            if is_alive(holder) or time.monotonic() > deadline:
                os.close(self._descriptor)
                raise AlreadyRunning(
                    "Another portal (process %(holder)s) uses this folder; end it, or change PORTAL_VAR: %(path)s",
                    holder=holder,
                    path=self._var,
                )
            time.sleep(0.1)  # its owner was killed; the guard is ending the servers
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def is_locked(var: Path) -> bool:
    """Whether anything of a portal's servers on `var` still lives."""
    try:
        descriptor = os.open(var / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not supervisor.try_lock(descriptor)
    finally:
        os.close(descriptor)


def make(path: Path) -> Path:
    """Makes the folder for data that the servers alone may see, and gives it to the user they run as."""
    path.mkdir(mode=0o700, exist_ok=True)
    give(path)
    return path


def give(path: Path) -> None:
    """Gives `path`, with all below it, to the user that root's servers run as; nothing where that is so already."""
    user = unprivileged()
    if user is None or path.stat().st_uid == user[0]:
        return
    for each in (path, *path.rglob("*")):
        os.chown(each, *user, follow_symlinks=False)


def unprivileged() -> tuple[int, int] | None:
    """The user and group that servers run as where this process is root: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(NOBODY)
    return entry.pw_uid, entry.pw_gid


def is_open_to_all(*paths: Path) -> bool:
    """Whether every user may pass all folders above `paths` and read and run what they name."""
    return all(
        path.stat().st_mode & 0o005 == 0o005 and all(parent.stat().st_mode & 0o001 for parent in path.parents)
        for path in paths
    )


def state(var: Path) -> dict[str, Any]:
    """The servers' own secrets, made at the first start and kept before anything relies on them, and their ports."""
    path = var / "state.json"
    if not path.exists():
        names = ("superuser", "owner", "application", "access_key", "secret_key")
        keep_state(var, {name: secrets.token_urlsafe(24) for name in names} | {"ports": {}})
    return dict(json.loads(path.read_text(encoding="utf-8")))


def keep_state(var: Path, state: dict[str, Any]) -> None:
    """Writes what `state` reads."""
    write_private(var / "state.json", json.dumps(state))


def write_private(path: Path, text: str) -> None:
    """Replaces a file that only its owner may read, all at once."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def is_alive(pid: int) -> bool:
    """Whether the process `pid`, ours or another user's, runs. One that only waits to be reaped does not."""
    if pid <= 0:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)  # a system without /proc
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
