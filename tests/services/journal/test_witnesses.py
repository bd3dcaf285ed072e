"""Checkpoints put outside the portal: to every place, recorded where it was taken, refused where they differ."""

from pathlib import Path

import pytest

from portal.domain import signed_notes
from portal.domain.errors import Conflict, Unavailable
from portal.services.journal import checkpoints, log, witnesses
from portal.storage.witness import WitnessError
from portal.tables.events import PublishedCheckpoint
from tests.world.cast import Cast
from tests.world.clock import Clock


async def publish(clock: Clock, *targets: Path) -> signed_notes.Checkpoint:
    return await witnesses.publish(tuple(map(str, targets)), authority=None, now=clock())


async def test_every_place_takes_the_present_checkpoint_under_its_size(
    people: Cast, clock: Clock, tmp_path: Path
) -> None:
    assert await witnesses.last() is None
    folders = [tmp_path / "ministry", tmp_path / "court"]
    signed = await publish(clock, *folders)
    assert (signed.size, signed.root) == (await log.size(), await log.root_at(signed.size))
    for folder in folders:
        [path] = folder.iterdir()
        assert path.name == f"{signed.size:012d}.checkpoint"
        assert signed_notes.checkpoint(signed_notes.read(path.read_text())) == signed
    last = await witnesses.last()
    assert last is not None
    assert (last["target"], last["size"], last["at"], last["token"]) == (str(folders[1]), signed.size, clock(), None)


async def test_the_same_checkpoint_is_taken_twice_and_recorded_each_time(
    people: Cast, clock: Clock, tmp_path: Path
) -> None:
    assert await publish(clock, tmp_path) == await publish(clock, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert await PublishedCheckpoint.count() == 2


async def test_places_that_took_it_are_recorded_even_if_a_later_one_refuses(
    people: Cast, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "no folder"
    file.write_text("")
    with pytest.raises(WitnessError, match="cannot be written"):
        await publish(clock, tmp_path / "court", file / "below", tmp_path / "never reached")
    assert [row["target"] for row in await PublishedCheckpoint.select()] == [str(tmp_path / "court")]


async def test_a_journal_that_was_rewritten_is_refused_where_it_was_witnessed(
    people: Cast, clock: Clock, tmp_path: Path
) -> None:
    await publish(clock, tmp_path)
    (path,) = tmp_path.iterdir()
    origin, size, root, *rest = path.read_text().split("\n")
    path.write_text("\n".join([origin, size, ("B" if root[0] == "A" else "A") + root[1:], *rest]))
    clock.tick()
    with pytest.raises(WitnessError, match="the journal may have been changed"):
        await publish(clock, tmp_path)


async def test_without_a_place_or_a_key_nothing_is_published(people: Cast, clock: Clock, tmp_path: Path) -> None:
    checkpoints.sign_with(())
    with pytest.raises(Conflict, match="no-witness"):
        await publish(clock)
    with pytest.raises(Unavailable, match="no-journal-key"):
        await publish(clock, tmp_path)
    assert await PublishedCheckpoint.count() == 0
    assert list(tmp_path.iterdir()) == []
