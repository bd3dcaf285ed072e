"""Work that returns: by one node at a time, not sooner than it is due, and whatever another job does."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.services.operations import jobs
from portal.services.operations.jobs import Job
from portal.services.operations.starting import Start
from portal.storage.objects import ObjectStore
from portal.tables.jobs import PeriodicJob
from tests.world.clock import Clock

OFTEN = timedelta(0)


def noted(done: list[str], name: str, **more: Any) -> Job:
    async def run(_: ObjectStore, now: datetime) -> None:
        done.append(name)

    return Job(name, run, **more)


async def row(name: str) -> dict[str, Any]:
    found = await PeriodicJob.select().where(PeriodicJob.name == name).first()
    assert found is not None
    return found


async def test_a_job_is_run_when_it_is_due_and_not_before(engine: object, store: ObjectStore, clock: Clock) -> None:
    done: list[str] = []
    both = noted(done, "seldom"), noted(done, "often", every=OFTEN)
    assert await jobs.run_due(both, store, clock) == ["seldom", "often"]
    assert await jobs.run_due(both, store, clock) == ["often"]
    await PeriodicJob.update({PeriodicJob.begun_at: (await row("seldom"))["begun_at"] - timedelta(hours=1)}, force=True)
    assert await jobs.run_due(both[:1], store, clock) == ["seldom"]
    assert done == ["seldom", "often", "often", "seldom"]


async def test_one_node_at_a_time_has_a_job(engine: object, store: ObjectStore, clock: Clock) -> None:
    there, go, begun = asyncio.Event(), asyncio.Event(), 0

    async def run(*_: object) -> None:
        nonlocal begun
        begun += 1
        there.set()
        await go.wait()

    slow = Job("slow", run, every=OFTEN)
    first = asyncio.create_task(jobs.run_due([slow], store, clock))
    await there.wait()
    others = await asyncio.gather(*(jobs.run_due([slow], store, clock) for _ in range(5)))
    go.set()
    assert (others, await first, begun) == ([[]] * 5, ["slow"], 1)


async def test_of_many_who_ask_at_once_one_gets_it(engine: object, store: ObjectStore, clock: Clock) -> None:
    done: list[str] = []
    await asyncio.gather(*(jobs.run_due([noted(done, "one")], store, clock) for _ in range(8)))
    assert done == ["one"]


async def test_a_node_that_died_loses_its_job_in_time(engine: object, store: ObjectStore, clock: Clock) -> None:
    done: list[str] = []
    job = noted(done, "left", every=OFTEN)
    await PeriodicJob.raw(jobs._TAKE, job.name, timedelta(seconds=-1), job.every)  # never ended, its time is over
    assert await jobs.run_due([job], store, clock) == ["left"]


async def test_a_failure_is_recorded_and_keeps_nobody_from_a_turn(
    engine: object, store: ObjectStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def fail(*_: object) -> None:
        raise ValueError("no such day")

    bad = Job("bad", fail, every=OFTEN)
    with caplog.at_level(logging.ERROR):
        assert await jobs.run_due([bad, noted(done, "good")], store, clock) == ["bad", "good"]
    assert done == ["good"]
    assert (await row("bad"))["failure"] == "ValueError: no such day"
    assert "bad" in caplog.text
    await jobs.run_due([noted(done, "bad", every=OFTEN)], store, clock)
    assert (await row("bad"))["failure"] is None


async def test_a_job_that_takes_too_long_is_cut_off(engine: object, store: ObjectStore, clock: Clock) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    await jobs.run_due([Job("hangs", hang, within=timedelta(milliseconds=50))], store, clock)
    assert (await row("hangs"))["failure"] == "TimeoutError"


async def test_every_registered_job_runs_on_a_living_portal(engine: object, store: ObjectStore, clock: Clock) -> None:
    assert await jobs.run_due(jobs.JOBS, store, clock) == [each.name for each in jobs.JOBS]
    assert [each["failure"] for each in await PeriodicJob.select()] == [None] * len(jobs.JOBS)


async def test_a_node_runs_them_by_itself_once_it_has_started(
    engine: object, store: ObjectStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(jobs, "PAUSE", 0.01)
    monkeypatch.setattr(jobs, "JOBS", (noted(done, "own"),))
    start = Start(begin=lambda: asyncio.sleep(0))
    async with jobs.running(start, store, clock):
        await asyncio.sleep(0.2)
        assert done == []
        async with start:
            while not done:
                await asyncio.sleep(0.01)
