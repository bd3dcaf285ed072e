"""`portal verify journal`: one byte changed anywhere is found, and named."""

import json
import os
import sys
from pathlib import Path

import anyio
import pytest

from portal.cli import serve
from portal.domain import events, merkle, signed_notes
from portal.domain.errors import Unavailable
from portal.services.cases import cases
from portal.services.journal import checkpoints, log
from portal.services.verification.entries import Reference
from portal.tables.cases import Case
from tests.world.cast import Cast
from tests.world.clock import BEGIN, Clock
from tests.world.verification import World

JOURNAL_KEYS = ("A" * 43 + "=",)


@pytest.mark.parametrize("kind", ["CaseSubmitted", "AttestationGiven", "CaseOpened", "DecisionSigned"])
async def test_one_byte_of_a_statement(world: World, kind: str) -> None:
    position = await world.position(kind)
    await world.tamper(f"UPDATE events SET statement = replace(statement, '1405', '1406') WHERE position = {position}")
    found = await world.found()
    assert found[0] == f"leaf-differs entry {position}"


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "'CaseReturned'"), ("subject", "'1405-00099'"), ("at", "at + interval '1 second'"), ("person", "'x'")],
)
async def test_a_column_beside_a_statement(world: World, column: str, value: str) -> None:
    position = await world.position("CaseConfirmed")
    await world.tamper(f"UPDATE events SET {column} = {value} WHERE position = {position}")
    assert (await world.found())[0] == f"columns-differ entry {position}"


async def test_a_leaf_and_a_node(world: World) -> None:
    await world.tamper("UPDATE events SET leaf = set_byte(leaf, 0, get_byte(leaf, 0) # 1) WHERE position = 5")
    found = await world.found()
    assert found[0] == "leaf-differs entry 5"
    assert "node-differs node 5 of level 0" in found


async def test_a_node_alone(world: World) -> None:
    await world.tamper(f"UPDATE journal_nodes SET hash = sha256('') WHERE id = {log.node_id(2, 1)}")
    assert await world.found() == ["node-differs node 1 of level 2"]


async def test_a_gap_in_the_tree_stops_recording_before_anything_is_written(world: World, people: Cast) -> None:
    frontier = await log.frontier()
    level = (frontier.size & -frontier.size).bit_length() - 1
    peak = log.node_id(level, (frontier.size >> level) - 1)
    await world.tamper(f"DELETE FROM journal_nodes WHERE id = {peak}")
    before = await Case.count()
    with pytest.raises(Unavailable):
        await cases.open_case(by=people["clerk"], now=BEGIN)
    assert await Case.count() == before


async def test_a_missing_leaf(world: World) -> None:
    await world.tamper("DELETE FROM events WHERE position = 7")
    assert (await world.found())[0] == "entry-missing entry 7"


async def test_a_log_that_was_cut_off(world: World) -> None:
    size = await log.size()
    await world.tamper(f"DELETE FROM events WHERE position = {size - 1}")
    assert f"log-truncated entry {size - 1}" in await world.found()


async def test_a_log_that_was_cut_off_with_its_tree_needs_a_checkpoint_from_outside(world: World) -> None:
    whole = (await checkpoints.note())[1]
    size = await log.size()
    kept = {log.node_id(level, index) for level, index in all_nodes(size - 1)}
    await world.tamper(
        f"DELETE FROM events WHERE position = {size - 1}",
        f"DELETE FROM journal_nodes WHERE NOT id = ANY(ARRAY[{','.join(map(str, kept))}]::bigint[])",
    )
    assert not any(each.startswith(("log", "node")) for each in await world.found())
    assert "log-shorter outside" in await world.found(Reference(whole, "outside"))


def all_nodes(size: int) -> list[tuple[int, int]]:
    return [(level, index) for level in range(size.bit_length()) for index in range(size >> level)]


async def test_a_journal_rewritten_whole_is_told_by_the_checkpoint_outside(world: World) -> None:
    """Statement, leaf and every node above: consistent in itself, and not what was put outside."""
    position = await world.position("CaseConfirmed")
    rows = await world.owner.fetch("SELECT position, statement FROM events ORDER BY position")
    texts = [row["statement"] for row in rows]
    statement = json.loads(texts[position])
    statement["intent"]["values"]["letter_number"] = "1/1"
    statement["record"]["intent_sha256"] = events.digest(statement["intent"])
    texts[position] = events.canonical(statement).decode()
    frontier, nodes = merkle.Frontier(), list[tuple[int, int, bytes]]()
    for text in texts:
        frontier, completed = frontier.append(merkle.leaf_hash(text.encode()))
        nodes += completed
    values = ",".join(f"({log.node_id(level, index)}, '\\x{each.hex()}'::bytea)" for level, index, each in nodes)
    leaf = merkle.leaf_hash(texts[position].encode()).hex()
    quoted = texts[position].replace("'", "''")
    await world.tamper(
        f"UPDATE events SET statement = '{quoted}', leaf = '\\x{leaf}' WHERE position = {position}",
        f"UPDATE journal_nodes n SET hash = v.hash FROM (VALUES {values}) AS v (id, hash) WHERE n.id = v.id",
        "UPDATE confirmations SET letter_number = '1/1'",
        "DELETE FROM published_checkpoints",
    )
    forged, after = f"record-forged entry {position}", f"before-differs entry {position + 1}"
    assert await world.found() == [forged, after]
    assert await world.found(Reference(world.outside, "outside")) == [forged, after, "root-differs outside"]


async def test_a_checkpoint_that_was_edited(world: World) -> None:
    note = world.outside.replace("/journal\n", "/journal\n1", 1)
    assert await world.found(Reference(note, "outside")) == ["checkpoint-malformed outside"]
    await world.tamper("UPDATE published_checkpoints SET root = sha256('')")
    assert (await world.found())[0].startswith("checkpoint-row-differs published checkpoint")
    await world.tamper(
        "UPDATE published_checkpoints SET note ="
        " overlay(note placing CASE substr(note, 40, 1) WHEN 'x' THEN 'y' ELSE 'x' END from 40)"
    )
    assert (await world.found())[0].startswith("checkpoint-malformed published checkpoint")


async def test_a_checkpoint_from_another_portal(world: World) -> None:
    stranger = signed_notes.signer("elsewhere.test/journal", b"e" * 32)
    note = stranger.sign(signed_notes.Checkpoint("elsewhere.test/journal", 3, b"r" * 32).text())
    assert await world.found(Reference(note, "outside")) == ["checkpoint-stranger outside"]


async def test_a_checkpoint_of_a_revoked_key_is_a_verdict_of_its_own(world: World, clock: Clock) -> None:
    old = (await checkpoints.history())[0].key.id.hex()
    checkpoints.sign_with((*JOURNAL_KEYS, "B" * 43 + "="))
    await checkpoints.revoke(old, reason="lost", now=clock.tick())
    assert "checkpoint-revoked outside" in await world.found(Reference(world.outside, "outside"))


async def test_the_command_names_the_first_place_and_says_so_by_its_exit_code(world: World, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        **serve.environment(world.settings),
        "PORTAL_SECRET_KEY": "s" * 40,
        "PORTAL_LOCALE": "en",
    }
    command = [sys.executable, "-m", "portal", "verify", "journal", "--checkpoint", str(tmp_path / "outside")]
    (tmp_path / "outside").write_text(world.outside)
    good = await anyio.run_process(command, env=environment, check=False)
    assert (good.returncode, good.stderr) == (0, b""), "in a pipe it is quiet"
    assert good.stdout.decode().endswith("2 checkpoints agree.\n")
    await world.tamper("UPDATE events SET statement = statement || ' ' WHERE position = 4")
    bad = await anyio.run_process(command, env=environment, check=False)
    assert bad.returncode == 1
    assert bad.stdout.decode().splitlines()[0].startswith("entry 4: ")
    nothing = await anyio.run_process([*command[:-1], str(tmp_path / "none")], env=environment, check=False)
    assert nothing.returncode == 2
