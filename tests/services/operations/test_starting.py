"""What a node asks of its database before it serves, and how long it listens while somebody is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from portal import piccolo_conf
from portal.domain.lifecycle import Role
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.journal import keys
from portal.services.operations import starting
from portal.services.operations.starting import Start
from portal.services.rulesets import versions
from portal.settings import Settings
from portal.storage.calls import StoreUnavailable
from portal.tables.events import Event
from portal.variables import SettingsError
from tests.world.cast import password_hash
from tests.world.clock import Clock
from tests.world.databases import run

# What waiting would not mend.


async def test_a_database_that_is_ready_is_changed_by_no_start(engine: Settings, clock: Clock) -> None:
    before = await Event.count()
    for _ in "12":
        await starting.prepare(engine, now=clock.tick(1))
    assert (await Event.count(), len(await versions.published())) == (before, 1)


async def test_a_database_that_lacks_a_migration_is_refused(engine: Settings, clock: Clock) -> None:
    newest = "DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)"
    await run(str(engine.migration_database_url), newest)
    with pytest.raises(SettingsError, match="portal migrate"):
        await starting.prepare(engine, now=clock())


async def test_production_does_not_start_on_the_accounts_of_the_demo(engine: Settings, clock: Clock) -> None:
    new = NewAccount(starting.DEMO_USERNAME, "نام", "سمت", Role.AUDITOR)
    await demo.open_account(new, password_hash=await password_hash(), now=clock())
    with pytest.raises(SettingsError, match="demo's accounts"):
        await starting.prepare(engine, now=clock())
    await starting.prepare(replace(engine, demo=True), now=clock())


@pytest.mark.parametrize("held", [(), ("B" * 43 + "=",)], ids=["none", "another"])
async def test_without_the_journals_key_in_force_no_node_starts(
    engine: Settings, clock: Clock, held: tuple[str, ...]
) -> None:
    keys.sign_with(held)
    with pytest.raises(SettingsError, match="lacks the journal's key in force"):
        await starting.prepare(engine, now=clock())


async def test_a_refused_password_and_a_database_that_is_not_there_are_told_apart(
    fresh: Settings, clock: Clock
) -> None:
    url = str(fresh.database_url)
    address = url.rpartition("@")[2]
    said = {f"postgresql://portal:wrong@{address}": "refuses the role or password", f"{url}-nowhere": "is not there"}
    for wrong, sentence in said.items():
        piccolo_conf.aim(wrong)
        with pytest.raises(SettingsError, match=sentence):
            await starting.prepare(fresh, now=clock())


# Waiting.


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "PAUSE", 0.01)
    monkeypatch.setattr(starting, "LISTEN_WITHIN", 0.1)


def failing(*errors: Exception) -> Callable[[], Awaitable[None]]:
    """A beginning that fails with each of `errors` in turn, and then no more."""
    left = list(errors)

    async def begin() -> None:
        if left:
            raise left.pop(0)

    return begin


async def over(start: Start) -> None:
    async with asyncio.timeout(10):
        while not start.is_over:
            await asyncio.sleep(0.01)


async def test_a_start_that_nothing_hinders_is_over_at_once() -> None:
    async with Start(failing()) as start:
        assert start.is_over


async def test_who_is_away_is_waited_for_and_named() -> None:
    waited = [ConnectionRefusedError(), StoreUnavailable("away"), TimeoutError()]
    async with Start(failing(*waited)) as start:
        assert not start.is_over
        await over(start)
        assert start.waits_for == "database", "the last one that was away"


async def test_a_node_listens_before_a_slow_start_is_over() -> None:
    free = asyncio.Event()

    async def begin() -> None:
        await free.wait()

    async with Start(begin) as start:
        assert not start.is_over
        free.set()
        await over(start)


async def test_what_waiting_would_not_mend_ends_the_start_if_it_is_known_at_once() -> None:
    with pytest.raises(SettingsError, match="not set"):
        async with Start(failing(SettingsError("not set"))):
            raise AssertionError("it has begun")


async def test_what_is_known_later_is_said_once_and_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with Start(failing(OSError(), SettingsError("migrate"), SettingsError("migrate"))) as start:
            await over(start)
    assert [each.getMessage() for each in caplog.records] == ["migrate"]


async def test_nobody_is_asked_any_more_once_the_process_ends() -> None:
    asked = 0

    async def begin() -> None:
        nonlocal asked
        asked += 1
        raise ConnectionRefusedError

    async with asyncio.timeout(10), Start(begin):
        await asyncio.sleep(0.1)
    ended = asked
    await asyncio.sleep(0.1)
    assert asked == ended > 1


def test_who_is_away_is_told_in_one_line() -> None:
    said = "The store does not answer (StoreUnavailable: refused)"
    assert str(starting.away("store", StoreUnavailable(" refused\n"))) == said
    assert str(starting.away("database", TimeoutError())).endswith("(TimeoutError: nothing in time)")
