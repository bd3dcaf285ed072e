"""Events about an account: under its id, by whoever acted or by the machine's holder."""

from uuid import UUID

import pytest

from portal.domain.events import EventKind, moment
from portal.services.identity import account_events
from portal.services.identity.identity import Identity
from portal.tables.events import Event
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import statements


async def test_an_event_tells_the_account_who_acted_and_when(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await account_events.record(EventKind.SESSIONS_ENDED, clerk, head, {"why": "asked"}, clock.tick())
    last = (await statements(clerk))[-1]
    assert last["intent"]["subject"] == {"type": "account", "id": str(clerk)}
    assert (last["intent"]["signer"]["username"], last["intent"]["values"]) == ("head", {"why": "asked"})
    assert (last["record"]["kind"], last["record"]["at"]) == ("SessionsEnded", moment(clock()))
    assert last["record"]["factor"] is None, "nobody signs it"


async def test_what_the_machines_holder_does_has_no_signer(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await account_events.record(EventKind.PASSWORD_SET, clerk, None, {"by": "machine"}, clock())
    assert (await statements(clerk))[-1]["intent"]["signer"] == {}
    row = await Event.select(Event.person).order_by(Event.position, ascending=False).first()
    assert row == {"person": None}


async def refused(person: UUID, by: Identity, clock: Clock) -> None:
    async with Event._meta.db.transaction():
        await account_events.record(EventKind.SESSIONS_ENDED, person, by, {}, clock())
        raise ArithmeticError


async def test_an_event_of_an_act_that_fails_is_not_written(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    before = await statements(clerk)
    with pytest.raises(ArithmeticError):
        await refused(clerk, people["head"], clock)
    assert await statements(clerk) == before
