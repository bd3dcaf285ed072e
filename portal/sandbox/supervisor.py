"""The server's side of the cage: the warm program, and a session with one document in a child of its own."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.sandbox import protocol
from portal.sandbox.errors import CODES, MOST_PRODUCER, Unreadable

ARGV = (sys.executable, "-I", "-B", "-m", "portal.sandbox.child")
LONG = 10  # part of the time it has after which a child that dies had asked for too much: most often memory
START_WITHIN = 30.0  # seconds for the warm program to load everything: a quarter of one is usual


class CageError(Exception):
    """The cage cannot be built here; the text is one sentence for the person who starts the portal."""


class SessionEnded(CageError):
    """The child is gone through no fault of this request: another one ended it, or the warm program went."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu` in seconds of a session, `memory` in bytes beyond the document, `patience` in seconds of one request."""

    cpu: int = 30
    memory: int = 1024**3
    patience: float = 20.0


USUAL = Limits()


@dataclass(slots=True)
class Warm:
    """The running warm program, and what it said of itself."""

    process: "subprocess.Popen[bytes]"
    control: socket.socket
    stands: tuple[str, ...]
    renderer: str

    def hand(self, document: int, size: int, channel: socket.socket, limits: Limits) -> None:
        """Gives the descriptor `document` to a new child that listens on `channel`; raises OSError if it is gone."""
        job = json.dumps({"size": size, "cpu": limits.cpu, "memory": limits.memory}).encode()
        socket.send_fds(self.control, [job], [document, channel.fileno()])


_warm: Warm | None = None
_lock = threading.Lock()


def warm() -> Warm:
    """The warm program of this process, started if it does not run.

    Raises:
        CageError.
    """
    global _warm
    with _lock:
        if _warm is None or _warm.process.poll() is not None or _is_another_process(_warm):
            _warm = _start()
        return _warm


_owner = 0


def _is_another_process(_program: Warm) -> bool:
    """Whether this process was forked from the one that started the program."""
    return _owner != os.getpid()


def _start() -> Warm:
    global _owner
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(START_WITHIN)
    with theirs:
        process = subprocess.Popen(  # noqa: S603
            ARGV, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={}, cwd="/"
        )
    try:
        said = ours.recv(4096)
    except TimeoutError:
        said = b""
    if not said:
        process.kill()
        _, complaint = process.communicate()
        ours.close()
        last = (complaint.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise CageError(f"The program that opens files does not start: {last}")
    assert process.stderr is not None
    process.stderr.close()
    ours.settimeout(None)
    _owner = os.getpid()
    report = json.loads(said)
    return Warm(process, ours, tuple(report["stands"]), report["renderer"])


def close() -> None:
    """Ends the warm program and with it every child; the next request starts another one."""
    global _warm
    with _lock:
        program, _warm = _warm, None
    if program is not None and not _is_another_process(program):
        program.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.process.wait(5)


class Session:
    """One document in a child of its own. Requests come one at a time; a fault of the child ends the session."""

    def __init__(
        self,
        channel: socket.socket,
        handle: int,
        limits: Limits,
        filtered: bool,
        program: "subprocess.Popen[bytes] | None" = None,
    ) -> None:
        self._channel: socket.socket | None = channel
        self._handle = handle
        self._program = program
        self.limits = limits
        self.filtered = filtered
        self.worked = 0.0  # seconds

    @property
    def is_open(self) -> bool:
        return self._channel is not None

    async def ask(self, **asked: Any) -> tuple[dict[str, Any], bytes]:
        """The child's answer, not to be trusted further than a stranger's.

        Raises:
            Unreadable: the file's fault: what the child says, or too_heavy and broken for how it ends.
            SessionEnded: it was gone before, or went with the warm program.
        """
        if self._channel is None:
            raise SessionEnded("The child that had opened this file was ended before.")
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.limits.patience):
                await asyncio.get_running_loop().sock_sendall(self._channel, protocol.packed(asked))
                head, body = await _received(self._channel)
        except TimeoutError as error:
            self.end()
            raise Unreadable("too_heavy") from error
        except (OSError, EOFError, ValueError) as error:
            self.end()
            if self._program is not None and self._program.poll() is not None:
                raise SessionEnded("The program that opens files has ended.") from error
            is_spent = time.monotonic() - begun + self.worked >= self.limits.cpu / LONG
            raise Unreadable("too_heavy" if is_spent else "broken") from error
        except BaseException:
            self.end()
            raise
        self.worked += time.monotonic() - begun
        if "fault" in head:
            code = str(head["fault"])
            raise Unreadable(code if code in CODES else "broken", _producer(head.get("producer")))
        return head, body

    def end(self) -> None:
        """Ends the child, whatever it does; twice is once."""
        if self._channel is None:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        os.close(self._handle)
        self._channel.close()
        self._channel = None


def _producer(said: object) -> str:
    return "".join(each for each in said if each.isprintable())[:MOST_PRODUCER] if isinstance(said, str) else ""


async def open_session(path: Path, limits: Limits = USUAL) -> Session:
    """A session with the file at `path`, which is not empty.

    Raises:
        CageError: the cage cannot be built. OSError: the file is not there.
    """
    document = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(document).st_size
        for _ in range(2):  # the warm program may have died while it was idle
            with contextlib.suppress(OSError, EOFError, ValueError):
                return await _opened(await asyncio.to_thread(warm), document, size, limits)
    finally:
        os.close(document)
    raise CageError("The program that opens files ends as soon as it starts.")


async def _opened(program: Warm, document: int, size: int, limits: Limits) -> Session:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    try:
        with theirs:
            program.hand(document, size, theirs, limits)
        handle = await _handle(ours)
        try:
            async with asyncio.timeout(limits.patience):
                head, _ = await _received(ours)
        except BaseException:
            os.close(handle)
            raise
        return Session(ours, handle, limits, bool(head.get("filtered")), program.process)
    except BaseException:
        ours.close()
        raise


async def _handle(channel: socket.socket) -> int:
    """The handle of the child's process, which it sends before anything else.

    Raises:
        EOFError: it ended before.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(channel, lambda: None if ready.done() else ready.set_result(None))
    try:
        async with asyncio.timeout(START_WITHIN):
            await ready
    finally:
        loop.remove_reader(channel)
    data, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    if not data or not descriptors:
        raise EOFError
    return descriptors[0]


async def _received(channel: socket.socket) -> tuple[dict[str, Any], bytes]:
    head, body = protocol.lengths(await _exactly(channel, protocol.LENGTHS.size))
    return protocol.unpacked(await _exactly(channel, head)), await _exactly(channel, body)


async def _exactly(channel: socket.socket, count: int) -> bytes:
    loop, data = asyncio.get_running_loop(), bytearray(count)
    view = memoryview(data)
    while view:
        got = await loop.sock_recv_into(channel, view)
        if got == 0:
            raise EOFError
        view = view[got:]
    return bytes(data)
