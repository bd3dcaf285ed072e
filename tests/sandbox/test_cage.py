"""The cage's walls, looked at from outside and pushed at from inside by files that try to break each of them."""

import asyncio
import os
import platform
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.sandbox import inspection, protocol, supervisor
from portal.sandbox.child import confinement
from portal.sandbox.errors import Unreadable
from portal.sandbox.supervisor import Limits, Session, SessionEnded
from tests.world.hostile import PDF, PNG, forms, pdf, png_of

SPINNING = pdf(
    content=b"/X Do", page=b"/Resources << /XObject << /X 50 0 R >> >>", more=forms(8)
)  # a hundred million strokes


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    path = tmp_path / "document"
    path.write_bytes(pdf())
    session = await supervisor.open_session(path)
    yield session
    session.end()


def pid_of(session: Session) -> int:
    """The process behind the handle."""
    info = Path(f"/proc/self/fdinfo/{session._handle}").read_text("ascii")
    return int(next(line.split()[1] for line in info.splitlines() if line.startswith("Pid:")))


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def test_a_child_has_nothing_but_its_input_and_output(session: Session) -> None:
    pid = pid_of(session)
    if os.geteuid() == 0:
        assert Path(f"/proc/{pid}/environ").read_bytes() == b""
        assert [each.name for each in Path(f"/proc/{pid}/fd").iterdir()] == ["0"]
    else:  # nobody but root may look into it, whoever started it
        for name in ("environ", "fd", "mem"):
            assert not os.access(f"/proc/{pid}/{name}", os.R_OK), name
    status = status_of(pid)
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == ("2" if session.filtered else "0")
    if "user" in supervisor.warm().stands:
        assert status["Uid"].split() == [str(confinement.ANOTHER_USER)] * 4
        assert status["Groups"] == ""
        assert int(status["CapEff"], 16) == 0


async def test_from_inside_every_door_is_shut(session: Session) -> None:
    """Or, where this system lacks what shuts them, that is said."""
    head, _ = await session.ask(do="probe", memory=4 * session.limits.memory)
    print(f"cage here: {', '.join(supervisor.warm().stands)}{', seccomp' if session.filtered else ''}")
    assert (head["open"] == []) == session.filtered or "landlock" in supervisor.warm().stands
    weakness = await inspection.prove_cage()
    assert (weakness is None) == (head["open"] == [])


async def _refused(path: Path, content: bytes, media_type: str, limits: Limits) -> str:
    path.write_bytes(content)
    opened = await inspection.read(path, media_type, limits)
    with pytest.raises(Unreadable) as refusal:
        await opened.draw(1)
    return refusal.value.code


async def test_time_ends_for_a_file_that_spins(tmp_path: Path) -> None:
    assert await _refused(tmp_path / "a", SPINNING, PDF, Limits(cpu=300, patience=0.5)) == "too_heavy"


async def test_processor_time_ends_even_where_nobody_waits(tmp_path: Path) -> None:
    assert await _refused(tmp_path / "a", SPINNING, PDF, Limits(cpu=1, patience=600)) == "too_heavy"


async def test_memory_ends_for_a_file_that_fills_it(tmp_path: Path) -> None:
    large = png_of(12_000, 12_000, bytes(12_000 * (3 * 12_000 + 1)))
    assert len(large) < 1_000_000
    assert await _refused(tmp_path / "a", large, PNG, Limits(memory=1)) == "too_heavy"


async def test_a_child_that_dies_is_the_files_fault(session: Session) -> None:
    signal.pidfd_send_signal(session._handle, signal.SIGKILL)
    with pytest.raises(Unreadable, match="broken"):
        await session.ask(do="check", media_type=PDF, most_pages=9)
    assert not session.is_open
    with pytest.raises(SessionEnded):
        await session.ask(do="check", media_type=PDF, most_pages=9)


async def test_a_child_that_dies_of_long_work_asked_for_too_much(session: Session) -> None:
    session.worked = session.limits.cpu / 5
    signal.pidfd_send_signal(session._handle, signal.SIGKILL)
    with pytest.raises(Unreadable, match="too_heavy"):
        await session.ask(do="check", media_type=PDF, most_pages=9)


async def test_children_end_with_the_warm_program(session: Session) -> None:
    pid = pid_of(session)
    program = supervisor.warm().process
    program.kill()
    program.wait()
    with pytest.raises(SessionEnded):
        await session.ask(do="check", media_type=PDF, most_pages=9)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the child outlived it")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff" * 8,
        protocol.LENGTHS.pack(5, 0) + b"[1,2]",
        protocol.LENGTHS.pack(4, 0) + b"\xff\xfe\xfd\xfc",
        protocol.LENGTHS.pack(60_000, 0) + b"[" * 60_000,
        protocol.packed({"pages": -4}),
        protocol.packed({"pages": "many"}),
        protocol.packed({"pages": 10**9}),
        protocol.packed({"fault": "<script>"}),
        protocol.packed({"fault": ["broken"]}),
    ],
)
async def test_what_a_child_says_is_a_strangers_word(answer: bytes) -> None:
    """A child that was taken over may answer anything; it is refused like a broken file."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        session = Session(ours, os.pidfd_open(child.pid), Limits(), True)
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(Unreadable, match="broken"):
            await inspection.OpenFile(session, PDF).check()
        session.end()


@pytest.mark.parametrize("body", [b"<html>", b"", b"\x89PNG"])
async def test_a_picture_that_is_none_is_refused(body: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        session = Session(ours, os.pidfd_open(child.pid), Limits(), True)
        theirs.sendall(protocol.packed({"across": 9, "down": 9}, body))
        with pytest.raises(Unreadable, match="broken"):
            await inspection.OpenFile(session, PDF).draw(1)
        session.end()


# A system without seccomp and Landlock: this very process refuses both to itself before it becomes `portal serve`.
WITHOUT = """
import ctypes, os, struct, sys
from portal.sandbox.child import confinement as walls
ops = [walls._op(walls.LOAD, walls.NUMBER)]
for number in (317, 444):
    ops += [walls._op(walls.EQUAL, number, 0, 1), walls._op(walls.RETURN, walls.REFUSE)]
ops += [walls._op(walls.EQUAL, 157, 0, 3), walls._op(walls.LOAD, 16), walls._op(walls.EQUAL, 22, 0, 1)]
ops += [walls._op(walls.RETURN, walls.REFUSE), walls._op(walls.RETURN, walls.ALLOW)]
walls._prctl(walls.PR_SET_NO_NEW_PRIVS, 1)
code = ctypes.create_string_buffer(b"".join(ops))
head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(ops), ctypes.addressof(code)))
assert walls._libc.prctl(22, 2, head, 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "portal", "serve"])
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="its numbers of system calls are those of x86-64")
def test_production_refuses_to_start_without_a_cage(tmp_path: Path) -> None:
    environment = {
        "PORTAL_LOCALE": "en",
        "PORTAL_SECRET_KEY": "s" * 40,
        "PORTAL_VAR": str(tmp_path),
        "PATH": os.defpath,
    }
    if confinement._libc.prctl(21, 0, 0, 0, 0) != 0:  # PR_GET_SECCOMP: this test run is filtered itself
        pytest.skip("seccomp is not ours to use here")
    before = set(Path("/tmp").glob("daraje-[0-9]*"))
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 2, ended.stderr
    assert "Files cannot be opened safely here" in ended.stderr
    assert "reading files" in ended.stderr
    assert not (tmp_path / "postgres").exists(), "it stopped before it started anything"
    assert set(Path("/tmp").glob("daraje-[0-9]*")) <= before, "what it tried to write is gone"


def test_messages_go_through_as_they_are() -> None:
    reading, writing = os.pipe()
    try:
        protocol.send(writing, {"do": "draw", "page": 3})
        assert protocol.receive(reading) == {"do": "draw", "page": 3}
        os.close(writing)
        assert protocol.receive(reading) is None
    finally:
        os.close(reading)


def test_the_filter_is_a_program_of_whole_instructions() -> None:
    for architecture, calls in confinement.CALLS.values():
        program = confinement._program(architecture, calls)
        assert all(len(each) == struct.calcsize("HBBI") for each in program)
        assert {"read", "write", "mmap", "exit_group"} <= calls.keys()
        assert not {"open", "openat", "socket", "execve", "fork", "clone", "kill", "ptrace"} & calls.keys()


def test_no_group_is_repeated_possessively() -> None:
    """Before Python 3.11.5 such a pattern matches too much (CPython issue 106052), and Debian has 3.11.2."""
    rooms = list(Path(confinement.__file__).parent.glob("*.py"))
    assert len(rooms) > 20
    for room in rooms:
        assert re.search(r"rb?\"[^\"\n]*\)[*+?]\+", room.read_text("utf-8")) is None, room.name
