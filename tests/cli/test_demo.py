"""`portal demo`: it says what it does while it fills, and is ended in the midst of it without a trace."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from portal.embedded.datadir import is_alive
from tests.world.nodes import children, free_port

WITHIN = 120.0  # seconds; ten are usual
FIRST = {
    "en": ("Starting the database and the store", "Preparing the tables", "Creating the demonstration’s accounts: "),
    "fa": ("راه‌اندازی پایگاه داده و مخزن", "آماده‌سازی جدول‌ها", "ایجاد حساب‌های نمایشی: "),
}


def hear_ctrl_c() -> None:
    """As on a terminal: a shell that runs these tests in the background would have it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def filling(var: Path, locale: str, *, terminal: bool) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """`portal demo` on an empty folder, with the end of the line by which it is heard."""
    ear, mouth = pty.openpty() if terminal else os.pipe()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment |= {"PORTAL_VAR": str(var), "PORTAL_PORT": str(free_port()), "PORTAL_LOCALE": locale}
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "demo"],
        env={**environment, "COLUMNS": "120"},
        stdout=mouth,
        stderr=(var.parent / "errors").open("wb"),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    os.close(mouth)
    try:
        yield process, ear
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ear)


def heard(ear: int, until: str) -> str:
    """What was said until a sentence came."""
    said, deadline = b"", time.monotonic() + WITHIN
    while until not in said.decode("utf-8", "ignore"):
        assert time.monotonic() < deadline, said.decode("utf-8", "ignore")
        if select.select([ear], [], [], 1)[0]:
            said += os.read(ear, 65536)
    return said.decode("utf-8", "ignore")


def await_silence(process: "subprocess.Popen[bytes]", ear: int) -> None:
    """Listen until it has ended: on a terminal that nobody reads it waits to be heard, and never ends."""
    deadline = time.monotonic() + WITHIN
    while process.poll() is None:
        assert time.monotonic() < deadline
        if select.select([ear], [], [], 0.1)[0]:
            with suppress(OSError):  # EIO: the last one who spoke is gone
                os.read(ear, 65536)


def await_end(pids: set[int]) -> None:
    deadline = time.monotonic() + WITHIN
    while left := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_it_says_each_step_on_a_terminal_and_ends_in_the_midst(locale: str, tmp_path: Path) -> None:
    with filling(tmp_path / "var", locale, terminal=True) as (process, ear):
        said = heard(ear, FIRST[locale][-1])
        places = [said.index(sentence) for sentence in FIRST[locale]]
        assert places == sorted(places)
        all_of_it = {process.pid, *children(process.pid)}
        assert len(all_of_it) >= 4  # the filling, the guard, and both servers
        if locale == "fa":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
        await_silence(process, ear)
        await_end(all_of_it)
        assert "Traceback" not in (tmp_path / "errors").read_text()
    if locale == "en":
        with filling(tmp_path / "var", locale, terminal=True) as (process, ear):
            heard(ear, FIRST[locale][-1])  # half a demo is begun anew
            os.killpg(process.pid, signal.SIGTERM)
            await_silence(process, ear)


def test_it_says_nothing_of_its_steps_in_a_pipe(tmp_path: Path) -> None:
    with filling(tmp_path / "var", "en", terminal=False) as (process, ear):
        deadline = time.monotonic() + WITHIN
        while not (tmp_path / "var" / "servers.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(5)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(WITHIN)
        said = b""
        while part := os.read(ear, 65536):
            said += part
        assert not re.search(rb"\S", said)
