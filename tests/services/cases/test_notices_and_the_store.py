"""A store that falls silent while the Minister signs: nothing is signed, and the case is soon free again."""

import time
from dataclasses import replace

import pytest

from portal.domain.lifecycle import State
from portal.services.cases import notices
from portal.settings import Settings
from portal.storage.objects import ObjectStore, StoreUnavailable
from portal.tables.cases import Case
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.lines import Mood, line


async def test_a_silent_store_locks_no_case_for_long(
    settings: Settings, people: Cast, store: ObjectStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "WITHIN", 2.0)
    builder = Builder(people, store, clock)
    number = await builder.case(State.DECIDED)
    assert settings.s3 is not None
    async with line(int(settings.s3.endpoint.rpartition(":")[2])) as bad:
        builder.store = ObjectStore(replace(settings.s3, endpoint=f"127.0.0.1:{bad.port}"))
        bad.turn(Mood.SILENT)
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await builder.notify(number)
        assert time.monotonic() - began < 8
        async with Case._meta.db.transaction():
            await Case.select(Case.id).where(Case.number == number).lock_rows("UPDATE", nowait=True)
    builder.store = store
    await builder.notify(number)
