"""What was carried out of the portal is checked without it: a statement, its proof, a package."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from portal.domain import offline
from portal.domain.lifecycle import State
from portal.services.archive import packages
from portal.services.journal import checkpoints, log
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.events import Event
from tests.world import commands
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock


def run(*arguments: str | Path) -> Result:
    return commands.invoke("verify", *arguments)


@pytest.fixture
async def package(engine: Settings, people: Cast, store: ObjectStore, clock: Clock, tmp_path: Path) -> Path:
    """The package of a notified case, and its keys beside it."""
    number = await Builder(people, store, clock).case(State.NOTIFIED)
    async with packages.package(number, by=people["keeper"], store=store) as made:
        kept = tmp_path / "package.zip"
        kept.write_bytes(made.read_bytes())
    told = offline.published(await checkpoints.history(), await log.signed_since())
    (tmp_path / "keys.json").write_text(json.dumps(told))
    return kept


def changed(package: Path, where: str, change: Callable[[bytes], bytes]) -> Path:
    """The package with the first file whose name holds `where` changed."""
    target = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as before, zipfile.ZipFile(target, "w") as after:
        done = False
        for name in before.namelist():
            content = before.read(name)
            if where in name and not done:
                content, done = change(content), True
            after.writestr(name, content)
    assert done
    return target


async def test_a_package_agrees_with_its_own_keys_and_with_those_from_outside(package: Path) -> None:
    for more in ((), ("--keys", package.with_name("keys.json"))):
        done = run("archive", package, *more)
        assert (done.exit_code, done.output) == (0, "14 statements agree.\n")


@pytest.mark.parametrize(
    ("where", "old", "new", "said"),
    [
        ("data/statements/", b"1405", b"1406", "is not signed by the journal's key"),
        ("data/statements/", b'"signature":', b'"nothing":', "is not signed, though every record is by then"),
        ("data/journal/proofs/", b"index ", b"index 1", "does not lead from these bytes"),
        ("data/journal/proofs/", b"/journal\n", b"/another\n", "signature does not hold"),
        ("data/letter.pdf", b"%PDF", b"%PDX", "not those that the package lists"),
        ("manifest-sha256.txt", b"data/letter.pdf", b"data/another.pdf", "is not listed in the package"),
    ],
)
async def test_what_was_changed_in_a_package_is_named(
    package: Path, where: str, old: bytes, new: bytes, said: str
) -> None:
    done = run("archive", changed(package, where, lambda content: content.replace(old, new)))
    assert done.exit_code == 1
    assert said in done.output


async def test_a_package_that_was_made_up_agrees_with_its_own_keys_alone(package: Path, tmp_path: Path) -> None:
    other = json.loads((tmp_path / "keys.json").read_text())
    other["keys"][0]["key"] = "127.0.0.1:8000/journal+" + "0" * 8 + "+AA=="
    (tmp_path / "keys.json").write_text(json.dumps(other))
    assert run("archive", package, "--keys", tmp_path / "keys.json").exit_code == 2


async def test_a_statement_is_checked_with_the_published_keys(package: Path, tmp_path: Path) -> None:
    row = (await Event.select().where(Event.kind == "DecisionSigned"))[0]
    statement, proof, keys = (tmp_path / name for name in ("statement.json", "proof", "keys.json"))
    statement.write_text(row["statement"])
    proof.write_text((await checkpoints.prove(row["position"])).as_text())
    done = run("record", statement, "--keys", keys, "--proof", proof)
    assert (done.exit_code, done.output) == (0, "1 statement agrees.\n")
    statement.write_text(row["statement"] + " ")
    done = run("record", statement, "--keys", keys, "--proof", proof)
    assert (done.exit_code, done.output.count("\n")) == (1, 2)
    statement.write_text("[]")
    assert "cannot be read" in run("record", statement, "--keys", keys).output
    keys.write_text("{}")
    assert run("record", statement, "--keys", keys).exit_code == 2
