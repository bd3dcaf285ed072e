"""Commands that need a database find it by environment: replaying scores, loading figures."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from portal.domain.lifecycle import State
from portal.embedded.servers import Embedded
from portal.services.register import towns
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world.builders import Builder
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.nodes import free_port


@pytest.fixture
def environment(engine: Settings, servers: Embedded) -> dict[str, str]:
    assert engine.database_url is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {
        **kept,
        **servers.environ(),
        "PORTAL_LOCALE": "en",
        "PORTAL_DATABASE_URL": engine.database_url,
        "PORTAL_MIGRATION_DATABASE_URL": engine.migration_database_url or "",
        "PORTAL_SECRET_KEY": engine.secret_keys[0],
        "PORTAL_JOURNAL_KEY": engine.journal_keys[0],
    }


async def portal(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", *arguments, env=environment, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_replay_finds_nothing_and_then_what_was_changed(
    environment: dict[str, str], engine: Settings, people: Cast, store: ObjectStore, clock: Clock
) -> None:
    number = await Builder(people, store, clock).case(State.NOTIFIED)
    told = "1 score recomputed, 1 of them decided on; 0 no longer agree\n"
    assert await portal(environment, "rules", "replay") == (0, told, "")
    owner = await asyncpg.connect(engine.migration_database_url or "")
    await owner.execute("UPDATE declarations SET population = population * 2")
    await owner.close()
    code, out, _ = await portal(environment, "rules", "replay")
    assert code == 1
    assert out.startswith(f"{number}: decided under ")
    assert "1 no longer agree" in out


async def test_without_the_journals_key_a_command_records_nothing_and_says_so(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "census.csv"
    file.write_text(f"city_code,population\n{TOWN},55703\n", encoding="utf-8")
    del environment["PORTAL_JOURNAL_KEY"]
    code, out, err = await portal(environment, "municipalities", "import-census", str(file), "--year", "1395")
    assert (code, out) == (2, "")
    assert err.startswith("The portal does not have the journal’s key ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["rules", "replay"], "۰ امتیاز دوباره محاسبه شد"),
        (["sweep", "--dry-run"], "۰ مدرک بدون فایل ذخیره‌شده"),
        (["verify", "journal"], "با هم مطابقت دارند."),
        (["journal", "keys"], "جاری"),
    ],
    ids=" ".join,
)
async def test_persian_commands_speak_persian(
    environment: dict[str, str], people: Cast, command: list[str], said: str
) -> None:
    code, out, err = await portal({**environment, "PORTAL_LOCALE": "fa"}, *command)
    assert (code, err) == (0, "")
    assert said in out


async def test_figures_are_loaded_and_bad_rows_told(
    environment: dict[str, str], engine: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "census.csv"
    file.write_text(f"city_code,population\n{TOWN},۵۵٬۷۰۳\n99,5\n", encoding="utf-8")
    code, out, err = await portal(environment, "municipalities", "import-census", str(file), "--year", "1395")
    assert (code, out) == (1, "1 row read: 1 new, 0 changed; 1 refused\n")
    assert err.startswith(f"{file}:3: city_code: ")
    assert (await towns.known(TOWN)).census == {1395: 55_703}
    file.write_text(f"city_code,grade,notified_on\n{TOWN},7,1400/10/23\n", encoding="utf-8")
    assert (await portal(environment, "municipalities", "import-grades", str(file)))[0] == 0
    known = await towns.known(TOWN)
    assert known.register_grade == 7
    file.write_text("population\n5\n", encoding="utf-8")
    code, _, err = await portal(environment, "municipalities", "import-census", str(file))
    assert code == 1
    assert err.startswith(f"{file}:1: ")


@pytest.mark.parametrize("command", [["migrate"], ["accounts", "list"], ["sweep"]], ids=" ".join)
@pytest.mark.parametrize("who", ["database", "store"])
async def test_a_command_whose_database_or_store_is_away_says_so_in_one_sentence(
    environment: dict[str, str], command: list[str], who: str
) -> None:
    if who == "store" and command != ["sweep"]:
        pytest.skip("it needs no store")
    nobody = f"127.0.0.1:{free_port()}"
    address = environment["PORTAL_DATABASE_URL"].rpartition("@")[2].partition("/")[0]
    for name in ("PORTAL_DATABASE_URL", "PORTAL_MIGRATION_DATABASE_URL") if who == "database" else ():
        environment[name] = environment[name].replace(address, nobody)
    if who == "store":
        environment["PORTAL_S3_ENDPOINT"] = nobody
    code, _, err = await portal(environment, *command)
    assert code == 2
    assert f"The {who} does not answer" in err
    assert len(err.strip().splitlines()) == 1 or who == "store", err
    assert "Traceback" not in err
