"""What an owner is warned of: added up until it is put away, and nobody else's to put away."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain.alerts import Alert
from portal.domain.errors import NotFound
from portal.services.identity import alerts
from portal.tables.factors import Caution
from tests.world.cast import Cast
from tests.world.clock import Clock


async def told(person: UUID) -> list[dict[str, Any]]:
    return await Caution.select().where((Caution.person == person) & Caution.dismissed_at.is_null())


async def test_a_second_warning_adds_to_the_first(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await alerts.warn(clerk, Alert.CODES_FAILED, now=clock())
    await alerts.warn(clerk, Alert.CODES_FAILED, now=clock.tick())
    await alerts.warn(clerk, Alert.RECOVERY_USED, now=clock())
    assert sorted((row["kind"], row["times"]) for row in await told(clerk)) == [
        ("codes-failed", 2),
        ("recovery-used", 1),
    ]
    assert {row["at"] for row in await told(clerk)} == {clock()}, "the last time counts"
    assert await told(people["neighbour"].id) == []


async def test_warnings_at_once_are_all_counted(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await asyncio.gather(*(alerts.warn(clerk, Alert.CODE_REPLAYED, now=clock()) for _ in range(8)))
    [row] = await told(clerk)
    assert row["times"] == 8


async def test_what_was_put_away_begins_anew(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await alerts.warn(clerk, Alert.CODES_FAILED, now=clock())
    [first] = await told(clerk)
    await alerts.dismiss(first["id"], person=clerk, now=clock.tick())
    await alerts.dismiss(first["id"], person=clerk, now=clock.tick())
    assert await told(clerk) == []
    await alerts.warn(clerk, Alert.CODES_FAILED, now=clock())
    assert [row["times"] for row in await told(clerk)] == [1]
    kept = await Caution.select(Caution.dismissed_at).where(Caution.id == first["id"]).first()
    assert kept is not None
    assert (clock() - kept["dismissed_at"]).total_seconds() == 31, "away since the first time"


async def test_nobody_puts_away_what_another_is_warned_of(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await alerts.warn(clerk, Alert.FACTOR_RESTS, now=clock())
    [row] = await told(clerk)
    for caution, person in ((row["id"], people["neighbour"].id), (uuid4(), clerk)):
        with pytest.raises(NotFound, match="caution"):
            await alerts.dismiss(caution, person=person, now=clock())
    assert len(await told(clerk)) == 1
