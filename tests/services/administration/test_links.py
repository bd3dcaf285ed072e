"""The links of whoever administers the portal no more."""

from datetime import UTC, datetime

from portal.services.administration import accounts, invitations, links, restorations
from portal.services.administration.invitations import RESET
from portal.services.identity import mandates
from portal.tables.mandates import Restoration
from portal.tables.people import Person
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import end_mandate, link, restore, today


async def test_a_maker_stands_while_he_administers_and_the_machines_holder_always(people: Cast, clock: Clock) -> None:
    second = people["second"].id
    assert await links.maker_stands(None, clock())
    assert await links.maker_stands(second, clock())
    assert not await links.maker_stands(people["clerk"].id, clock())
    await accounts.close_by_machine(second, now=clock())
    assert not await links.maker_stands(second, clock())


async def test_a_maker_stands_until_midnight_in_tehran_after_the_last_day(people: Cast, clock: Clock) -> None:
    second = people["second"].id
    await end_mandate((await mandates.of_person(second))[0]["id"], people["head"], clock, today(clock, 1))
    token = await link(people["clerk"].id, RESET, people["head"], clock)
    assert await links.maker_stands(second, datetime(2026, 11, 2, 20, 29, tzinfo=UTC))
    assert not await links.maker_stands(second, datetime(2026, 11, 2, 20, 30, tzinfo=UTC))
    assert (await invitations.find(token, clock()))["maker_stands"], "another one made it"


async def test_what_a_leaver_made_is_void_and_what_others_made_stands(people: Cast, clock: Clock) -> None:
    head, second = people["head"], people["second"]
    mine = await link(people["clerk"].id, RESET, second, clock)
    lost = await restore(people["neighbour"].id, second, clock)
    others = await link(people["officer"].id, RESET, head, clock)
    async with Person._meta.db.transaction():
        await links.void_made_by(second.id, now=clock())
    found = [await invitations.find(token, clock()) for token in (mine, lost, others)]
    assert [each["used_at"] is None for each in found] == [False, False, True]
    assert await restorations.of_person(people["neighbour"].id) is None
    assert (await Restoration.select())[0]["outcome"] == "withdrawn"
