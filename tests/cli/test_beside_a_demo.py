"""Commands beside a demo: they see its people and its address. A command that is refused leaves nothing."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal import piccolo_conf
from portal.cli import connect
from portal.cli.migrations import bring_up_to_date
from portal.domain import totp
from portal.domain.lifecycle import Role
from portal.embedded import servers as bundled
from portal.services.administration import accounts, demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import encryption, passwords
from portal.services.journal import checkpoints
from portal.settings import Settings, load


def run(var: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """`portal …` with the folder `var`, in an environment that names nothing else."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return subprocess.run(
        [sys.executable, "-m", "portal", *words],
        env={**environment, "PORTAL_VAR": str(var), "PORTAL_LOCALE": "en", **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def _fill(settings: Settings) -> None:
    await bring_up_to_date(settings)
    assert settings.database_url is not None
    piccolo_conf.aim(settings.database_url)
    encryption.configure(settings.secret_keys)
    checkpoints.sign_with(settings.journal_keys)
    await piccolo_conf.start_pool(least=1, most=2)
    now = datetime.now(UTC)
    await checkpoints.introduce(settings.base_url, now=now)
    head = NewAccount("modir", "مدیر", "مدیر سامانه", Role.ADMINISTRATOR, None, None)
    await demo.open_account(head, password_hash=await passwords.hashed(demo.PASSWORD), now=now)
    await accounts.open_by_machine(
        NewAccount("by.hand", "دیگری", "مدیر سامانه", Role.ADMINISTRATOR, None, None), now=now
    )
    await piccolo_conf.DB.close_connection_pool()


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a demo, with its servers and two of its people, which was started on another port."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    servers = bundled.start(folder, durable=False)
    try:
        settings = load({"PORTAL_VAR": str(folder), "PORTAL_PORT": "8391"}, demo=True, keep=True)
        (folder / "demo").touch()
        complete = connect.with_servers(settings, servers)
        connect.announce(complete)
        asyncio.run(_fill(complete))
        yield folder
    finally:
        servers.stop()


def test_codes_are_those_of_people_whom_the_demo_has(var: Path) -> None:
    for name in ("modir", " MODIR "):
        now = datetime.now(UTC)
        told = run(var, "totp", name)
        assert told.returncode == 0, told.stderr
        secret = demo.secret_of("modir")
        assert told.stdout.strip() in {totp.current_code(secret, now), totp.current_code(secret, datetime.now(UTC))}
    for name in ("nosuchuser", "by.hand", ""):
        told = run(var, "totp", name)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr == f"The demo has no account “{name}” whose code it knows.\n"


def test_a_link_has_the_address_at_which_the_demo_runs(var: Path) -> None:
    for words in (("accounts", "reset", "modir"), ("accounts", "restore", "modir"), ("accounts", "invite", "by.hand")):
        told = run(var, *words)
        assert told.returncode == 0, told.stderr
        assert re.match(r"http://127\.0\.0\.1:8391/invitations/\S+\n", told.stdout)
    told = run(var, "accounts", "reset", "modir", PORTAL_BASE_URL="https://daraje.example.ir")
    assert told.stdout.startswith("https://daraje.example.ir/invitations/")


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("totp", "modir"), {}),
        (("accounts", "list"), {}),
        (("sweep",), {}),
        (("journal", "keys"), {}),
        (("serve",), {}),
        (("migrate",), {}),
        (("demo",), {"PORTAL_SPOOL_LIMIT": "much"}),
        (("demo",), {"PORTAL_LOCALE": "xx"}),
        (("serve",), {"PORTAL_SECRET_KEY": "short"}),
    ],
)
def test_what_is_refused_leaves_nothing(tmp_path: Path, words: tuple[str, ...], more: dict[str, str]) -> None:
    told = run(tmp_path / "var", *words, **more)
    assert told.returncode == 2
    assert len(told.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "var").exists()
