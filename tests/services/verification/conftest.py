"""What tests of verification share."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from portal.domain.lifecycle import State
from portal.services.journal import witnesses
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.verification import World


@pytest.fixture
async def world(
    engine: Settings, people: Cast, store: ObjectStore, clock: Clock, tmp_path: Path
) -> AsyncIterator[World]:
    builder = Builder(people, store, clock)
    number = await builder.case(State.NOTIFIED)
    await witnesses.publish((str(tmp_path),), authority=None, now=clock())
    await builder.draft("neighbour")
    assert engine.migration_database_url is not None
    owner = await asyncpg.connect(engine.migration_database_url)
    note = next(tmp_path.glob("*.checkpoint")).read_text()
    yield World(engine, store, note, number, owner)
    await owner.close()
