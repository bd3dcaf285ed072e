"""The waiting period of a town: who is kept waiting until when, and the lift."""

from dataclasses import replace
from datetime import date

import pytest

from portal.domain import persian
from portal.domain.decisions import RefusalCode, Ruling
from portal.domain.eligibility import Source
from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.lifecycle import Outcome, State
from portal.domain.town_tables import HeldGrade
from portal.services.cases import cases, eligibility
from portal.services.register import census
from portal.tables.cases import Case
from tests.world.builders import DECLARED, Builder
from tests.world.cases import case_of, statement_at
from tests.world.cast import TOWN
from tests.world.services import today


async def declare(builder: Builder, number: str, notified_on: date) -> None:
    by = builder.people["clerk"]
    declaration = replace(DECLARED, current_grade_notified_on=notified_on)
    await cases.declare(number, by=by, declaration=declaration, now=builder.clock.tick(1))


async def lift(builder: Builder, code: str = TOWN, by: str = "examiner") -> None:
    who = builder.people[by]
    await builder.sign(who, lambda now: eligibility.prepare_lift(code, by=who, reason="سیل", now=now))


async def test_a_request_is_prepared_but_not_sent_before_its_day(builder: Builder) -> None:
    number = await builder.draft()
    await declare(builder, number, persian.jalali_date("1401/08/11"))  # today is 1405/08/10
    with pytest.raises(Conflict, match="not-eligible") as refusal:
        await builder.submit(number)
    assert refusal.value.facts == {"day": persian.jalali_date("1405/08/11")}
    builder.clock.tick(24 * 3600)
    await builder.submit(number)


async def test_the_organization_lifts_the_waiting_period(builder: Builder) -> None:
    number = await builder.draft()
    await declare(builder, number, persian.jalali_date("1404/08/11"))
    for name in ("clerk", "officer", "head", "minister", "auditor"):
        with pytest.raises(Forbidden):
            await lift(builder, by=name)
    with pytest.raises(NotFound):
        await lift(builder, code="9999999999")
    await lift(builder)
    with pytest.raises(Conflict, match="lifted-already"):
        await lift(builder)
    await builder.submit(number)
    (kept,) = await eligibility.lifts(TOWN)
    assert (kept["reason"], kept["by"]) == ("سیل", builder.people["examiner"].id)
    signed = await statement_at(kept["event"])
    assert signed["record"]["kind"] == "WaitingPeriodLifted"
    assert signed["intent"]["subject"] == {"type": "municipality", "id": TOWN}


async def test_a_town_that_was_notified_waits_until_its_day_whatever_it_declares(builder: Builder) -> None:
    await builder.case(State.NOTIFIED)
    notified_on = today(builder.clock)
    number = await builder.draft()
    with pytest.raises(Conflict, match="not-eligible"):
        await builder.submit(number)
    case = await case_of(number)
    found = await eligibility.of_case(case, DECLARED, builder.clock())
    assert found is not None
    assert (found.source, found.since) == (Source.PORTAL, notified_on)
    standing = await eligibility.standing(case, DECLARED, builder.clock())
    assert [each.check for each in standing.remarks] == ["grade-differs", "notification-differs"]
    await lift(builder)
    await builder.submit(number)


async def test_a_case_that_follows_another_is_free_of_the_waiting(builder: Builder) -> None:
    first = await builder.case(State.NOTIFIED)
    number = await builder.draft()
    await Case.update({Case.follows: first}).where(Case.number == number)
    await builder.submit(number)
    assert (await case_of(number))["state"] == State.SUBMITTED


async def test_a_refused_request_starts_no_waiting(builder: Builder) -> None:
    number = await builder.case(State.ASSESSED)
    ruling = Ruling(await builder.sitting(), Outcome.REFUSED, None, None, "امتیاز نرسید", RefusalCode.FEW_POINTS)
    await builder.decide(number, ruling)
    await builder.notify(number)
    second = await builder.draft()
    await builder.submit(second)
    assert (await case_of(second))["state"] == State.SUBMITTED


async def test_a_lift_is_not_asked_for_where_nobody_waits(builder: Builder) -> None:
    await census.load_grades([HeldGrade(TOWN, 7, date(2015, 1, 1))], now=builder.clock())
    with pytest.raises(Conflict, match="not-waiting"):
        await lift(builder)


async def test_what_is_lifted_is_shown_with_its_day_and_who_says_so(builder: Builder) -> None:
    by, now = builder.people["examiner"], builder.clock()
    unknown = await eligibility.lift_matter(TOWN, by, now)
    assert (unknown.facts["source"], unknown.facts["eligible_on"]) == (None, None), "it may wait by its own word"
    notified_on = persian.jalali_date("1403/01/01")
    await census.load_grades([HeldGrade(TOWN, 7, notified_on)], now=now)
    facts = (await eligibility.lift_matter(TOWN, by, now)).facts
    assert (facts["town"], facts["source"], facts["waiting_years"]) == ("اسدآباد", Source.REGISTER, 4)
    assert facts["notified_on"] == notified_on.isoformat()
    assert facts["eligible_on"] == persian.jalali_date("1407/01/01").isoformat()
    of_town = await eligibility.of_town(TOWN, None, now)
    assert of_town is not None
    assert (of_town.since, of_town.is_lifted) == (notified_on, False)


async def test_the_register_outranks_the_declared_day(builder: Builder) -> None:
    number = await builder.draft()
    await census.load_grades([HeldGrade(TOWN, 7, persian.jalali_date("1403/01/01"))], now=builder.clock())
    with pytest.raises(Conflict, match="not-eligible") as refusal:
        await builder.submit(number)
    assert refusal.value.facts["day"] == persian.jalali_date("1407/01/01")
