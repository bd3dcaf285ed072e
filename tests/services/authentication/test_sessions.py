"""Logins as rows: found by their token's digest, as long as their role may, and ended at any time."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.lifecycle import Role
from portal.services.administration import accounts
from portal.services.authentication import factor_confirmations, sessions
from portal.services.identity import mandates
from portal.tables.people import Session
from portal.web import identity
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import half_way, half_way_as, signed_in

FIRST, SECOND = sessions.digest("first"), sessions.digest("second")
A_SECOND = timedelta(seconds=1)


async def begin(person: UUID, clock: Clock, token: bytes = FIRST) -> UUID:
    return await sessions.begin(person, token, address="192.0.2.1", agent="test", now=clock())


async def proved(people: Cast, username: str, clock: Clock) -> UUID:
    """The session of somebody behind SECOND, proved by the authenticator."""
    by = people[username]
    session = await begin(by.id, clock)
    [factor] = await factor_confirmations.of_person(by.id)
    await sessions.prove(session, SECOND, role=by.role, means="totp", factor=factor.id, now=clock())
    return session


async def test_only_the_digest_of_a_token_finds_a_session(people: Cast, clock: Clock) -> None:
    session = await begin(people["clerk"].id, clock)
    row = await sessions.standing(FIRST, clock())
    assert row is not None
    assert (row["session"], row["username"], row["proved_at"]) == (session, "clerk", None)
    assert await sessions.standing(SECOND, clock()) is None
    assert await sessions.standing(b"first", clock()) is None
    assert len({sessions.new_token() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("username", "idle", "absolute"),
    [("clerk", timedelta(minutes=30), timedelta(hours=12)), ("head", timedelta(minutes=15), timedelta(hours=8))],
)
async def test_a_proved_session_lasts_as_its_role_may(
    people: Cast, clock: Clock, username: str, idle: timedelta, absolute: timedelta
) -> None:
    await proved(people, username, clock)
    began = clock()
    assert await sessions.standing(SECOND, began + idle + A_SECOND) is None
    while clock() + idle < began + absolute:
        clock.tick(idle.total_seconds())
        assert await sessions.standing(SECOND, clock()), "whoever is seen goes on"
    assert await sessions.standing(SECOND, began + absolute - A_SECOND)
    assert await sessions.standing(SECOND, began + absolute) is None
    assert sessions.limits(people[username].role) == sessions.Limits(idle, absolute)


async def test_half_way_it_waits_for_an_hour(people: Cast, clock: Clock) -> None:
    await begin(people["clerk"].id, clock)
    clock.tick(29 * 60)
    assert await sessions.standing(FIRST, clock())
    clock.tick(29 * 60)
    assert await sessions.standing(FIRST, clock())
    clock.tick(2 * 60)
    assert await sessions.standing(FIRST, clock()) is None


async def test_that_somebody_is_there_is_written_once_a_minute(people: Cast, clock: Clock) -> None:
    session, began = await proved(people, "clerk", clock), clock()

    async def seen() -> object:
        row = await Session.select(Session.seen_at).where(Session.id == session).first()
        return row and row["seen_at"]

    await sessions.standing(SECOND, clock.tick(60))
    assert await seen() == began
    await sessions.standing(SECOND, clock.tick(1))
    assert await seen() == clock()


async def test_the_second_step_changes_the_token_and_revives_no_ended_session(people: Cast, clock: Clock) -> None:
    session = await proved(people, "clerk", clock)
    assert await sessions.standing(FIRST, clock()) is None
    await sessions.rotate_token(session, sessions.digest("third"))
    assert await sessions.standing(SECOND, clock()) is None
    row = await sessions.standing(sessions.digest("third"), clock())
    assert row is not None
    assert row["proved_at"] == clock()
    await sessions.end(session, now=clock())
    await sessions.prove(session, FIRST, role=Role.MUNICIPALITY, means="totp", factor=None, now=clock())
    assert await sessions.owner(FIRST, clock()) is None, "it is found by that token neither standing nor ended"


async def test_a_proved_session_ends_with_the_mandate_and_one_half_way_waits(people: Cast, clock: Clock) -> None:
    await proved(people, "clerk", clock)
    await begin(people["clerk"].id, clock)
    await mandates.end_all(people["clerk"].id, by=None, now=clock())
    assert await sessions.standing(SECOND, clock()) is None
    row = await sessions.standing(FIRST, clock())
    assert row is not None
    assert (row["mandate"], row["role"], row["confirmed"]) == (None, "municipality", False)


async def test_a_session_signs_with_what_proved_it(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    assert (await signed_in(clerk, clock)).confirmed
    session = await proved(people, "clerk", clock)
    await sessions.prove_again(session, means="totp", factor=uuid4())
    row = await sessions.standing(SECOND, clock())
    assert row is not None
    assert not row["confirmed"], "nobody has heard that one"


async def test_whose_session_it_was_is_known_for_a_day(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await begin(people["officer"].id, clock, sessions.digest("half way"))
    assert await sessions.owner(sessions.digest("half way"), clock()) is None, "it was never proved"
    session = await proved(people, "clerk", clock)
    await sessions.end(session, now=clock())
    late = clock() + sessions.OFFICIALS.absolute + timedelta(days=1)
    assert await sessions.owner(SECOND, late - A_SECOND) == clerk
    assert await sessions.owner(SECOND, late) is None
    await accounts.close_by_machine(clerk, now=clock())
    assert await sessions.owner(SECOND, clock()) is None


async def test_a_second_step_since_an_instant_is_remembered(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    assert await sessions.proved_since(clerk, None)
    await half_way(clerk, clock)
    assert not await sessions.proved_since(clerk, clock())
    await signed_in(people["clerk"], clock)
    assert await sessions.proved_since(clerk, clock())
    assert not await sessions.proved_since(clerk, clock() + A_SECOND)


async def test_sessions_are_listed_the_last_seen_first_and_ended_but_for_one(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    idle = await begin(clerk, clock)
    clock.tick(20 * 60)
    older, newer = [await begin(clerk, clock, sessions.digest(each)) for each in ("older", "newer")]
    await sessions.standing(sessions.digest("newer"), clock.tick(11 * 60))
    assert [row["id"] for row in await sessions.of_person(clerk, clock())] == [newer, older], "one is idle"
    assert await sessions.belongs(idle, clerk)
    assert not await sessions.belongs(idle, people["officer"].id)
    await sessions.end_all(clerk, but=older, now=clock())
    assert [row["id"] for row in await sessions.of_person(clerk, clock())] == [older]
    await sessions.end_all(clerk, now=clock())
    assert await sessions.of_person(clerk, clock()) == []


async def test_what_a_browser_says_of_itself_is_cut_to_its_column(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"].id
    await sessions.begin(clerk, FIRST, address="a" * 65, agent="b" * 201, now=clock())
    [row] = await sessions.of_person(clerk, clock())
    assert (row["address"], row["agent"]) == ("a" * 64, "b" * 200)


async def test_an_idle_or_old_session_ends(people: Cast, clock: Clock) -> None:
    token, _ = await half_way_as("clerk", clock)
    clock.tick(29 * 60)
    assert await identity.find(token, clock())
    clock.tick(31 * 60)
    assert await identity.find(token, clock()) is None


async def test_a_session_ends_with_its_account(people: Cast, clock: Clock) -> None:
    token, by = await half_way_as("clerk", clock)
    await accounts.close_by_machine(by.id, now=clock())
    assert await identity.find(token, clock()) is None
