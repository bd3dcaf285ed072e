"""What is declared, what proves it, what is missing, and what cannot stand together."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import grading
from portal.domain.declarations import (
    GRADES,
    NEW_TOWN,
    Declaration,
    Division,
    DocumentKind,
    contradictions,
    missing_slots,
    proven_by,
    required_slots,
)
from tests.world.rulesets import SAMPLE, TOWN

FULL = Declaration(
    current_grade=5,
    current_grade_notified_on=date(2019, 5, 11),
    requested_grade=7,
    census_year=1395,
    population=55_703,
    division=Division.FARMANDARI,
    settled_year_1=1402,
    settled_year_2=1403,
    settled_year_3=1404,
    settled_amount_1=1_234_567_890_123_456_789,
    settled_amount_2=2_000_000_000_000,
    settled_amount_3=0,
)
NEW = replace(FULL, current_grade=NEW_TOWN, current_grade_notified_on=None)
YEARS = [(DocumentKind.SETTLEMENT, 1402), (DocumentKind.SETTLEMENT, 1403), (DocumentKind.SETTLEMENT, 1404)]
SLOTS = [(DocumentKind.LAST_GRADE, None), *YEARS, (DocumentKind.CENSUS, None), (DocumentKind.JUSTIFICATION, None)]


def test_nothing_is_missing_from_a_full_declaration() -> None:
    assert FULL.missing() == ()
    assert NEW.missing() == ()


@pytest.mark.parametrize("name", [each.name for each in fields(Declaration)])
def test_each_blank_is_missing_by_name(name: str) -> None:
    blank: dict[str, Any] = {name: None}
    assert replace(FULL, **blank).missing() == (name,)


def test_an_empty_declaration_misses_everything() -> None:
    assert Declaration().missing() == tuple(each.name for each in fields(Declaration))


def test_the_mean_is_the_one_that_is_graded_and_unsaid_while_an_amount_is_missing() -> None:
    declared = replace(FULL, settled_amount_1=200_000_000_001, settled_amount_2=0, settled_amount_3=1)
    told = grading.score(SAMPLE, {**TOWN, "revenue": [amount for _, amount in declared.settled]})
    assert declared.mean() == next(each.value for each in told.criteria if each.name == "revenue")
    assert declared.mean() == Decimal("66666666667.333333")
    assert replace(FULL, settled_amount_2=None).mean() is None


def test_zero_is_a_value_and_not_a_blank() -> None:
    assert replace(FULL, population=0, settled_amount_1=0).missing() == ()
    assert NEW_TOWN not in GRADES


def test_every_kind_but_other_has_a_place() -> None:
    assert list(required_slots(FULL)) == SLOTS
    assert {kind for kind, _ in SLOTS} == set(DocumentKind) - {DocumentKind.OTHER}


def test_a_new_town_has_no_last_grade_to_prove() -> None:
    assert list(required_slots(NEW)) == SLOTS[1:]


def test_settled_budgets_stand_in_the_order_of_their_years() -> None:
    turned = replace(FULL, settled_year_1=1404, settled_year_3=1402)
    assert required_slots(turned) == required_slots(FULL)


def test_a_year_not_yet_said_asks_for_no_document() -> None:
    assert (DocumentKind.SETTLEMENT, 1403) not in required_slots(replace(FULL, settled_year_2=None))


@given(st.sets(st.sampled_from([*SLOTS, (DocumentKind.OTHER, None), (DocumentKind.SETTLEMENT, 1390)])))
def test_what_is_held_is_not_missing(held: set[tuple[DocumentKind, int | None]]) -> None:
    assert list(missing_slots(FULL, held)) == [each for each in SLOTS if each not in held]


@pytest.mark.parametrize(
    ("kind", "year", "proven"),
    [
        (DocumentKind.LAST_GRADE, None, {"current_grade": 5, "current_grade_notified_on": "2019-05-11"}),
        (DocumentKind.CENSUS, None, {"census_year": 1395, "population": 55_703}),
        (DocumentKind.JUSTIFICATION, None, {"requested_grade": 7}),
        (DocumentKind.SETTLEMENT, 1402, {"settled_year": 1402, "settled_amount": "1234567890123456789"}),
        (DocumentKind.SETTLEMENT, 1404, {"settled_year": 1404, "settled_amount": "0"}),
        (DocumentKind.SETTLEMENT, 1390, {"settled_year": 1390, "settled_amount": None}),
        (DocumentKind.OTHER, None, {}),
    ],
)
def test_a_document_proves_what_its_kind_is_for(kind: DocumentKind, year: int | None, proven: dict[str, Any]) -> None:
    assert proven_by(kind, year, FULL) == proven


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"population": 55_704}, {(DocumentKind.CENSUS, None)}),
        ({"census_year": 1405}, {(DocumentKind.CENSUS, None)}),
        ({"requested_grade": 8}, {(DocumentKind.JUSTIFICATION, None)}),
        ({"current_grade": 6}, {(DocumentKind.LAST_GRADE, None)}),
        ({"current_grade_notified_on": date(2020, 1, 1)}, {(DocumentKind.LAST_GRADE, None)}),
        ({"settled_amount_2": 1}, {(DocumentKind.SETTLEMENT, 1403)}),
        ({"division": Division.NONE}, set()),
    ],
)
def test_a_changed_value_voids_what_proved_it_and_nothing_else(
    change: dict[str, Any], touched: set[tuple[DocumentKind, int | None]]
) -> None:
    after = replace(FULL, **change)
    assert {slot for slot in SLOTS if proven_by(*slot, FULL) != proven_by(*slot, after)} == touched


def test_the_order_of_the_rows_voids_nothing() -> None:
    """The same years with the same amounts, the first and the last row exchanged."""
    turned = replace(
        FULL,
        settled_year_1=FULL.settled_year_3,
        settled_amount_1=FULL.settled_amount_3,
        settled_year_3=FULL.settled_year_1,
        settled_amount_3=FULL.settled_amount_1,
    )
    assert [proven_by(*slot, turned) for slot in SLOTS] == [proven_by(*slot, FULL) for slot in SLOTS]


def test_a_declaration_is_plain_json_whatever_its_amounts() -> None:
    assert FULL.as_dict()["settled_amount_1"] == "1234567890123456789"
    assert FULL.as_dict()["division"] == "farmandari"
    for each in (FULL, NEW, Declaration()):
        assert rfc8785.dumps(each.as_dict())


@pytest.mark.parametrize(
    ("years", "wrong"),
    [
        ((1402, 1403, 1404), []),
        ((1404, 1403, 1402), []),
        ((1402, 1402, 1404), ["settled_year_2"]),
        ((1402, 1403, 1402), ["settled_year_3"]),
        ((1402, 1402, 1402), ["settled_year_2", "settled_year_3"]),
        ((None, None, None), []),
        ((1402, None, 1402), ["settled_year_3"]),
    ],
)
def test_a_year_said_twice_is_marked_where_it_is_repeated(years: tuple[int | None, ...], wrong: list[str]) -> None:
    values = {f"settled_year_{n}": year for n, year in enumerate(years, start=1)}
    assert contradictions(values) == dict.fromkeys(wrong, "year-twice")


def test_blanks_contradict_nothing() -> None:
    assert contradictions({}) == {}
