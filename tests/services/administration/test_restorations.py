"""A lost device: asked for by one person, agreed to by another, and its owner can object meanwhile."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import accounts, invitations, restorations
from portal.services.administration.accounts import NewAccount
from portal.services.administration.invitations import RESET
from portal.services.identity import mandates
from portal.tables.mandates import Restoration
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import (
    PASSWORD,
    agree,
    end_mandate,
    kinds,
    link,
    restore,
    signed_in,
    statements,
    waits,
)


async def test_what_is_begun_waits_and_names_who_asked_and_why(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    token = await restore(clerk, head, clock, "گوشی گم شد")
    row = await restorations.of_person(clerk)
    assert row is not None
    assert (row["beginner"], row["confirmer"], row["reason"]) == (head.full_name, None, "گوشی گم شد")
    found = await invitations.find(token, clock())
    assert (found["waits"], found["stands"], found["opens_at"]) == (True, False, None)
    assert (await statements(clerk))[-1]["intent"]["values"] == {"reason": "گوشی گم شد"}


async def test_none_is_begun_where_nothing_is_lost_or_its_owner_could_not_object(people: Cast, clock: Clock) -> None:
    head = people["head"]
    unentered = await accounts.open_by_machine(NewAccount("new", "نام", "بازرس", Role.AUDITOR), now=clock())
    reset, out = people["clerk"].id, people["neighbour"].id
    await invitations.accept(await link(reset, RESET, head, clock), password=PASSWORD, now=clock())
    await end_mandate((await mandates.of_person(out))[0]["id"], head, clock)
    for person, code in (
        (unentered, "nothing-lost"),
        (reset, "never-entered-since"),
        (out, "owner-out-of-office"),
        (head.id, "own-account"),
    ):
        with pytest.raises(Conflict, match=code):
            await restorations.approach(person, head, clock())
    with pytest.raises(Forbidden, match="role"):
        await restorations.approach(reset, people["officer"], clock())


async def test_who_has_proved_the_new_password_may_lose_a_device_again(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await invitations.accept(await link(clerk, RESET, head, clock), password=PASSWORD, now=clock())
    await signed_in(people["clerk"], clock)
    assert (await restorations.approach(clerk, head, clock())).id == str(clerk)


async def test_the_machines_holder_opens_one_at_once(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    token = await restorations.begin_by_machine(clerk, now=clock())
    assert (await invitations.find(token, clock()))["stands"]
    row = await restorations.of_person(clerk)
    assert row is not None
    assert (row["begun_by"], row["opens_at"]) == (None, clock())
    assert (await statements(clerk))[-1]["intent"]["values"] == {"by": "machine"}
    with pytest.raises(NotFound, match="account"):
        await restorations.begin_by_machine(uuid4(), now=clock())
    await accounts.close_by_machine(clerk, now=clock())
    with pytest.raises(Conflict, match="account-closed"):
        await restorations.begin_by_machine(clerk, now=clock())


async def test_it_grows_old_and_ends_with_the_office_of_its_owner(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await restore(clerk, people["head"], clock)
    [row] = await Restoration.select()
    await restorations.require_open(row["id"], clock() + invitations.GOOD_FOR - timedelta(seconds=1))
    with pytest.raises(Conflict, match="restoration-old"):
        await restorations.require_open(row["id"], clock() + invitations.GOOD_FOR)
    await mandates.end_all(clerk, by=None, now=clock())
    with pytest.raises(Conflict, match="owner-out-of-office"):
        await restorations.require_open(row["id"], clock())


async def test_its_owner_objects_once_and_is_told_so_again(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    with pytest.raises(NotFound, match="restoration"):
        await restorations.object_to(clerk, now=clock())
    token = await restore(clerk.id, people["head"], clock)
    [asked] = await waits(clerk.id, people["officer"], clock)
    await agree(asked.id, people["officer"], clock)
    assert await restorations.object_to(clerk, now=clock.tick())
    assert not await restorations.object_to(clerk, now=clock.tick())
    assert (await kinds(clerk.id)).count("RestorationObjected") == 1
    clock.tick(timedelta(days=2).total_seconds())
    with pytest.raises(NotFound, match="invitation"):
        await invitations.accept(token, password=PASSWORD, now=clock())
