"""What a municipality may send within a day: reserved, counted, given back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta

import pytest

from portal.domain import persian
from portal.domain.errors import TooMany
from portal.services.cases import cases
from portal.services.documents import intake, uploads
from portal.services.documents.intake import STEP, IntakeLimits
from portal.tables.uploads import IntakeDay, Upload
from tests.world.cast import TOWN, Cast
from tests.world.clock import Clock
from tests.world.uploads import announced, begun


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    intake.allow(IntakeLimits())


async def counted() -> tuple[int, int]:
    row = await IntakeDay.select().where(IntakeDay.municipality == TOWN).first()
    return (row["documents"], row["size"]) if row else (0, 0)


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for each in sizes:
        yield bytes(each)


async def test_of_those_that_come_at_once_none_slips_past(people: Cast, clock: Clock) -> None:
    intake.allow(IntakeLimits(documents=3))
    tries = [intake.reserve(people["clerk"], 10, clock()) for _ in range(8)]
    refused = [each for each in await asyncio.gather(*tries, return_exceptions=True) if each is not None]
    assert [type(each) for each in refused] == [TooMany] * 5
    assert await counted() == (3, 30)


async def test_a_refusal_says_what_is_full_and_until_when(people: Cast, clock: Clock) -> None:
    intake.allow(IntakeLimits(documents=1, size=100))
    with pytest.raises(TooMany) as large:
        await intake.reserve(people["clerk"], 101, clock())
    assert (large.value.code, large.value.facts["size"]) == ("intake-size", 100)
    await intake.reserve(people["clerk"], 100, clock())
    with pytest.raises(TooMany) as full:
        await intake.reserve(people["clerk"], 0, clock())
    assert (full.value.code, full.value.facts["documents"]) == ("intake-documents", 1)
    tomorrow = full.value.facts["until"]
    assert tomorrow.astimezone(persian.TEHRAN).hour == 0
    assert full.value.facts["seconds"] == (tomorrow - clock()).total_seconds()
    await intake.reserve(people["clerk"], 1, tomorrow)
    await intake.reserve(people["neighbour"], 1, clock())


async def test_what_never_came_is_given_back(people: Cast, clock: Clock) -> None:
    by, day = people["clerk"], persian.tehran_date(clock())
    await intake.reserve(by, 100, clock())
    await intake.give_back(by.municipality, 30, day)
    assert await counted() == (1, 70)
    await intake.give_back(by.municipality, 300, day)
    assert await counted() == (1, 0), "never below nothing"


async def test_of_an_upload_only_what_came_counts(people: Cast, clock: Clock) -> None:
    upload = await begun(people["clerk"], 1000, clock)
    await Upload.update({Upload.received: 400}).where(Upload.id == upload)
    await intake.give_back_rest(upload, clock())
    assert await counted() == (1, 400)


@pytest.mark.parametrize("announced", [None, 3000])
async def test_bytes_are_counted_before_they_are_handed_on(people: Cast, clock: Clock, announced: int | None) -> None:
    by = people["clerk"]
    async with aclosing(intake.counted(chunks(1000, 1500), announced, by=by, now=clock())) as file:
        assert len(await anext(file)) == 1000
        assert await counted() == (1, announced or STEP)
        assert len(await anext(file)) == 1500
    assert await counted() == (1, 2500)


async def test_more_than_was_announced_is_reserved_anew(people: Cast, clock: Clock) -> None:
    intake.allow(IntakeLimits(size=STEP + 1000))
    with pytest.raises(TooMany):
        async for _ in intake.counted(chunks(1000, 1, STEP), 1000, by=people["clerk"], now=clock()):
            pass
    assert (await counted())[0] == 1, "one file, however often more is reserved"


async def test_uploads_on_their_way_have_a_limit(people: Cast, clock: Clock) -> None:
    by = people["clerk"]
    number = await cases.open_case(by=by, now=clock())
    file = announced(1000)
    intake.allow(IntakeLimits(uploads=1))
    await uploads.begin(number, file, by=by, limit=1000, now=clock())
    with pytest.raises(TooMany) as hanging:
        await uploads.begin(number, file, by=by, limit=1000, now=clock())
    assert (hanging.value.code, hanging.value.facts["most"]) == ("intake-uploads", 1)
    assert await counted() == (1, 1000), "the one that was refused is not counted"


async def test_days_long_past_are_forgotten(people: Cast, clock: Clock) -> None:
    await intake.reserve(people["clerk"], 1, clock())
    await intake.forget(clock() + timedelta(days=31))
    assert await counted() == (1, 1)
    await intake.forget(clock() + timedelta(days=32))
    assert await counted() == (0, 0)
