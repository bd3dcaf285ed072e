"""The journal as the auditor looks through it: by subject, person, act and day, the newest first, in pages."""

from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from portal.domain.events import EventKind
from portal.services.journal import log, search
from portal.services.journal.search import Criteria
from portal.settings import Settings
from tests.world.cast import Cast
from tests.world.clock import Clock


async def note(people: Cast, at: datetime, by: str = "officer", number: str = "1405-00001") -> int:
    kind = EventKind.CASE_TAKEN
    return await log.note(kind, ("case", number), by=people[by], now=at)


async def found(**asked: Any) -> list[int]:
    return [row["position"] for row in (await search.listing(Criteria(**asked), before=None))["rows"]]


async def test_it_is_narrowed_by_each_criterion_and_by_all_together(people: Cast, clock: Clock) -> None:
    first = await note(people, clock())
    second = await note(people, clock.tick(), "examiner", "1405-00002")
    assert await found(subject="۱۴۰۵-۰۰۰۰۲") == [second]
    assert await found(person="ارزياب") == [second]
    assert await found(kind=EventKind.CASE_TAKEN) == [second, first]
    assert await found(subject="1405-00001", person="OFFICER", kind=EventKind.CASE_TAKEN) == [first]
    assert await found(subject="1405-00001", person="examiner") == []
    assert await found(person="هیچ‌کس") == []


async def test_a_day_begins_at_midnight_in_tehran(people: Cast) -> None:
    late = await note(people, datetime(2026, 11, 1, 20, 29, 59, tzinfo=UTC))
    early = await note(people, datetime(2026, 11, 1, 20, 30, tzinfo=UTC))
    taken = EventKind.CASE_TAKEN
    assert await found(kind=taken, day=date(2026, 11, 1)) == [late]
    assert await found(kind=taken, day=date(2026, 11, 2)) == [early]
    assert await found(kind=taken, day=date(2026, 11, 3)) == []


async def test_pages_follow_each_other_without_a_gap(people: Cast, clock: Clock) -> None:
    for _ in range(search.PAGE * 2):
        await note(people, clock())
    seen: list[int] = []
    before: int | None = None
    while True:
        page = await search.listing(Criteria(), before=before)
        assert len(page["rows"]) <= search.PAGE
        seen += [row["position"] for row in page["rows"]]
        before = page["older"]
        if before is None:
            break
    assert seen == list(range(await log.size()))[::-1]


async def test_a_full_last_page_has_none_after_it(people: Cast, clock: Clock) -> None:
    for _ in range(search.PAGE):
        await note(people, clock())
    page = await search.listing(Criteria(subject="1405-00001"), before=None)
    assert (len(page["rows"]), page["older"]) == (search.PAGE, None)


async def test_a_row_names_who_signed_and_an_altered_one_nobody(people: Cast, clock: Clock, engine: Settings) -> None:
    position = await note(people, clock())
    [row] = (await search.listing(Criteria(subject="1405-00001"), before=None))["rows"]
    assert row == {
        "position": position,
        "kind": "CaseTakenInHand",
        "subject": "1405-00001",
        "subject_type": "case",
        "at": clock(),
        "signer": people["officer"].full_name,
    }
    owner = await asyncpg.connect(engine.migration_database_url)
    try:
        await owner.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        for altered in ('{"intent": ', '{"intent": []}', "[]", '{"intent": {"signer": null}}'):
            await owner.execute("UPDATE events SET statement = $1 WHERE position = $2", altered, position)
            [row] = (await search.listing(Criteria(subject="1405-00001"), before=None))["rows"]
            assert row["signer"] == ""
    finally:
        await owner.close()


async def test_what_a_database_would_read_otherwise_finds_nobody(people: Cast, clock: Clock) -> None:
    position, taken = await note(people, clock()), EventKind.CASE_TAKEN
    assert await found(kind=taken, person="افسر\0") == await found(kind=taken, person="افسر") == [position]
    for person in ("'; DROP TABLE events --", "off_cer", "o%r", "اف_ر", "اف%ر"):
        assert await found(kind=taken, person=person) == []
