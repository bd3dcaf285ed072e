"""Sittings: called once, minuted without overwriting, and the way of a case onto an agenda."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.errors import Forbidden, Invalid, NotFound, Overtaken
from portal.domain.lifecycle import Role, State
from portal.services.cases import sittings
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.services import kinds, today


async def call(builder: Builder, held_on: date, once: UUID | None = None) -> tuple[UUID, bool]:
    by, now = builder.people["examiner"], builder.clock.tick(1)
    return await sittings.call(by=by, title="جلسه", held_on=held_on, once=once, now=now)


async def keep(
    builder: Builder, sitting: UUID, agenda: tuple[str, ...] = (), minutes: str | None = None, seen: str | None = None
) -> None:
    by, now = builder.people["examiner"], builder.clock.tick(1)
    await sittings.keep(sitting, by=by, agenda=agenda, minutes=minutes, attendance=None, seen=seen, now=now)


async def test_one_form_calls_one_sitting(builder: Builder) -> None:
    day, once = today(builder.clock), uuid4()
    first, second = await call(builder, day, once), await call(builder, day, once)
    assert (first[1], second) == (True, (first[0], False))
    other, _ = await call(builder, day + timedelta(days=1), once)
    assert other != first[0], "another day is another sitting"
    assert await kinds(first[0]) == ["SittingCalled"]


async def test_minutes_are_not_overwritten_unseen(builder: Builder) -> None:
    sitting, _ = await call(builder, today(builder.clock))
    shown = sittings.version_of(await sittings.find(sitting))
    await keep(builder, sitting, minutes="یکم", seen=shown)
    await keep(builder, sitting, minutes="یکم", seen=shown)  # the same words are there already
    with pytest.raises(Overtaken):
        await keep(builder, sitting, minutes="دوم", seen=shown)
    await keep(builder, sitting, minutes="سوم")  # of a program that saw no form
    row = await sittings.find(sitting)
    assert (row["minutes"], row["attendance"]) == ("سوم", "")
    assert await kinds(sitting) == ["SittingCalled", "SittingMinuted", "SittingMinuted"]


async def test_an_assessed_case_comes_onto_one_agenda_once(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    here, there = await builder.sitting(), await builder.sitting()
    assert [row["number"] for row in await sittings.waiting()] == [number]
    for _ in "12":
        await keep(builder, here, (number,))
    assert (await kinds(number)).count("CaseTabled") == 1
    ((found,), waiting) = await sittings.agenda(here), await sittings.waiting()
    assert (found["number"], found["town"], found["requested_grade"], waiting) == (number, "اسدآباد", 9, [])
    with pytest.raises(Invalid) as refusal:
        await keep(builder, there, (number,), seen=sittings.version_of(await sittings.find(there)))
    assert refusal.value.errors == {"case": "tabled-elsewhere"}
    await keep(builder, there, (number,))
    assert (await case_of(number))["sitting"] == there


async def test_what_is_not_assessed_or_not_there_is_on_no_agenda(builder: Builder) -> None:
    number, sitting = await builder.case(State.CONFIRMED), await builder.sitting()
    with pytest.raises(Invalid) as refusal:
        await keep(builder, sitting, (number,))
    assert refusal.value.errors == {"case": "not-assessed"}
    with pytest.raises(NotFound):
        await keep(builder, uuid4(), minutes="یکم")
    with pytest.raises(NotFound):
        await sittings.find(uuid4())


async def test_only_the_organization_calls_and_minutes(builder: Builder) -> None:
    sitting, now = await builder.sitting(), builder.clock()
    for by in builder.people.values():
        if by.role is not Role.ORGANIZATION:
            with pytest.raises(Forbidden):
                await sittings.call(by=by, title="جلسه", held_on=today(builder.clock), now=now)
            with pytest.raises(Forbidden):
                await sittings.keep(sitting, by=by, agenda=[], minutes="یکم", attendance=None, now=now)


async def test_a_sitting_is_usable_from_its_day_in_tehran_on(builder: Builder) -> None:
    sitting, _ = await call(builder, date(2026, 11, 2))
    early, late = datetime(2026, 11, 1, 20, 29, tzinfo=UTC), datetime(2026, 11, 1, 20, 31, tzinfo=UTC)
    assert await sittings.usable(early, date(2026, 11, 2)) == []
    assert [row["id"] for row in await sittings.usable(late, date(2026, 11, 2))] == [sitting]
    assert await sittings.usable(late, date(2026, 11, 3)) == []


async def test_all_sittings_are_listed_a_page_at_a_time_the_latest_first(builder: Builder) -> None:
    days = [date(2026, 1, 1) + timedelta(days=each // 2) for each in range(sittings.PAGE + 2)]  # two on each day
    called = [(await call(builder, day))[0] for day in days]
    first = await sittings.listing("")
    rest = await sittings.listing(first["older"])
    found = [(row["held_on"], row["id"]) for row in [*first["rows"], *rest["rows"]]]
    assert found == sorted(zip(days, called, strict=True), reverse=True)
    assert (len(first["rows"]), rest["older"]) == (sittings.PAGE, None)
    assert await sittings.listing("nonsense~") == first
