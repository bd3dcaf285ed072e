"""Seals come after the signature, by themselves, once, each as an event; until then a letter is as it was signed."""

import asyncio
import hashlib
import json
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.domain.events import EventKind
from portal.domain.lifecycle import State
from portal.domain.seals import SealState, state_of
from portal.seal_settings import SealFile, SealSettings
from portal.services.letters import notices, seals
from portal.services.letters.seals import Unsealed
from portal.services.operations import jobs
from portal.settings import Settings
from portal.tables.acts import LetterSeal
from portal.tables.events import Event
from portal.tables.jobs import PeriodicJob
from tests.world import seals as world
from tests.world import time_stamps
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.seals import attempt_elsewhere
from tests.world.time_stamps import Authority, Peer, serving


@pytest.fixture(autouse=True)
def _no_seal_afterwards() -> Iterator[None]:
    yield
    seals.seal_with(None)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return time_stamps.made(tmp_path)


async def letter(number: str) -> tuple[dict[str, Any], seals.Form]:
    notice = await notices.of_case((await case_of(number))["id"])
    return notice, await seals.current(notice)


async def sealed_events(number: str) -> list[dict[str, Any]]:
    about = (Event.subject == number) & (Event.kind == EventKind.LETTER_SEALED)
    rows = await Event.select(Event.position, Event.statement).where(about).order_by(Event.position)
    return [{"position": row["position"], **json.loads(row["statement"])} for row in rows]


async def attempt(builder: Builder, number: str) -> None:
    await seals.attempt(number, store=builder.store, now=builder.clock.tick())


async def due(builder: Builder) -> None:
    await seals.seal_due(store=builder.store, now=builder.clock.tick())


@pytest.mark.parametrize(
    ("is_stamped", "seals_here", "stamps", "state"),
    [
        (None, False, False, SealState.NONE),
        (None, True, False, SealState.PENDING),
        (None, True, True, SealState.PENDING),
        (False, True, False, SealState.SEALED),
        (False, True, True, SealState.STAMP_PENDING),
        (False, False, False, SealState.SEALED),
        (True, True, True, SealState.STAMPED),
        (True, False, False, SealState.STAMPED),
    ],
)
def test_what_is_there_says_how_far_it_is(
    is_stamped: bool | None, seals_here: bool, stamps: bool, state: SealState
) -> None:
    assert state_of(is_stamped, seals=seals_here, stamps=stamps) is state


async def test_without_a_seal_letters_stay_as_they_were_signed(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    await attempt(builder, number)
    await due(builder)
    notice, form = await letter(number)
    assert seals.state(form) is SealState.NONE
    assert (form.key, form.sha256, form.is_stamped) == (notice["key"], notice["sha256"], None)
    assert not await LetterSeal.exists()


async def test_a_seal_is_an_event_that_nobody_signs_and_a_form_of_the_letter(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    seals.seal_with(world.UNSTAMPED)
    notice, before = await letter(number)
    assert seals.state(before) is SealState.PENDING
    await attempt(builder, number)
    _, form = await letter(number)
    assert seals.state(form) is SealState.SEALED
    data = await builder.store.get_bytes(form.key)
    assert data.startswith(await builder.store.get_bytes(notice["key"]))
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (form.sha256, form.size)
    (event,) = await sealed_events(number)
    assert event["intent"]["signer"] == {}
    assert event["record"]["factor"] is None
    assert event["intent"]["values"] == {
        "letter": notice["number"],
        "behind": notice["sha256"],
        "sha256": form.sha256,
        "size": form.size,
        "is_stamped": False,
    }
    row = await LetterSeal.select().first()
    assert row is not None
    assert (row["event"], row["at"], row["notice"]) == (event["position"], form.at, notice["id"])


async def test_many_at_once_make_one_seal(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    folder = (await letter(number))[1].key.rpartition("/")[0]
    before = {each.key for each in await builder.store.listing(folder)}
    seals.seal_with(world.UNSTAMPED)
    await asyncio.gather(*(attempt(builder, number) for _ in range(3)), due(builder))
    await due(builder)
    assert len(await sealed_events(number)) == await LetterSeal.count() == 1
    _, form = await letter(number)
    kept = {each.key for each in await builder.store.listing(folder)}
    assert kept - before == {form.key}, "what came too late is removed"


async def test_one_letter_that_cannot_be_sealed_holds_no_other(
    builder: Builder, caplog: pytest.LogCaptureFixture
) -> None:
    first = await builder.case(State.NOTIFIED)
    second = await builder.case(State.NOTIFIED, clerk="neighbour")
    notice, _ = await letter(first)
    await builder.store.remove(notice["key"])
    seals.seal_with(world.UNSTAMPED)
    with caplog.at_level(logging.WARNING), pytest.raises(Unsealed, match="1 letters wait"):
        await due(builder)
    assert "Missing" in caplog.text
    assert seals.state((await letter(first))[1]) is SealState.PENDING
    assert seals.state((await letter(second))[1]) is SealState.SEALED


async def test_other_bytes_than_those_signed_are_never_sealed(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    notice, _ = await letter(number)
    await builder.store.put_bytes(notice["key"], world.LETTER)
    seals.seal_with(world.UNSTAMPED)
    with pytest.raises(Unsealed, match="something else than was signed"):
        await due(builder)
    assert not await LetterSeal.exists()


async def test_a_key_that_fails_leaves_the_letter_pending_and_the_job_says_why(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    wrong = SealSettings(SealFile(world.SEAL.data, "wrong"), (), None)
    seals.seal_with(wrong)
    await attempt(builder, number)
    assert await jobs.run_due(jobs.JOBS, builder.store, builder.clock) != []
    row = await PeriodicJob.select().where(PeriodicJob.name == "seal-letters").first()
    assert row is not None
    assert "1 letters wait" in row["failure"]
    assert seals.state((await letter(number))[1]) is SealState.PENDING
    seals.seal_with(world.UNSTAMPED)
    await due(builder)
    assert seals.state((await letter(number))[1]) is SealState.SEALED


async def test_with_an_authority_seal_and_stamp_are_one_event(builder: Builder, authority: Authority) -> None:
    number = await builder.case(State.NOTIFIED)
    with serving(lambda query: (200, authority.reply(query))) as peer:
        seals.seal_with(world.stamping(authority, peer.address))
        await attempt(builder, number)
    _, form = await letter(number)
    assert seals.state(form) is SealState.STAMPED
    (event,) = await sealed_events(number)
    assert event["intent"]["values"]["is_stamped"] is True


async def test_a_stamp_that_is_missing_is_made_later(builder: Builder, authority: Authority) -> None:
    number = await builder.case(State.NOTIFIED)
    with serving(lambda _: (503, b"")) as peer:
        seals.seal_with(world.stamping(authority, peer.address))
        await attempt(builder, number)
        _, earlier = await letter(number)
        assert seals.state(earlier) is SealState.STAMP_PENDING
        with pytest.raises(Unsealed):
            await due(builder)
        assert (await letter(number))[1] == earlier, "nothing new was made of it"
        peer.answer = lambda query: (200, authority.reply(query))
        await due(builder)
        await due(builder)
    _, form = await letter(number)
    assert seals.state(form) is SealState.STAMPED
    data = await builder.store.get_bytes(form.key)
    assert data.startswith(await builder.store.get_bytes(earlier.key))
    said = [each["intent"]["values"] for each in await sealed_events(number)]
    assert [each["is_stamped"] for each in said] == [False, True]
    assert [each["behind"] for each in said] == [(await letter(number))[0]["sha256"], earlier.sha256]


async def test_an_authority_that_is_away_is_asked_once_a_turn(builder: Builder, authority: Authority) -> None:
    for clerk in ("clerk", "neighbour"):
        await builder.case(State.NOTIFIED, clerk=clerk)
    with serving(lambda _: (503, b"")) as peer:
        seals.seal_with(world.stamping(authority, peer.address))
        with pytest.raises(Unsealed):
            await due(builder)
        assert len(peer.taken) == 1
        with pytest.raises(Unsealed, match="2 letters wait"):
            await due(builder)
        assert len(peer.taken) == 2
    assert [row["is_stamped"] for row in await LetterSeal.select()] == [False, False]


async def test_a_portal_killed_before_the_seal_leaves_it_pending_and_it_comes_by_itself(
    builder: Builder, engine: Settings, authority: Authority
) -> None:
    number = await builder.case(State.NOTIFIED)

    def silent(_: bytes) -> tuple[int, bytes]:
        time.sleep(2)
        return 503, b""

    with serving(silent) as peer:
        settings = replace(engine, seal=world.stamping(authority, peer.address))
        other = multiprocessing.get_context("spawn").Process(
            target=attempt_elsewhere, args=(settings, number, builder.clock())
        )
        other.start()
        await _until_asked(peer)
        assert other.pid is not None
        os.kill(other.pid, signal.SIGKILL)
        other.join()
    seals.seal_with(world.UNSTAMPED)
    assert seals.state((await letter(number))[1]) is SealState.PENDING
    assert "seal-letters" in await jobs.run_due(jobs.JOBS, builder.store, builder.clock)
    assert seals.state((await letter(number))[1]) is SealState.SEALED
    assert len(await sealed_events(number)) == 1


async def _until_asked(peer: Peer) -> None:
    async with asyncio.timeout(60):
        while not peer.taken:
            await asyncio.sleep(0.05)


async def test_what_takes_too_long_is_given_up(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token's driver can hang for ever: the letter waits, and the others have their turn."""
    number = await builder.case(State.NOTIFIED)
    seals.seal_with(world.UNSTAMPED)
    monkeypatch.setattr(seals, "WITHIN", 0.0)
    with pytest.raises(Unsealed, match="TimeoutError"):
        await due(builder)
    assert seals.state((await letter(number))[1]) is SealState.PENDING
