"""Files on their way on local disk: what is looked at is what was hashed, bounded, and nothing stays behind."""

import fcntl
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.storage import spool
from portal.storage.spool import HEAD, Running, Spool

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of this test's own, with room for 8 MiB; nothing lies there afterwards, and all room is given back."""
    before = spool._most
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool.take_at_most(8 * MIB)
    yield tmp_path
    spool.take_at_most(before)
    settle()
    assert spool.taken() == 0
    assert not list(tmp_path.iterdir())


def settle() -> None:
    """Waits until what was closed is gone."""
    spool._closing.submit(lambda: None).result(10)


def begun(room: int) -> Spool:
    made = spool.begin(room)
    assert made is not None
    return made


def content(made: Spool, size: int) -> bytes | None:
    with made.opened(size) as path:
        return path.read_bytes() if path else None


@pytest.mark.parametrize("seed", range(20))
def test_what_is_kept_is_what_the_digest_speaks_of(seed: int) -> None:
    chance, buffer = random.Random(seed), bytearray(MIB)
    running, sent = Running(begun(8 * MIB)), b""
    for _ in range(chance.randrange(1, 9)):
        size = chance.choice([1, HEAD - 1, HEAD, HEAD + 1, chance.randrange(1, MIB), MIB])
        piece = chance.randbytes(size)
        buffer[:size] = piece  # the same buffer again and again, as an upload has it
        running.add(bytes(piece) if chance.random() < 0.5 else buffer[:size])
        sent += piece
    assert running.spool is not None
    kept = content(running.spool, len(sent))
    assert kept == sent
    assert running.head == sent[:HEAD]
    assert running.sha256.hexdigest() == hashlib.sha256(kept).hexdigest()
    running.drop_spool()


@pytest.mark.parametrize("size", [0, 999, 1001, 2000])
def test_what_is_not_whole_is_not_looked_at(size: int) -> None:
    made = begun(1000)
    made.write(b"x" * 1000)
    assert content(made, size) is None
    assert content(made, 1000) == b"x" * 1000
    made.close()
    assert content(made, 1000) is None


def test_bytes_that_somebody_else_added_are_noticed() -> None:
    made = begun(1000)
    made.write(b"x" * 900)
    assert made._file is not None
    os.write(made._file.fileno(), b"?")
    assert content(made, 900) is None
    assert content(made, 901) is None
    made.close()


def test_an_empty_one_is_none() -> None:
    made = begun(1000)
    assert content(made, 0) is None
    made.close()


def test_who_looks_can_only_read_and_keeps_what_he_has() -> None:
    made = begun(1000)
    made.write(b"x" * 1000)
    with made.opened(1000) as path:
        assert path is not None
        descriptor = int(path.name)
        assert fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        made.close()
        settle()
        assert path.read_bytes() == b"x" * 1000
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_file_that_is_longer_than_it_was_said_to_be_is_given_up() -> None:
    made = begun(1000)
    made.write(b"x" * 1000)
    made.write(b"x")
    assert content(made, 1001) is None


def test_the_limit_bounds_them_together() -> None:
    first, second = begun(5 * MIB), begun(3 * MIB)
    assert spool.begin(1) is None
    assert spool.taken() == 8 * MIB
    first.close()
    first.close()
    settle()
    assert spool.taken() == 3 * MIB
    begun(5 * MIB).close()
    second.close()
    spool.take_at_most(0)
    assert spool.begin(1) is None


def test_one_that_is_forgotten_gives_its_room_back() -> None:
    made = begun(MIB)
    made.write(b"x")
    del made
    settle()
    assert spool.taken() == 0


def test_a_disk_that_is_nearly_full_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(1000)
    made.write(b"x" * 500)
    monkeypatch.setattr(spool, "SPARE", 2**62)
    made.write(b"x" * 500)
    assert content(made, 1000) is None
    settle()
    assert spool.taken() == 0


def test_a_disk_that_fails_ends_the_spool_and_nothing_else() -> None:
    """The kernel writes half of the bytes and refuses the rest (setrlimit(2), RLIMIT_FSIZE)."""
    running, data = Running(begun(4 * MIB)), os.urandom(2 * MIB)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))
    try:
        running.add(data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    running.add(data)
    assert running.spool is not None
    for size in (MIB, 2 * MIB, 4 * MIB):
        assert content(running.spool, size) is None
    assert running.sha256.hexdigest() == hashlib.sha256(data * 2).hexdigest()


def test_a_folder_that_is_not_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    made = begun(1000)
    made.write(b"x" * 1000)
    assert content(made, 1000) is None


def test_closing_while_another_thread_writes_is_harmless() -> None:
    with ThreadPoolExecutor(1) as threads:
        for _ in range(50):
            made = begun(4 * MIB)
            writing = [threads.submit(made.write, b"x" * MIB) for _ in range(4)]
            made.close()
            for each in writing:
                each.result()
            assert content(made, 4 * MIB) is None
            settle()


KILLED = """
import os, signal, sys, tempfile
from portal.storage import spool
spool.take_at_most(2**30)
made = spool.begin(2**24)
made.write(bytes(2**24))
with made.opened(2**24) as path:
    sys.stdout.write(f"{path} {len(path.read_bytes())}")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_nothing_behind(folder: Path) -> None:
    environment = os.environ | {"TMPDIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -9
    assert done.stdout.endswith(f" {2**24}"), done.stderr
    assert not list(folder.iterdir())


def test_it_has_no_name_while_it_is_written(folder: Path) -> None:
    made = begun(MIB)
    made.write(bytes(MIB))
    assert not list(folder.iterdir())
    made.close()


def test_closing_does_not_wait_for_the_disk() -> None:
    made = begun(MIB)
    made.write(b"x")
    with ThreadPoolExecutor(1) as other, made._lock:  # a write that the disk does not answer
        other.submit(made.close).result(60)
        assert spool.taken() == MIB
