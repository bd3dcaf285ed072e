"""What is known of a town without asking it."""

from datetime import date

import asyncpg
import pytest

from portal.domain.decisions import Ruling
from portal.domain.eligibility import Known, Notified
from portal.domain.errors import NotFound
from portal.domain.lifecycle import Outcome, State
from portal.domain.town_tables import Figure, HeldGrade
from portal.services.cases import eligibility
from portal.services.register import census, grades, towns
from portal.settings import Settings
from portal.tables.places import Municipality
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, TOWN
from tests.world.services import today


async def test_nothing_is_known_of_a_town_until_somebody_says_it(builder: Builder) -> None:
    assert await towns.known(TOWN) == Known()
    await census.load([Figure(TOWN, 1395, 55_703)], now=builder.clock())
    await census.load_grades([HeldGrade(TOWN, 7, date(2020, 1, 13))], now=builder.clock())
    known = await towns.known(TOWN)
    assert known == Known(register_grade=7, register_notified_on=date(2020, 1, 13), census={1395: 55_703})
    assert await towns.known(NEIGHBOUR) == Known()


async def test_an_answer_of_the_portal_and_a_lift_are_known_by_their_days_in_tehran(builder: Builder) -> None:
    await builder.case(State.NOTIFIED)
    notified_on = today(builder.clock)
    builder.clock.tick(24 * 3600)
    by = builder.people["examiner"]
    await builder.sign(by, lambda now: eligibility.prepare_lift(TOWN, by=by, reason="سیل", now=now))
    known = await towns.known(TOWN)
    assert known.notified == (Notified(notified_on, Outcome.RAISED, 9),)
    assert known.lifted_on == today(builder.clock)


async def test_the_last_answer_comes_first(builder: Builder) -> None:
    first_day = today(builder.clock)
    await builder.case(State.NOTIFIED)
    builder.clock.tick(24 * 3600)
    by = builder.people["examiner"]
    await builder.sign(by, lambda now: eligibility.prepare_lift(TOWN, by=by, reason="سیل", now=now))
    number = await builder.case(State.ASSESSED)
    await builder.decide(number, Ruling(await builder.sitting(), Outcome.RAISED, 8, None, "چنین"))
    await builder.notify(number)
    answers = (Notified(today(builder.clock), Outcome.RAISED, 8), Notified(first_day, Outcome.RAISED, 9))
    assert (await towns.known(TOWN)).notified == answers
    [town] = [each for each in await grades.of_province(TOWN[:2]) if each.code == TOWN]
    assert town.grade == 8


async def test_a_decision_is_not_known_before_it_is_notified(builder: Builder) -> None:
    await builder.case(State.DECIDED)
    assert (await towns.known(TOWN)).notified == ()


async def test_a_town_is_found_and_locked_by_its_code(engine: Settings) -> None:
    link = await asyncpg.connect(engine.database_url)
    taken = f"SELECT 1 FROM municipalities WHERE code = '{TOWN}' FOR UPDATE NOWAIT"
    try:
        async with Municipality._meta.db.transaction():
            row = await towns.find(TOWN, lock=True)
            assert (row["name"], row["province_name"]) == ("اسدآباد", "همدان")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await link.execute(taken)
        await link.execute(taken)
    finally:
        await link.close()


async def test_no_other_code_is_a_town(engine: Settings) -> None:
    for code in ("9999999999", "", "13"):
        with pytest.raises(NotFound):
            await towns.find(code)
        with pytest.raises(NotFound):
            await towns.known(code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("۱۳۰۶۰۱۱۴۶۹", "۱۳۰۶۰۱۱۴۶۹"),
        ("تویسرکان، تویسرکان، همدان", "1301021464"),
        ("تويسركان", "1301021464"),
        ("گلوگاه", "گلوگاه"),
        ("", ""),
        ("، ", "، "),
        ("شهر ناموجود", "شهر ناموجود"),
    ],
    ids=["a code", "name, county, province", "a name of one town", "a name of two", "nothing", "a comma", "unknown"],
)
async def test_a_town_is_chosen_by_name(builder: Builder, text: str, code: str) -> None:
    assert await towns.code_of(text) == code


async def test_no_two_towns_are_chosen_by_the_same_text(builder: Builder) -> None:
    assert len(await towns.choices()) == await Municipality.count()
