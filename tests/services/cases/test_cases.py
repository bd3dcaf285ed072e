"""Cases: one open one a town, a declaration that is not overwritten unseen, and the one writer of the state."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.domain.declarations import DocumentKind
from portal.domain.errors import Conflict, DomainError, Forbidden, NotFound, Overtaken
from portal.domain.lifecycle import Role, State
from portal.services.cases import cases, dossiers
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of
from tests.world.services import kinds

OTHERS = replace(DECLARED, population=60_000)


async def test_a_number_is_counted_within_the_year_of_tehran(builder: Builder) -> None:
    """1406 begins in Tehran at half past eight in the evening of 20 March UTC."""
    eve, night = datetime(2027, 3, 20, 20, 29, tzinfo=UTC), datetime(2027, 3, 20, 20, 31, tzinfo=UTC)
    moments = {"clerk": eve, "neighbour": eve, "abroad": night}
    numbers = [await cases.open_case(by=builder.people[name], now=at) for name, at in moments.items()]
    assert numbers == ["1405-00001", "1405-00002", "1406-00001"]
    assert await kinds("1406-00001") == ["CaseOpened"]


async def test_a_town_opens_one_case_at_a_time(builder: Builder) -> None:
    by, now = builder.people["clerk"], builder.clock()
    said = await asyncio.gather(*(cases.open_case(by=by, now=now) for _ in range(4)), return_exceptions=True)
    (number,) = [each for each in said if isinstance(each, str)]
    refusals = [each for each in said if isinstance(each, DomainError)]
    assert [(each.code, each.facts) for each in refusals] == [("open-case", {"number": number})] * 3
    assert await cases.open_number(by) == number
    await builder.withdraw(number)
    assert await cases.open_number(by) is None
    assert await cases.open_case(by=by, now=now) != number


async def test_only_a_municipality_opens_a_case(builder: Builder) -> None:
    for by in builder.people.values():
        if by.role is not Role.MUNICIPALITY:
            with pytest.raises(Forbidden):
                await cases.open_case(by=by, now=builder.clock())


async def test_what_others_declared_meanwhile_is_not_overwritten_unseen(builder: Builder) -> None:
    by = builder.people["clerk"]
    number = await cases.open_case(by=by, now=builder.clock())
    shown = cases.version_of((await dossiers.open_dossier(number, by)).declaration)
    for _ in range(2):  # pressed twice, the same values are there already
        await cases.declare(number, by=by, declaration=DECLARED, seen=shown, now=builder.clock.tick(1))
    with pytest.raises(Overtaken):
        await cases.declare(number, by=by, declaration=OTHERS, seen=shown, now=builder.clock.tick(1))
    assert (await dossiers.open_dossier(number, by)).declaration == DECLARED
    await cases.declare(number, by=by, declaration=OTHERS, seen=cases.version_of(DECLARED), now=builder.clock.tick(1))
    assert (await kinds(number)).count("DeclarationSaved") == 2
    assert (await case_of(number))["requested_grade"] == OTHERS.requested_grade


async def test_who_may_declare_and_when(builder: Builder) -> None:
    number = await builder.case(State.SUBMITTED)
    for name, refusal in {"officer": Forbidden, "neighbour": NotFound, "clerk": Conflict}.items():
        with pytest.raises(refusal):
            await cases.declare(number, by=builder.people[name], declaration=OTHERS, now=builder.clock())
    await builder.attest(number, refuse=DocumentKind.CENSUS)
    await builder.send_back(number)
    with pytest.raises(Conflict, match="not-reopened"):
        await cases.declare(number, by=builder.people["clerk"], declaration=OTHERS, now=builder.clock())


async def test_a_move_keeps_the_first_submission_and_confirmation(builder: Builder) -> None:
    number = await builder.case(State.CONFIRMED)
    first = await case_of(number)
    assert (first["desk"], first["since"]) == (Role.ORGANIZATION, first["confirmed_at"])
    await builder.send_back(number, "examiner")
    await builder.submit(number)
    await builder.confirm(number)  # what the officer attested stands
    again = await case_of(number)
    assert (again["submitted_at"], again["confirmed_at"]) == (first["submitted_at"], first["confirmed_at"])
    assert (again["since"] > first["since"], again["archived_at"]) == (True, None)
