"""A case as each person sees it: whose it is, which version, and which verdicts still stand."""

from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import NotFound
from portal.domain.lifecycle import State, Verdict
from portal.services.cases import cases, dossiers
from portal.settings import Settings
from portal.tables.cases import Case
from tests.world.builders import DECLARED, SLOTS, Builder

OTHERS = replace(DECLARED, population=60_000)


async def sees(builder: Builder, number: str) -> set[str]:
    """Who of the cast finds the case."""
    found = set()
    for name, by in builder.people.items():
        with suppress(NotFound):
            await dossiers.find(number, by)
            found.add(name)
    return found


async def test_a_case_is_found_by_those_whom_it_has_reached(builder: Builder) -> None:
    number = await builder.draft()
    reached = {"clerk", "auditor"}
    assert await sees(builder, number) == reached
    await builder.submit(number)
    reached |= {"officer", "colleague"}
    assert await sees(builder, number) == reached
    await builder.attest(number)
    await builder.confirm(number)
    assert await sees(builder, number) == reached | {"examiner", "minister"}
    await builder.send_back(number, "examiner")
    assert await sees(builder, number) == reached | {"examiner", "minister"}, "whoever saw it once sees it for good"


async def test_offices_see_what_was_sent_while_the_town_edits(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await builder.send_back(number)
    clerk = builder.people["clerk"]
    await cases.declare(number, by=clerk, declaration=OTHERS, now=builder.clock.tick(1))
    await builder.send(number, DocumentKind.OTHER)
    seen = {name: await dossiers.open_dossier(number, builder.people[name]) for name in ("clerk", "auditor", "officer")}
    assert [seen[name].declaration for name in seen] == [OTHERS, OTHERS, DECLARED]
    assert [len(seen[name].documents) for name in seen] == [7, 7, 6]
    assert seen["clerk"].before == DECLARED


async def test_documents_stand_in_the_order_of_their_kinds_and_years(builder: Builder) -> None:
    number = await cases.open_case(by=builder.people["clerk"], now=builder.clock())
    for kind, year in reversed(SLOTS):
        await builder.send(number, kind, year)
    dossier = await dossiers.open_dossier(number, builder.people["clerk"])
    assert [held.slot for held in dossier.documents] == list(SLOTS)
    assert dossier.declaration == await dossiers.declared(None)


async def test_a_verdict_is_void_once_what_its_document_proves_is_declared_anew(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    await builder.attest(number)
    await builder.send_back(number)
    clerk = builder.people["clerk"]
    await cases.declare(number, by=clerk, declaration=OTHERS, now=builder.clock.tick(1))
    dossier = await dossiers.open_dossier(number, clerk)
    assert {held.slot[0] for held in dossier.unattested()} == {DocumentKind.CENSUS}
    assert {held.verdict for held in dossier.documents} == {None, Verdict.AUTHENTIC}


async def test_what_came_in_since_the_last_submission_is_told(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    officer = builder.people["officer"]
    first = await dossiers.open_dossier(number, officer)
    await builder.send_back(number)
    added = await builder.send(number, DocumentKind.OTHER)
    await builder.submit(number)
    second = await dossiers.open_dossier(number, officer)
    changed = [[held.id for held in each.documents if held.changed] for each in (first, second)]
    assert changed == [[], [added]]


async def test_a_locked_case_is_nobody_elses_until_the_transaction_ends(engine: Settings, builder: Builder) -> None:
    by = builder.people["clerk"]
    number = await cases.open_case(by=by, now=builder.clock())
    link = await asyncpg.connect(engine.database_url)
    try:
        async with Case._meta.db.transaction():
            assert (await dossiers.lock(number, by))["number"] == number
            with pytest.raises(asyncpg.LockNotAvailableError):
                await link.execute("SELECT 1 FROM cases FOR UPDATE NOWAIT")
        await link.execute("SELECT 1 FROM cases FOR UPDATE NOWAIT")
    finally:
        await link.close()
    with pytest.raises(NotFound):
        await dossiers.lock(number, builder.people["neighbour"])
