"""The access log: one line a reading, seen by the case's own town and the auditor."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from portal.domain.errors import Forbidden, NotFound
from portal.services.cases import access_log, cases
from portal.services.identity.identity import Identity
from portal.tables.readings import Reading
from tests.world.builders import Builder


async def read(builder: Builder, number: str, by: str | Identity = "clerk", subject: str = "a", name: str = "") -> None:
    who = builder.people[by] if isinstance(by, str) else by
    await access_log.note(
        "document", "opened", by=who, subject=subject, number=number, name=name, now=builder.clock.tick(1)
    )


async def lines() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await Reading.select().order_by(Reading.id)
    return rows


async def test_one_file_read_on_from_one_address_is_one_line_for_ten_minutes(builder: Builder) -> None:
    here = replace(builder.people["clerk"], address="192.0.2.1")
    await read(builder, "1405-00001", here)
    await read(builder, "1405-00001", here)
    await read(builder, "1405-00001", replace(here, address="192.0.2.2"))
    await read(builder, "1405-00001", here, subject="b")
    assert [(row["address"], row["subject"]) for row in await lines()] == [
        ("192.0.2.1", "a"),
        ("192.0.2.2", "a"),
        ("192.0.2.1", "b"),
    ]
    builder.clock.tick(access_log.AGAIN_AFTER / timedelta(seconds=1))
    await read(builder, "1405-00001", here)
    assert len(await lines()) == 4


async def test_of_pages_fetched_at_once_the_first_leaves_the_line(builder: Builder) -> None:
    by, now = builder.people["clerk"], builder.clock()
    await asyncio.gather(*(Reading.raw("SELECT pg_sleep(0.2)") for _ in range(10)))  # so many connections are open
    for each in range(20):
        about = partial(access_log.note, "document", "opened", by=by, subject=str(each), number="1405-00001", now=now)
        await asyncio.gather(*(about() for _ in range(10)))
        assert len(await lines()) == each + 1


async def test_who_only_asks_whether_it_is_there_leaves_no_line(builder: Builder) -> None:
    with access_log.nobody_reads():
        await read(builder, "1405-00001")
    assert await lines() == []
    await read(builder, "1405-00001")
    assert len(await lines()) == 1


async def test_the_auditor_and_the_own_town_see_who_read(builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    await read(builder, number, "auditor")
    for name in ("clerk", "auditor"):
        (row,) = (await access_log.of_case(number, by=builder.people[name], before=None))["rows"]
        assert (row["username"], row["title"], row["at"]) == ("auditor", "بازرس", builder.clock())
    for name, refusal in {
        "neighbour": NotFound,
        "officer": Forbidden,
        "examiner": Forbidden,
        "head": Forbidden,
    }.items():
        with pytest.raises(refusal):
            await access_log.of_case(number, by=builder.people[name], before=None)


async def test_the_last_lines_come_first_a_page_at_a_time(builder: Builder) -> None:
    by = builder.people["clerk"]
    number = await cases.open_case(by=by, now=builder.clock())
    for each in range(access_log.PAGE + 2):
        await read(builder, number, subject=str(each), name="نام" * 100)
    first = await access_log.of_case(number, by=by, before=None)
    rest = await access_log.of_case(number, by=by, before=first["older"])
    assert [row["subject"] for row in first["rows"]] == [str(each) for each in range(access_log.PAGE + 1, 1, -1)]
    assert ([row["subject"] for row in rest["rows"]], rest["older"]) == (["1", "0"], None)
    assert len(rest["rows"][0]["name"]) == 255
