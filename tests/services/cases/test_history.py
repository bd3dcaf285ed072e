"""What happened to a case, as each reader is told it, and how long it lay at each desk."""

from datetime import timedelta

from portal.domain.events import EventKind
from portal.domain.lifecycle import Role, State
from portal.services.cases import cases, history
from portal.settings import Settings
from tests.world.builders import Builder
from tests.world.databases import run

ADDED = [EventKind.DOCUMENT_ADDED] * 6


async def kinds(builder: Builder, number: str, name: str) -> list[EventKind]:
    return [each.kind for each in await history.of_case(number, builder.people[name])]


async def test_offices_are_told_the_acts_and_not_the_editing(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    whole = [EventKind.CASE_OPENED, EventKind.DECLARATION_SAVED, *ADDED, EventKind.CASE_SUBMITTED]
    assert await kinds(builder, number, "clerk") == await kinds(builder, number, "auditor") == whole
    for name in ("officer", "examiner", "minister"):
        assert await kinds(builder, number, name) == [EventKind.CASE_OPENED, EventKind.CASE_SUBMITTED]


async def test_an_entry_says_who_did_it_and_whether_it_was_signed(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    opened, *_, submitted = await history.of_case(number, builder.people["clerk"])
    clerk = builder.people["clerk"]
    assert (submitted.name, submitted.title, submitted.place) == (clerk.full_name, clerk.title, clerk.place_name)
    assert (submitted.before, submitted.after, submitted.at) == (State.DRAFT, State.SUBMITTED, builder.clock())
    assert (opened.is_signed, submitted.is_signed) == (False, True)
    assert (len(opened.items), len(submitted.items)) == (0, 6)


async def test_an_altered_statement_tells_nothing_and_stops_nothing(engine: Settings, builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    await builder.withdraw(number)
    assert engine.migration_database_url is not None
    change = "UPDATE events SET statement = '{}' WHERE kind = 'CaseOpened'"
    await run(engine.migration_database_url, "ALTER TABLE events DISABLE TRIGGER ALL", change)
    assert await kinds(builder, number, "clerk") == [EventKind.CASE_WITHDRAWN]


async def test_each_stay_at_an_office_has_its_own_time(builder: Builder) -> None:
    number = await builder.draft()
    builder.clock.tick(24 * 3600)
    await builder.submit(number)
    builder.clock.tick(48 * 3600)
    await builder.send_back(number)
    builder.clock.tick(72 * 3600)
    await builder.submit(number)
    entries = await history.of_case(number, builder.people["officer"])
    way = history.way(entries, State.SUBMITTED, builder.clock.tick(24 * 3600))
    town, province = Role.MUNICIPALITY, Role.GOVERNORATE
    assert [each.role for each in way] == [town, province, town, province, Role.ORGANIZATION, Role.MINISTER]
    assert [each.status for each in way] == ["done", "done", "done", "now", "todo", "todo"]
    assert [each.lap for each in way] == [1, 1, 2, 2, 0, 0]
    assert [each.lay // timedelta(days=1) for each in way] == [1, 2, 3, 1, 0, 0]


async def test_two_states_of_one_office_are_one_stay(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    entries = await history.of_case(number, builder.people["clerk"])
    way = history.way(entries, State.ASSESSED, builder.clock.tick(3600))
    assert [each.status for each in way] == ["done", "done", "now", "todo"]


async def test_a_withdrawn_case_has_the_rest_of_its_way_before_it(builder: Builder) -> None:
    number = await builder.case(State.WITHDRAWN)
    entries = await history.of_case(number, builder.people["clerk"])
    way = history.way(entries, State.WITHDRAWN, builder.clock.tick(3600))
    assert [each.status for each in way] == ["done", "todo", "todo", "todo"]


async def test_an_answered_case_has_passed_every_desk_and_lies_at_none(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    entries = await history.of_case(number, builder.people["clerk"])
    desks = history.way(entries, State.NOTIFIED, builder.clock.tick(3600))
    assert [each.status for each in desks] == ["done"] * 4
    total = sum((each.lay for each in desks), timedelta())
    assert total == entries[-1].at - entries[0].at
