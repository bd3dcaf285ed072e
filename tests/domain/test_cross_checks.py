"""What disagrees in a declaration stands beside the document that should prove it."""

from dataclasses import replace
from datetime import date

import pytest

from portal.domain import cross_checks, persian
from portal.domain.cross_checks import Check
from portal.domain.declarations import Declaration, DocumentKind
from portal.domain.eligibility import Known, Notified, Source
from portal.domain.lifecycle import Outcome
from portal.web.words import cross_check_messages
from tests.world.builders import DECLARED

TODAY = persian.jalali_date("1405/08/10")


def checks(declaration: Declaration, known: Known, today: date = TODAY) -> dict[Check, tuple[DocumentKind, int | None]]:
    found = cross_checks.remarks(declaration, known, today)
    assert all(cross_check_messages.sentence(each) for each in found)
    return {each.check: each.slot for each in found}


def test_what_agrees_is_not_remarked() -> None:
    notified = (Notified(date(2020, 1, 13), Outcome.RAISED, 7),)
    assert checks(DECLARED, Known(notified=notified, census={1395: 55_703, 1385: 1})) == {}
    assert checks(Declaration(), Known(notified=notified, register_grade=3, census={1395: 1})) == {}


def test_a_population_that_differs_from_the_census() -> None:
    assert checks(DECLARED, Known(census={1395: 55_704})) == {Check.POPULATION: (DocumentKind.CENSUS, None)}
    assert checks(replace(DECLARED, census_year=1390), Known(census={1395: 55_704})) == {}


def test_a_grade_or_a_day_that_differs_from_the_last_decision() -> None:
    known = Known(notified=(Notified(date(2021, 1, 1), Outcome.RAISED, 8),), register_grade=7)
    place = (DocumentKind.LAST_GRADE, None)
    assert checks(DECLARED, known) == {Check.GRADE: place, Check.NOTIFIED_ON: place}
    told = {each.check: each.facts for each in cross_checks.remarks(DECLARED, known, TODAY)}
    assert told[Check.GRADE] == {"source": Source.PORTAL, "declared": 7, "known": 8}
    new = replace(DECLARED, current_grade=0, current_grade_notified_on=None)
    assert checks(new, known) == {Check.GRADE: place, Check.NOTIFIED_ON: place}
    assert checks(DECLARED, Known(register_grade=6)) == {Check.GRADE: place}


def test_years_that_do_not_follow_one_another_or_are_not_the_latest() -> None:
    gap = replace(DECLARED, settled_year_1=1401)
    assert checks(gap, Known()) == {Check.CONSECUTIVE: (DocumentKind.SETTLEMENT, 1404)}
    old = replace(DECLARED, settled_year_1=1401, settled_year_2=1402, settled_year_3=1403)
    assert checks(old, Known()) == {Check.LATEST: (DocumentKind.SETTLEMENT, 1403)}
    assert checks(replace(old, settled_year_3=None), Known()) == {}


@pytest.mark.parametrize(("day", "latest"), [("1405/03/31", 1403), ("1405/04/01", 1404), ("1405/12/29", 1404)])
def test_the_latest_settlement_is_approved_by_the_end_of_khordad(day: str, latest: int) -> None:
    assert cross_checks.latest_settled(persian.jalali_date(day)) == latest


@pytest.mark.parametrize(("amount", "stands_out"), [(300, False), (301, True), (34, False), (33, True), (0, True)])
def test_an_amount_that_jumps_either_way(amount: int, stands_out: bool) -> None:
    settled = replace(DECLARED, settled_amount_1=100, settled_amount_2=100, settled_amount_3=amount)
    assert checks(settled, Known()) == ({Check.JUMP: (DocumentKind.SETTLEMENT, 1404)} if stands_out else {})


def test_the_order_in_which_years_are_typed_does_not_matter() -> None:
    swapped = replace(
        DECLARED, settled_year_1=1404, settled_year_3=1402, settled_amount_1=9_000_000_000_000, settled_amount_3=10**12
    )
    assert checks(swapped, Known()) == {Check.JUMP: (DocumentKind.SETTLEMENT, 1404)}
