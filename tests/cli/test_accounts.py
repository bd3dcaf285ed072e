"""`portal accounts`: how an office begins, and how whoever holds the machine helps where no second person can."""

import json
import re
from typing import Any

import anyio.to_thread
import asyncpg
from click.testing import Result

from portal.domain.persian import persian_digits
from portal.services.authentication import encryption
from portal.settings import Settings
from tests.world import commands

HEAD = ("--role", "administrator", "--full-name", "مدیر نخست", "--title", "مدیر سامانه")


async def run(fresh: Settings, *arguments: str) -> Result:
    """Run the command as a process of its own would: with this environment, and its own loop."""
    assert fresh.s3 is not None
    environment: dict[str, str | None] = {
        "PORTAL_DATABASE_URL": fresh.database_url,
        "PORTAL_SECRET_KEY": "s" * 40,
        "PORTAL_JOURNAL_KEY": "A" * 43 + "=",
        "PORTAL_S3_ENDPOINT": fresh.s3.endpoint,
        "PORTAL_S3_ACCESS_KEY": fresh.s3.access_key,
        "PORTAL_S3_SECRET_KEY": fresh.s3.secret_key,
        "PORTAL_S3_BUCKET": fresh.s3.bucket,
        "PORTAL_S3_SECURE": "false",
    }
    return await anyio.to_thread.run_sync(lambda: commands.invoke("accounts", *arguments, locale="en", **environment))


async def rows(fresh: Settings, query: str) -> list[Any]:
    link = await asyncpg.connect(fresh.database_url)
    try:
        return list(await link.fetch(query))
    finally:
        await link.close()


async def test_the_first_administrator_is_opened_by_the_machines_holder(fresh: Settings) -> None:
    done = await run(fresh, "create", "--username", "first", *HEAD)
    assert done.exit_code == 0, done.output
    assert re.search(r"/invitations/[\w-]{40,}", done.output)
    assert "another administrator" in done.output
    done = await run(fresh, "create", "--username", "other", *HEAD)
    assert "another administrator" not in done.output
    kept = await rows(fresh, "SELECT kind, statement FROM events WHERE position > 0 ORDER BY position")
    assert [row["kind"] for row in kept] == ["AccountOpened", "LinkMade"] * 2
    values = [json.loads(row["statement"])["intent"]["values"] for row in kept]
    assert {each["by"] for each in values} == {"machine"}, "the journal says that it was done there"
    held = await rows(fresh, "SELECT kind, ends_on FROM mandates")
    assert [tuple(row) for row in held] == [("regular", None)] * 2


async def test_refusals_are_one_sentence_and_exit_code_1(fresh: Settings) -> None:
    await run(fresh, "create", "--username", "first", *HEAD)
    for arguments in (
        ("create", "--username", "first", *HEAD),
        ("end", "first"),
        ("end", "nobody"),
        ("confirm", "first", "--fingerprint", "0000 0000 0000 0000"),
        ("reset", "first"),
        ("agree", "first"),
    ):
        done = await run(fresh, *arguments)
        assert done.exit_code == 1, (arguments, done.output)
        assert done.output.strip(), arguments
        assert "Traceback" not in done.output


async def test_a_fingerprint_is_shown_and_confirmed(fresh: Settings) -> None:
    await run(fresh, "create", "--username", "first", *HEAD)
    done = await run(fresh, "confirm", "first")
    assert "no authenticator" in done.output
    await _enrol(fresh)
    shown = (await run(fresh, "confirm", "first")).output.split("\t")[0]
    assert re.fullmatch(r"\d{4}( \d{4}){5}", shown)
    wrong = await run(fresh, "confirm", "first", "--code", "0" * 24)
    assert wrong.exit_code == 1
    assert (await run(fresh, "confirm", "first", "--code", persian_digits(shown))).exit_code == 0
    assert "confirmed" in (await run(fresh, "confirm", "first")).output
    assert "confirmed" in (await run(fresh, "list")).output
    last = (await rows(fresh, "SELECT kind, person FROM events ORDER BY position DESC LIMIT 1"))[0]
    assert tuple(last) == ("FactorConfirmed", None)


async def _enrol(fresh: Settings) -> None:
    """An enrolled factor, as the pages would have left it."""
    encryption.configure(("s" * 40,))
    link = await asyncpg.connect(fresh.database_url)
    await link.execute(
        "INSERT INTO second_factors (id, person, secret, created_at, enrolled_at) "
        "SELECT gen_random_uuid(), id, $1, now(), now() FROM people",
        encryption.encrypt("JBSWY3DPEHPK3PXP"),
    )
    await link.close()


async def test_a_lost_device_is_restored_at_once_by_the_machines_holder(fresh: Settings) -> None:
    await run(fresh, "create", "--username", "first", *HEAD)
    await _enrol(fresh)
    done = await run(fresh, "restore", "first")
    assert done.exit_code == 0, done.output
    assert "/invitations/" in done.output
    restoration = (await rows(fresh, "SELECT opens_at = begun_at AS open, begun_by FROM restorations"))[0]
    assert tuple(restoration) == (True, None)
