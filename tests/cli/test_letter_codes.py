"""`portal verify qr`: a letter's QR code on the command line, with the keys of the portal or from a file."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from portal.domain import offline
from portal.domain.lifecycle import State
from portal.services.journal import checkpoints, log
from portal.services.letters import notices
from tests.world import commands
from tests.world.builders import Builder
from tests.world.cases import case_of


def run(*arguments: str | Path) -> Result:
    return commands.invoke("verify", "qr", *arguments)


@pytest.fixture
async def text(builder: Builder) -> str:
    """What the QR code of a letter says."""
    notice = await notices.of_case((await case_of(await builder.case(State.NOTIFIED)))["id"])
    return str(notice["qr"])


@pytest.fixture
async def keys(text: str, tmp_path: Path) -> Path:
    """The JSON of /journal/key."""
    told = offline.published(await checkpoints.history(), await log.signed_since())
    (tmp_path / "keys.json").write_text(json.dumps(told))
    return tmp_path / "keys.json"


async def test_a_genuine_code_says_what_the_letter_says(text: str, keys: Path) -> None:
    for given in (text, text.partition("#")[2]):
        done = run(given, "--keys", keys)
        assert done.exit_code == 0, done.output
        assert done.output.startswith("Genuine: this is what the letter says.\nNumber: 1405/1\n")
        assert "Grade: 9\n" in done.output
        assert "Status: cannot be told without the portal" in done.output


async def test_one_changed_character_is_a_finding(text: str, keys: Path) -> None:
    for at in (text.index("#") + 10, text.index("#") + 120, len(text) - 1):
        other = "A" if text[at] != "A" else "B"
        done = run(text[:at] + other + text[at + 1 :], "--keys", keys)
        assert done.exit_code == 1, done.output
        assert not done.output.startswith("Genuine")


async def test_what_is_no_file_of_keys_is_a_slip_of_usage(text: str, keys: Path) -> None:
    keys.write_text("{}")
    assert run(text, "--keys", keys).exit_code == 2
    assert run(text, "--keys", keys.with_name("nowhere")).exit_code == 2
    assert run().exit_code == 2
