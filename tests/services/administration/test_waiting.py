"""What waits for the second person: for which office, for whom in it, and in which order."""

from uuid import uuid4

import pytest

from portal.domain.approvals import Office, Waiting
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Role
from portal.services.administration import accounts, waiting
from portal.services.authentication import factor_confirmations
from portal.services.identity import mandates
from portal.services.identity.identity import Identity
from portal.web.identity import find
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.services import (
    add_passkey,
    auditor,
    end_mandate,
    grant,
    half_way_as,
    restore,
    session_of,
    signed_in,
    waits,
)


async def said(by: Identity, clock: Clock, *, whole: bool = True) -> int:
    """How much waits for `by`, as the top bar of a page says it."""
    login = await find(await session_of(by, clock), clock(), whole=whole)
    assert login is not None
    return login.approvals


async def test_each_office_sees_what_it_agrees_to_the_longest_waiting_first(people: Cast, clock: Clock) -> None:
    for username in ("neighbour", "clerk", "abroad"):
        await restore(people[username].id, people["head"], clock)
    seen = {each: await waiting.of_office(people[each], clock()) for each in ("officer", "stranger", "examiner")}
    assert [each.username for each in seen["officer"]] == ["neighbour", "clerk"]
    assert [each.username for each in seen["stranger"]] == ["abroad"]
    assert seen["examiner"] == []
    first = seen["officer"][0]
    assert (first.kind, first.approver) == (Waiting.RESTORATION, Office(Role.GOVERNORATE, None, TOWN[:2]))
    assert (first.asked_by, first.asker, first.titles) == (people["head"].id, "مدیر", ("کارشناس برنامه",))
    assert [each.username for each in await waiting.of_office(people["officer"], clock(), skip=1)] == ["clerk"]


async def test_what_one_asked_for_is_seen_and_left_to_a_colleague(people: Cast, clock: Clock) -> None:
    clerk, head = people["clerk"].id, people["head"]
    await end_mandate((await mandates.of_person(clerk))[0]["id"], head, clock)
    await grant(clerk, auditor(clock), head, clock)
    [asked] = await waits(clerk, head, clock)
    assert (asked.is_for(head), asked.is_for(people["second"]), asked.is_left(clerk)) == (False, True, False)
    assert [await said(people[each], clock) for each in ("head", "second", "officer")] == [0, 1, 0]
    assert not asked.is_for(people["auditor"])


async def test_the_number_in_the_top_bar_is_that_of_what_one_may_approve(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await end_mandate((await mandates.of_person(clerk))[0]["id"], people["head"], clock)
    await grant(clerk, auditor(clock), people["head"], clock)
    for username in ("neighbour", "abroad", "colleague"):
        await restore(people[username].id, people["head"], clock)
    for each in (people[name] for name in people if name != "clerk"):
        asked = await waiting.of_office(each, clock())
        assert await said(each, clock) == sum(one.is_for(each) for one in asked), each.username
    assert await said(people["officer"], clock) == 1
    assert await said(people["officer"], clock, whole=False) == 0


async def test_nothing_is_said_to_who_is_half_way_or_whom_nobody_has_confirmed(people: Cast, clock: Clock) -> None:
    await restore(people["clerk"].id, people["head"], clock)
    token, _ = await half_way_as("officer", clock)
    login = await find(token, clock(), whole=True)
    assert login is not None
    assert (login.proved, login.approvals) == (False, 0)
    await factor_confirmations.revoke(people["officer"].id, now=clock())
    assert await said(people["officer"], clock) == 0


async def test_an_approval_is_found_by_its_office_alone(people: Cast, clock: Clock) -> None:
    await restore(people["abroad"].id, people["head"], clock)
    [asked] = await waits(people["abroad"].id, people["stranger"], clock)
    assert await waiting.find(asked.id, people["stranger"], clock()) == asked
    for approval, username in ((asked.id, "officer"), (asked.id, "head"), (uuid4(), "stranger")):
        with pytest.raises(NotFound, match="approval"):
            await waiting.find(approval, people[username], clock())


async def test_every_factor_waits_by_itself_beside_the_others(people: Cast, clock: Clock) -> None:
    officer = people["officer"]
    await factor_confirmations.revoke(officer.id, now=clock())
    passkey, _ = await add_passkey(await signed_in(officer, clock), clock)
    by_id = {each.id: each for each in await waits(officer.id, people["examiner"], clock)}
    assert sorted(str(each.factor) for each in by_id.values()) == ["passkey", "totp"]
    [other] = await waiting.beside(by_id[passkey], people["examiner"], clock())
    assert (other.factor, other.person) == ("totp", officer.id)
    await restore(people["clerk"].id, people["head"], clock)
    [asked] = await waits(people["clerk"].id, people["colleague"], clock)
    assert await waiting.beside(asked, people["colleague"], clock()) == []


async def test_members_of_an_office_are_those_of_today_who_can_sign(people: Cast, clock: Clock) -> None:
    officer, colleague = people["officer"].id, people["colleague"].id
    assert await waiting.members(people["officer"], clock()) == {officer, colleague}
    await factor_confirmations.revoke(colleague, now=clock())
    assert await waiting.members(people["officer"], clock()) == {officer}
    await accounts.close_by_machine(officer, now=clock())
    assert await waiting.members(people["officer"], clock()) == set()
    assert await waiting.members(people["stranger"], clock()) == {people["stranger"].id}


async def test_what_concerns_a_closed_account_waits_no_more(people: Cast, clock: Clock) -> None:
    await restore(people["clerk"].id, people["head"], clock)
    assert await said(people["officer"], clock) == 1
    await accounts.close_by_machine(people["clerk"].id, now=clock())
    assert await said(people["officer"], clock) == 0
    assert await waiting.of_office(people["officer"], clock()) == []
