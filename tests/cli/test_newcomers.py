"""Commands that a newcomer mistypes or runs too early: one sentence, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.cli import connect
from portal.settings import Settings, load

RUN = [sys.executable, "-m", "portal"]


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {**kept, "PORTAL_VAR": str(var), **more}


def run(*arguments: str, var: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*RUN, *arguments], env=environment(var, **more), capture_output=True, text=True, check=False)


def test_nobody_has_no_code(tmp_path: Path) -> None:
    done = run("totp", "nosuchuser", var=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nosuchuser" in done.stderr


@pytest.mark.parametrize("username", ["shahrdari", "modir2", "ostandari-13", "shahrdari-1306011469"])
def test_demo_accounts_have_codes(tmp_path: Path, username: str) -> None:
    done = run("totp", username, var=tmp_path)
    assert done.returncode == 0
    assert done.stdout.strip().isdigit()


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (("accounts", "list"), {}),
        (("serve",), {}),
        (("sweep",), {}),
        (("demo",), {"PORTAL_UPLOAD_LIMIT": "many"}),
        (("demo",), {"PORTAL_SPOOL_LIMIT": "-1"}),
    ],
)
def test_a_refused_command_leaves_nothing(tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str]) -> None:
    var = tmp_path / "var"
    done = run(*arguments, var=var, **more)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 2
    assert not var.exists()


def test_commands_beside_a_portal_know_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))
    given = {"PORTAL_VAR": str(tmp_path), "PORTAL_SECRET_KEY": "s" * 40}
    connect.say_address(load({**given, "PORTAL_PORT": "8123"}))
    found: Settings = load(given)
    assert connect.address_of(found) == "http://127.0.0.1:8123"
