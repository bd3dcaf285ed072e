"""What tests of verification share."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from portal.domain import persian
from portal.domain.lifecycle import State
from portal.services.cases import eligibility, sittings
from portal.services.journal import witnesses
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from tests.world.builders import Builder
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.publishing import publish, variant
from tests.world.staffed import Staffed, newcomer, with_passkey
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


@pytest.fixture
async def staffed(world: World, people: Cast, store: ObjectStore, clock: Clock) -> Staffed:
    builder = Builder(people, store, clock)
    examiner = people["examiner"]
    await builder.sign(examiner, lambda now: eligibility.prepare_lift(TOWN, by=examiner, reason="سیل", now=now))
    sitting = await builder.sitting()
    await sittings.keep(sitting, by=examiner, agenda=[], minutes="متن", attendance="همه", now=clock.tick())
    await publish(builder, variant(persian.tehran_date(clock()), ("[57, 8]", "[55, 8]")))
    await versions.draft(
        variant(persian.tehran_date(clock()), ("[57, 8]", "[54, 8]")), by=people["head"], now=clock.tick()
    )
    await newcomer(builder)
    passkey, device = await with_passkey(builder)
    return Staffed(world, builder, device, await builder.draft("clerk"), passkey)
