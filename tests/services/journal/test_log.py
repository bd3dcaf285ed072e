"""The one writer of the journal: positions without a gap, and proofs that hold at every size."""

import asyncio
import json

import pytest

from portal.domain import events, merkle
from portal.domain.errors import NotFound, Unavailable
from portal.domain.events import EventKind
from portal.domain.merkle import Frontier
from portal.services.journal import keys, log
from portal.settings import Settings
from portal.tables.events import Event
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.databases import run

SUBJECT = ("account", "somebody")


async def note(clock: Clock, **given: str) -> int:
    async with Event._meta.db.transaction():
        return await log.note(EventKind.SESSIONS_ENDED, SUBJECT, by=None, now=clock(), **given)  # type: ignore[arg-type]


async def grow(clock: Clock, leaves: int) -> None:
    while await log.size() < leaves:
        await note(clock)


async def test_an_entry_says_what_it_was_told_and_vouches_for_all_before_it(people: Cast, clock: Clock) -> None:
    before = await log.frontier()
    position = await log.note(
        EventKind.CASE_TAKEN,
        ("case", "1405-00001"),
        by=people["officer"],
        now=clock(),
        values={"desk": "governorate"},
        state=("submitted", "submitted"),
        nonce="a nonce",
    )
    assert position == before.size
    row = await log.entry(position)
    told = json.loads(row["statement"])
    assert (row["subject"], row["person"], row["nonce"]) == ("1405-00001", str(people["officer"].id), "a nonce")
    assert told["intent"]["meaning"] == events.MEANINGS[EventKind.CASE_TAKEN]
    assert told["intent"]["state"] == {"before": "submitted", "after": "submitted"}
    assert (told["record"]["position"], told["record"]["root"]) == (position, before.root().hex())
    assert row["leaf"] == merkle.leaf_hash(row["statement"].encode())


async def taken_back(clock: Clock) -> None:
    async with Event._meta.db.transaction():
        await log.note(EventKind.SESSIONS_ENDED, SUBJECT, by=None, now=clock())
        raise ArithmeticError


async def test_appends_at_once_and_ones_that_are_taken_back_leave_no_gap(engine: Settings, clock: Clock) -> None:
    first = await log.size()
    with pytest.raises(ArithmeticError):
        await taken_back(clock)
    found = await asyncio.gather(*(note(clock) for _ in range(8)))
    assert sorted(found) == list(range(first, first + 8))


async def test_roots_and_paths_hold_at_every_size(engine: Settings, clock: Clock) -> None:
    await grow(clock, 9)
    roots, frontier = [Frontier().root()], Frontier()
    for position in range(9):
        leaf = (await log.entry(position))["leaf"]
        frontier, _ = frontier.append(leaf)
        roots.append(frontier.root())
    assert [await log.root_at(leaves) for leaves in range(10)] == roots
    for size in range(1, 10):
        for position in range(size):
            leaf, path = (await log.entry(position))["leaf"], await log.inclusion(position, size)
            assert merkle.verify_inclusion(leaf, position, size, path, roots[size])
            path = await log.consistency(position + 1, size)
            assert merkle.verify_consistency(position + 1, size, path, roots[position + 1], roots[size])


async def test_what_the_journal_has_not_is_not_proven(engine: Settings, clock: Clock) -> None:
    await grow(clock, 3)
    asked = (
        *(log.entry(each) for each in (-1, 3, 2**60)),
        log.root_at(4),
        *(log.inclusion(*each) for each in ((-1, 2), (2, 2), (0, 4))),
        *(log.consistency(*each) for each in ((0, 2), (3, 2), (1, 4))),
    )
    for each in asked:
        with pytest.raises(NotFound, match="entry"):
            await each


async def test_an_incomplete_tree_is_told_and_nothing_is_added_to_it(engine: Settings, clock: Clock) -> None:
    await grow(clock, 4)
    assert engine.migration_database_url is not None
    change = f"DELETE FROM journal_nodes WHERE id = {log.node_id(2, 0)}"
    await run(engine.migration_database_url, "ALTER TABLE journal_nodes DISABLE TRIGGER ALL", change)
    for each in (log.frontier(), log.root_at(4), note(clock)):
        with pytest.raises(Unavailable, match="journal-incomplete"):
            await each
    assert await Event.count() == 4


async def test_an_intent_is_found_by_its_nonce(engine: Settings, clock: Clock) -> None:
    nonce = "0f" * 32
    await note(clock, nonce=nonce)
    assert await log.holds(nonce)
    assert await log.subject_of(nonce) == "somebody"
    assert not await log.holds("")
    assert await log.subject_of("0f" * 31) is None


async def test_of_intents_whose_nonces_begin_alike_one_is_appended(engine: Settings, clock: Clock) -> None:
    await note(clock, nonce="0f" * 32)
    size = await log.size()
    for drawn, is_new in (("0f0f", False), ("0f" * 32, False), ("0f0e", True), ("0f0f1", True), ("f0", True)):
        intent = log.unsigned_intent(EventKind.SESSIONS_ENDED, SUBJECT, by=None, now=clock())
        append = log.append(EventKind.SESSIONS_ENDED, intent, at=clock(), person=None, drawn=drawn)
        if is_new:
            assert await append == size
            size += 1
        else:
            with pytest.raises(log.Repeated):
                await append
    assert await log.size() == size


async def test_without_its_key_nothing_is_appended(engine: Settings, clock: Clock) -> None:
    size = await log.size()
    keys.sign_with(())
    with pytest.raises(Unavailable, match="journal-key-missing"):
        await note(clock)
    assert await log.size() == size
    assert await log.signed_since() == 0, "every record of a new journal is signed"
