"""What must hold of every world: one desk a case, one event an act, a journal that cannot be changed."""

import asyncpg
import pytest

from portal.domain import lists, merkle, persian
from portal.domain.lifecycle import State
from portal.services.cases import cases, worklists
from portal.services.cases.worklists import Query
from portal.services.journal import log
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.tables.cases import Case
from portal.tables.events import Event
from tests.world.builders import Builder
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.portal import Portal

OFFICES = {
    State.DRAFT: "clerk",
    State.SUBMITTED: "officer",
    State.RETURNED: "clerk",
    State.CONFIRMED: "examiner",
    State.ASSESSED: "examiner",
    State.DECIDED: "minister",
}


@pytest.mark.parametrize("state", list(OFFICES))
async def test_an_open_case_lies_on_exactly_one_desk(
    engine: Settings, people: Cast, store: ObjectStore, clock: Clock, state: State
) -> None:
    number = await Builder(people, store, clock).case(state)
    waiting = set()
    for username, by in people.items():
        listing = await worklists.find(by, Query(lists.WAITING), persian.tehran_date(clock()))
        if number in {row["number"] for row in listing.rows}:
            waiting.add(by.role)
        assert username != OFFICES[state] or by.role in waiting
    assert waiting == {people[OFFICES[state]].role}


async def test_a_municipality_has_one_open_case(engine: Settings, people: Cast, clock: Clock) -> None:
    number = await cases.open_case(by=people["clerk"], now=clock())
    assert await cases.open_number(people["clerk"]) == number
    with pytest.raises(asyncpg.UniqueViolationError):
        await Case.raw(
            "INSERT INTO cases (number, municipality, province, state, desk, since, opened_at, opened_by) "
            "SELECT '1405-99999', municipality, province, state, desk, since, opened_at, opened_by FROM cases"
        )


async def test_every_act_writes_one_event_into_one_tree(
    engine: Settings, people: Cast, store: ObjectStore, clock: Clock
) -> None:
    await Builder(people, store, clock).case(State.NOTIFIED)
    rows = await Event.select().order_by(Event.position)
    assert [row["position"] for row in rows] == list(range(len(rows)))
    kinds = [row["kind"] for row in rows if row["subject_type"] == "case"]
    assert kinds == [
        "CaseOpened",
        "DeclarationSaved",
        *["DocumentAdded"] * 6,
        "CaseSubmitted",
        "AttestationGiven",
        "CaseConfirmed",
        "CaseAssessed",
        "DecisionTaken",
        "DecisionSigned",
    ]
    frontier = await log.frontier()
    leaves = [merkle.leaf_hash(row["statement"].encode()) for row in rows]
    assert leaves == [row["leaf"] for row in rows]
    assert frontier.root() == merkle.root(leaves)


@pytest.mark.parametrize("table", ["events", "journal_nodes", "published_checkpoints", "readings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_to_change_the_journal(
    engine: Settings, people: Cast, table: str, change: str
) -> None:
    assert engine.database_url is not None
    assert engine.migration_database_url is not None
    column = {"events": "kind", "journal_nodes": "hash", "published_checkpoints": "note", "readings": "how"}[table]
    statement = change.format(table, column=column)
    refusals = {
        engine.database_url: asyncpg.InsufficientPrivilegeError,
        engine.migration_database_url: asyncpg.RaiseError,
    }
    for url, refusal in refusals.items():
        connection = await asyncpg.connect(url)
        with pytest.raises(refusal):
            await connection.execute(statement)
        await connection.close()


async def test_a_page_costs_the_same_queries_however_much_there_is(portal: Portal) -> None:
    builder = Builder(portal.people, portal.store, portal.clock)
    number = await builder.case(State.SUBMITTED)
    officer = await portal.as_("officer")
    counted: list[str] = []
    engine = Case._meta.db
    run = engine.run_querystring

    async def counting(querystring: object, in_pool: bool = True) -> object:
        counted.append(str(querystring))
        return await run(querystring, in_pool)  # type: ignore[arg-type]

    engine.run_querystring = counting  # type: ignore[method-assign]
    try:

        async def cost(path: str) -> int:
            await officer.get(path)  # once a minute a session is marked as seen
            counted.clear()
            assert (await officer.get(path)).status == 200
            return len(counted)

        before = {path: await cost(path) for path in ("/cases", f"/cases/{number}")}
        await builder.case(State.SUBMITTED, clerk="neighbour")
        await builder.attest(number)
        after = {path: await cost(path) for path in before}
    finally:
        engine.run_querystring = run  # type: ignore[method-assign]
    assert before == after
    assert before["/cases"] == 2, counted
    assert before[f"/cases/{number}"] <= 14, counted
