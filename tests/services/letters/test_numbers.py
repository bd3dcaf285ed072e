"""Numbers of letters: two hundred at once are consecutive and distinct, and a failed signature leaves no gap."""

import asyncio

from portal.services.letters import numbers
from portal.tables.acts import LetterNumber
from tests.world.builders import Builder


class Failed(Exception):
    pass


async def _signature(n: int, given: list[int]) -> None:
    async with LetterNumber._meta.db.transaction():
        number = await numbers.take(1405)
        await asyncio.sleep(0.001 * (n % 3))
        if n % 7 == 0:
            raise Failed
        given.append(number)


async def test_two_hundred_at_once_are_consecutive_though_some_fail(builder: Builder) -> None:
    given: list[int] = []
    turns = asyncio.Semaphore(8)

    async def one(n: int) -> None:
        async with turns:
            await _signature(n, given)

    ended = await asyncio.gather(*(one(n) for n in range(233)), return_exceptions=True)
    failed = sum(isinstance(each, Failed) for each in ended)
    assert [each for each in ended if each is not None and not isinstance(each, Failed)] == []
    assert (failed, sorted(given)) == (34, list(range(1, 200)))


async def test_each_year_begins_anew(builder: Builder) -> None:
    assert [await numbers.take(year) for year in (1405, 1405, 1406, 1405)] == [1, 2, 1, 3]
