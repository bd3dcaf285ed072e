"""The bundled programs where the servers can run them: outside a home that is closed to the user whom root's run as.

PostgreSQL's own calls of its programs through a shell break on a few signs, too: a folder with one in its name is left
in the same way. What is laid out are links where the file system is the same, else copies. Whoever starts the portal
owns them, the group of the servers' user may read them, nobody else may look in. The guard removes the folder when the
servers have ended; what a power cut leaves, the next start.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from portal.embedded import datadir
from portal.embedded.commands import Programs
from portal.embedded.datadir import ServersError

PLACES = ("/var/tmp", "/tmp", "/run", "/var/lib")  # noqa: S108
NEEDED = ("bin/initdb", "bin/postgres", "lib", "share")  # of the folder where PostgreSQL is installed
PREFIX = "daraje-programs-"
BREAKING = frozenset('"$`\\\n')  # what a shell reads between double quotes
NOTE = "programs.path"  # in var: the folder that is to be removed


def lead_out(var: Path, programs: Programs) -> tuple[Programs, Path | None]:
    """`programs` as the servers' user can run them, and the folder to be removed after that, if one was made.

    Raises:
        ServersError: no place can be found.
    """
    user = datadir.unprivileged()
    is_plain = BREAKING.isdisjoint(str(programs.installed))
    if is_plain and (user is None or datadir.is_open_to_all(*programs.executables())):
        return programs, None
    room = _room(programs.weed)
    datadir.write_private(var / NOTE, str(room))
    try:
        room.mkdir(mode=0o700)
        outside = _copied(programs, room)
        if user:
            os.chown(room, 0, user[1])
            room.chmod(0o750)
    except OSError as error:
        sweep(var)
        raise ServersError(
            "The servers' programs cannot be laid out (%(error)s): %(path)s", path=room, error=str(error.strerror)
        ) from error
    return outside, room


def sweep(var: Path) -> None:
    """Removes what a killed portal left outside `var`; nobody may run it any more."""
    note = var / NOTE
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
        note.unlink()


def _room(source: Path) -> Path:
    """A name in a folder that everybody may pass and whose files may be run, on the disk of `source` if there is one.

    Raises:
        ServersError.
    """
    device = source.stat().st_dev
    found = [place for place in map(Path, dict.fromkeys((tempfile.gettempdir(), *PLACES))) if _takes_programs(place)]
    if not found:
        names = ", ".join(PLACES)
        raise ServersError(
            "The servers need a folder that every user may pass; name one in TMPDIR, for example: %(names)s",
            names=names,
        )
    return min(found, key=lambda place: place.stat().st_dev != device) / f"{PREFIX}{secrets.token_hex(8)}"


def _takes_programs(place: Path) -> bool:
    if not place.is_dir() or os.statvfs(place).f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
        return False
    return os.access(place, os.W_OK) and all(
        each.stat().st_mode & 0o001 for each in (place.resolve(), *place.resolve().parents)
    )


def _copied(programs: Programs, room: Path) -> Programs:
    package = programs.installed.parent
    libraries = package.with_name(f"{package.name}.libs")  # where the programs' RPATH looks for them
    target = room / package.name / programs.installed.name
    for each in (target.parent, target, target / "bin"):
        _make(each)
    for name in NEEDED:
        _lay(programs.installed / name, target / name)
    if libraries.exists():
        _lay(libraries, room / libraries.name)
    _lay(programs.weed, room / programs.weed.name)
    return Programs(target, room / programs.weed.name)


def _lay(source: Path, target: Path) -> None:
    """Lays a file, or a folder with all in it, at `target`, and lets those read it who may enter the room."""
    if source.is_dir():
        _make(target)
        for each in source.iterdir():
            _lay(each, target / each.name)
        return
    mode = source.stat().st_mode & 0o777
    needed = mode | (0o055 if mode & 0o100 else 0o044)
    if mode == needed:  # a link has the mode of its source, which is not ours to change
        with contextlib.suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)
    target.chmod(needed)


def _make(path: Path) -> None:
    path.mkdir()
    path.chmod(0o755)  # whatever the umask
