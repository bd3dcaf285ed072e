"""The keys of a running journal: introduced once, replaced, revoked; checkpoints and proofs made all the while."""

import asyncio
import base64

import pytest

from portal.domain import journal_keys, merkle, signed_notes
from portal.domain.errors import Conflict, NotFound, Unavailable
from portal.domain.journal_keys import BrokenHistory, KeyVerdict
from portal.services.cases import cases
from portal.services.journal import checkpoints, log
from portal.settings import Settings
from portal.tables.events import Event
from tests.world import cast
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.databases import run

FIRST = "A" * 43 + "="  # the key of every test's journal
SECOND, THIRD = (base64.b64encode(bytes([each]) * 32).decode() for each in range(2, 4))
BASE_URL = "https://daraje.example.ir"


@pytest.fixture
async def introduced(engine: Settings, people: Cast, clock: Clock) -> Clock:
    """A journal with its first key, and a few leaves after it."""
    return clock


@pytest.fixture
async def empty(engine: Settings) -> Settings:
    """A journal without leaves, as a migration leaves a new one."""
    assert engine.migration_database_url is not None
    for table in ("events", "journal_nodes"):
        off, on = (f"ALTER TABLE {table} {each} TRIGGER ALL" for each in ("DISABLE", "ENABLE"))
        await run(engine.migration_database_url, off, f"DELETE FROM {table}", on)
    return engine


async def judged(note: str | None) -> KeyVerdict:
    assert note is not None
    verdict, _, _ = journal_keys.judge(signed_notes.read(note), await checkpoints.history())
    return verdict


async def grow(people: Cast, clock: Clock, clerk: str) -> int:
    await cases.open_case(by=people[clerk], now=clock.tick())
    return await log.size() - 1


async def test_the_first_key_is_introduced_once(empty: Settings, clock: Clock) -> None:
    await checkpoints.introduce(BASE_URL, now=clock())
    await checkpoints.introduce("https://elsewhere.example", now=clock.tick())
    assert await log.size() == 1
    (key,) = await checkpoints.history()
    assert (key.key.name, key.since) == ("daraje.example.ir/journal", 0)


async def test_of_nodes_that_start_at_once_one_introduces(empty: Settings, clock: Clock) -> None:
    await asyncio.gather(*(checkpoints.introduce(BASE_URL, now=clock()) for _ in range(8)))
    assert len(await checkpoints.history()) == 1
    assert await Event.count() == 1


async def test_a_portal_without_a_key_records_and_signs_nothing(empty: Settings, clock: Clock) -> None:
    checkpoints.sign_with(())
    with pytest.raises(Unavailable, match="no-journal-key"):
        await checkpoints.introduce(BASE_URL, now=clock())
    with pytest.raises(Unavailable, match="no-journal-key"):
        await cast.enter("", clock())
    assert await checkpoints.history() == []
    signed = await checkpoints.current()
    assert signed.note is None
    assert signed.checkpoint.root == await log.root_at(0)
    for verb in (checkpoints.rotate(reason="", now=clock()), checkpoints.revoke("00000000", reason="", now=clock())):
        with pytest.raises(Conflict, match="no-journal-key"):
            await verb


async def test_a_key_that_is_not_held_is_missed_at_the_start_and_at_each_signature(introduced: Clock) -> None:
    checkpoints.sign_with((SECOND,))
    for verb in (
        checkpoints.introduce(BASE_URL, now=introduced()),
        checkpoints.current(),
        checkpoints.prove(0),
        checkpoints.rotate(reason="", now=introduced()),
    ):
        with pytest.raises(Unavailable) as missed:
            await verb
        assert missed.value.code == "journal-key-missing"
    assert len(await checkpoints.history()) == 1


async def test_checkpoints_before_between_and_after_a_rotation(introduced: Clock, people: Cast) -> None:
    clock = introduced
    before, old = await checkpoints.current(), await checkpoints.prove(0)
    assert await judged(before.note) is KeyVerdict.GOOD
    checkpoints.sign_with((FIRST, SECOND))
    key = await checkpoints.rotate(reason="هر سال یک بار", now=clock.tick())
    assert key.key.public == signed_notes.signer(key.key.name, base64.b64decode(SECOND)).key.public
    between = await checkpoints.current()
    checkpoints.sign_with((SECOND,))  # the old one is no longer needed
    await grow(people, clock, "clerk")
    after = await checkpoints.current()
    assert [await judged(each.note) for each in (before, between, after)] == [
        KeyVerdict.RETIRED,
        KeyVerdict.GOOD,
        KeyVerdict.GOOD,
    ]
    assert await judged(old.under.note) is KeyVerdict.RETIRED
    held = old.under.checkpoint
    assert merkle.verify_inclusion(old.leaf, old.position, held.size, old.path, held.root)
    path = await log.consistency(held.size, after.checkpoint.size)
    assert merkle.verify_consistency(held.size, after.checkpoint.size, path, held.root, after.checkpoint.root)
    late = signed_notes.signer(key.key.name, base64.b64decode(FIRST)).sign(after.checkpoint.text())
    assert await judged(late) is KeyVerdict.AFTER_ITS_TIME


async def test_a_rotation_needs_a_key_that_the_journal_does_not_know(introduced: Clock) -> None:
    with pytest.raises(Conflict, match="no-new-journal-key"):
        await checkpoints.rotate(reason="", now=introduced.tick())
    checkpoints.sign_with((FIRST, SECOND))
    await checkpoints.rotate(reason="", now=introduced.tick())
    with pytest.raises(Conflict, match="no-new-journal-key"):
        await checkpoints.rotate(reason="", now=introduced.tick())
    assert len(await checkpoints.history()) == 2


async def test_of_rotations_at_once_each_takes_the_next_key_or_none(introduced: Clock) -> None:
    checkpoints.sign_with((FIRST, SECOND, THIRD))
    tries = (checkpoints.rotate(reason="", now=introduced()) for _ in range(4))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in done) == 2
    assert [each.until is None for each in await checkpoints.history()] == [False, False, True]


async def test_the_key_in_force_is_revoked_and_replaced(introduced: Clock, people: Cast) -> None:
    clock, before = introduced, await checkpoints.current()
    (first,) = await checkpoints.history()
    with pytest.raises(Conflict, match="no-new-journal-key"):
        await checkpoints.revoke(first.key.id.hex(), reason="لو رفت", now=clock.tick())
    assert await judged(before.note) is KeyVerdict.GOOD  # nothing was half done
    checkpoints.sign_with((SECOND,))  # the revoked key is not needed: it may be lost
    key = await checkpoints.revoke(first.key.id.hex(), reason="لو رفت", now=clock.tick())
    assert key.until is None
    assert await judged(before.note) is KeyVerdict.REVOKED
    assert await judged((await checkpoints.current()).note) is KeyVerdict.GOOD
    first, _ = await checkpoints.history()
    assert (first.reason, first.revoked_at) == ("لو رفت", clock())


async def test_an_older_key_is_revoked_and_the_one_in_force_stays(introduced: Clock) -> None:
    clock, before = introduced, await checkpoints.current()
    checkpoints.sign_with((FIRST, SECOND))
    await checkpoints.rotate(reason="", now=clock.tick())
    between = await checkpoints.current()
    first, second = await checkpoints.history()
    assert (await checkpoints.revoke(first.key.id.hex(), reason="لو رفت", now=clock.tick())).key == second.key
    assert await judged(before.note) is KeyVerdict.REVOKED
    assert await judged(between.note) is KeyVerdict.GOOD
    for unknown in (first.key.id.hex(), "00000000", "", "۱"):
        with pytest.raises(NotFound):
            await checkpoints.revoke(unknown, reason="", now=clock.tick())


async def test_a_tampered_change_of_keys_is_told_and_nothing_is_signed(introduced: Clock, fresh: Settings) -> None:
    stolen = base64.b64encode(signed_notes.signer("127.0.0.1:8000/journal", b"\x09" * 32).key.public).decode()
    mine = base64.b64encode((await checkpoints.history())[0].key.public).decode()
    assert fresh.migration_database_url is not None
    change = f"UPDATE events SET statement = replace(statement, '{mine}', '{stolen}')"
    await run(fresh.migration_database_url, "ALTER TABLE events DISABLE TRIGGER ALL", change)
    for verb in (checkpoints.history(), checkpoints.current(), checkpoints.introduce(BASE_URL, now=introduced())):
        with pytest.raises(BrokenHistory) as broken:
            await verb
        assert broken.value.position == 0


async def test_every_entry_is_proven_at_every_moment_of_a_growing_journal(introduced: Clock, people: Cast) -> None:
    for clerk in ("clerk", "neighbour", "abroad"):
        last = await grow(people, introduced, clerk)
        for position in range(last + 1):
            proof = await checkpoints.prove(position)
            at = proof.under.checkpoint
            assert at.size == last + 1
            assert merkle.verify_inclusion(proof.leaf, position, at.size, proof.path, at.root)
    for unknown in (-1, last + 1, 2**60):
        with pytest.raises(NotFound):
            await checkpoints.prove(unknown)
