"""The main process of a node: it starts its workers, starts again what ends, and ends when told to, at once and whole.

Granian serves; what it does with its workers is replaced here. It gives up where one of them ends, its handler of
signals can wait for ever for a lock that the same thread holds (`threading.Event` is not made for handlers), and its
workers hear neither a signal while they start nor of their parent's death.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import wait
from typing import Any

from granian.constants import Interfaces
from granian.log import logger
from granian.server.mp import MPServer, WorkerProcess

from portal.embedded import supervisor

STOP_WITHIN = 5  # seconds: a worker with a hanging connection would wait for it without end
LASTING = 10.0  # seconds: a worker that ends earlier has failed to start
TRIES = 5  # failures of every worker in a row, after which the node gives up
PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds before a worker is started again, doubled with each failure
OPERATORS = 2  # exit code of a worker that has said what the operator must mend: the node ends with it
TOLD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Bell:
    """Wakes the main process, also from a handler of signals: a pipe, which knows no lock."""

    def __init__(self) -> None:
        self.ear, self._hand = os.pipe()
        os.set_blocking(self.ear, False)
        os.set_blocking(self._hand, False)

    def set(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it rings already
            os.write(self._hand, b"!")

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.ear, 4096):
                pass


class Worker(WorkerProcess):
    """A process that serves."""

    def _watch(self) -> None:
        """The node waits for all of them at once: a thread for each would be there when the next one is forked."""

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.birth

    def code(self) -> int:
        """Waits for its end and gives its exit code, below zero for the signal that ended it."""
        self.inner.join()
        return int(self.inner.exitcode or 0)


class Node(MPServer):
    """`exit_code` is what the portal's process ends with: 0 where it was told to."""

    def __init__(self, target: str, **settings: Any) -> None:
        super().__init__(
            target,
            factory=True,
            interface=Interfaces.ASGI,
            workers_kill_timeout=STOP_WITHIN,
            log_access=False,
            **settings,
        )
        self.exit_code = 0
        self._bell = self.main_loop_interrupt = Bell()  # type: ignore[assignment]
        self._failures = [0] * self.workers
        self._due: dict[int, float] = {}  # when a worker that ended is started again
        self._ignores_hang_up = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # nohup
        self.on_startup(self._hear)

    def run(self) -> int:
        """Serve until a signal, or until no worker lasts; gives the exit code."""
        self.serve(spawn_target=partial(_work, os.getpid()))
        return self.exit_code

    def _hear(self) -> None:
        """A terminal that is closed ends the node; Granian would start its workers anew and stay."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN if self._ignores_hang_up else self.signal_handler_interrupt)

    def _spawn_workers(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        with _silence():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _spawn_worker(  # type: ignore[override]
        self, idx: int, target: Callable[..., None], callback_loader: Callable[..., Any]
    ) -> Worker:
        worker = super()._spawn_worker(idx, target, callback_loader)
        worker.__class__ = Worker
        assert isinstance(worker, Worker)
        return worker

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        while not (self.interrupt_signal or self.exit_code):
            wait([self._bell.ear, *(each.inner.sentinel for each in self._running())], self._next_due())
            self._bell.clear()
            for worker in self._running():
                if not self.interrupt_signal and wait([worker.inner.sentinel], 0):
                    self._lost(worker)
            for idx in [idx for idx, moment in self._due.items() if moment <= time.monotonic()]:
                if not (self.interrupt_signal or self.exit_code):
                    self._start_again(idx, spawn_target, target_loader)

    def _running(self) -> list[Worker]:
        return [each for each in self.wrks if isinstance(each, Worker) and each.idx not in self._due]

    def _next_due(self) -> float | None:
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    def _lost(self, worker: Worker) -> None:
        age, code = worker.age, worker.code()
        if code == OPERATORS:
            self.exit_code = OPERATORS
            return
        self._failures[worker.idx] = self._failures[worker.idx] + 1 if age < LASTING else 0
        pause = min(PAUSE * 2.0 ** self._failures[worker.idx], LONGEST_PAUSE)
        self._due[worker.idx] = time.monotonic() + pause
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        logger.error(f"worker-{worker.idx + 1} ended after {age:.0f} s by {how}")
        if min(self._failures) >= TRIES and all(each.age < LASTING for each in self._running()):
            self.exit_code = 1

    def _start_again(self, idx: int, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        with _silence():
            self.wrks[idx] = self._spawn_worker(idx, spawn_target, target_loader)
            self.wrks[idx].start()  # type: ignore[no-untyped-call]
        del self._due[idx]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Holds signals back while a worker is forked: one that came to it before `_work` would be lost to it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)


def _work(parent: int, *arguments: Any) -> None:
    """Serve in a forked worker. Until it serves a signal ends it at once; it never outlives its parent."""
    supervisor.die_with(parent, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the parent passes it on
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
    MPServer._spawn_asgi_lifespan_worker(*arguments)
