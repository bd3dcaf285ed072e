"""The engine: exact, total on valid input, monotone, and honest about every step."""

import csv
import json
import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import grading, persian
from portal.domain.grading import Explanation, MissingInput, UnknownInput, score
from tests.world.rulesets import INPUTS, RA_11964, SAMPLE, SHIPPED, TOWN


def test_a_town_by_hand() -> None:
    told: Any = score(SAMPLE, TOWN)
    population, revenue, division = told.criteria
    assert (population.band, population.points, population.product) == (35_000, 50, 20)
    assert (population.next_band, population.to_next) == (60_000, 4_297)
    assert (revenue.value, revenue.points, revenue.product) == (Decimal("133333333333.333333"), 12, Decimal("4.8"))
    assert (division.band, division.product, division.next_band, division.to_next) == (
        "farmandari",
        13,
        "ostandari",
        None,
    )
    assert (told.total, told.cutoff, told.grade) == (Decimal("37.8"), 33, 5)
    assert (told.next_cutoff, told.next_grade, told.to_next_grade) == (41, 6, Decimal("3.2"))
    assert [each.grade_band for each in told.criteria] == [60_000, 200_000_000_000, "ostandari"]


@given(INPUTS)
def test_every_valid_input_has_a_grade_and_the_explanation_adds_up(inputs: dict[str, Any]) -> None:
    told = score(SAMPLE, inputs)
    assert told.grade in SAMPLE.grades
    assert told.total == sum(each.points * each.weight for each in told.criteria)
    assert all(each.product == each.points * each.weight for each in told.criteria)
    assert told.cutoff <= told.total
    assert told.next_cutoff is None or told.next_cutoff - told.total == told.to_next_grade


@given(INPUTS)
def test_the_mean_falls_into_its_band_exactly(inputs: dict[str, Any]) -> None:
    mean = sum((Fraction(each) for each in inputs["revenue"]), Fraction(0)) / 3
    bands = [bound for bound, _ in SAMPLE.criteria[1].bands if Fraction(bound) <= mean]
    assert score(SAMPLE, inputs).criteria[1].band == bands[-1]


@given(INPUTS, st.integers(1, 10**15), st.sampled_from(["population", "revenue"]))
def test_more_of_a_criterion_never_lowers_the_grade(inputs: dict[str, Any], more: int, name: str) -> None:
    added = {"population": inputs["population"] + more, "revenue": [each + more for each in inputs["revenue"]]}
    before, after = score(SAMPLE, inputs), score(SAMPLE, {**inputs, name: added[name]})
    assert before.total <= after.total
    assert SAMPLE.grades.index(before.grade) <= SAMPLE.grades.index(after.grade)


@given(INPUTS, st.randoms(use_true_random=False))
def test_the_order_of_years_changes_not_a_byte(inputs: dict[str, Any], chance: random.Random) -> None:
    shuffled = {**inputs, "revenue": chance.sample(inputs["revenue"], 3)}
    assert rfc8785.dumps(score(SAMPLE, inputs).as_dict()) == rfc8785.dumps(score(SAMPLE, shuffled).as_dict())


@given(INPUTS)
def test_the_distances_lead_where_they_say(inputs: dict[str, Any]) -> None:
    told: Any = score(SAMPLE, inputs)
    step, other = told.criteria[0], told.criteria[2]
    if step.to_next is not None:
        assert _with(inputs, step.value + step.to_next).criteria[0].points > step.points
        assert _with(inputs, step.value + step.to_next - 1).criteria[0].points == step.points
    if step.to_next_grade is not None:
        assert _with(inputs, step.value + step.to_next_grade).total >= told.next_cutoff
        assert _with(inputs, step.value + step.to_next_grade - 1).grade == told.grade
    if other.grade_band is not None:
        assert score(SAMPLE, {**inputs, "division": other.grade_band}).total >= told.next_cutoff


def _with(inputs: dict[str, Any], population: Decimal) -> Explanation:
    return score(SAMPLE, {**inputs, "population": population})


def test_lower_bounds_are_inclusive_in_every_band_and_cutoff() -> None:
    for bound, points in SAMPLE.criteria[0].bands:
        assert score(SAMPLE, {**TOWN, "population": bound}).criteria[0].points == points
        if bound:
            assert score(SAMPLE, {**TOWN, "population": bound - 1}).criteria[0].points < points
    for mean, label in ((200_000_000, "1st"), (Decimal("199999999.999999"), "2nd"), (90_000_000, "4th"), (0, "5th")):
        assert score(RA_11964, {"income": mean}).grade == label


def test_a_mean_just_below_a_bound_stays_below_it() -> None:
    assert score(RA_11964, {"income": [200_000_000, 200_000_000, 199_999_999]}).grade == "2nd"
    assert score(RA_11964, {"income": [200_000_000, 200_000_001, 199_999_999]}).grade == "1st"


def test_one_criterion_without_weights_and_with_labels() -> None:
    told: Any = score(RA_11964, {"income": [120_000_000, 140_000_000, 145_000_000]})
    assert (told.grade, told.next_grade, told.total) == ("3rd", "2nd", 3)
    assert told.criteria[0].to_next_grade == 25_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("population", None),
        ("population", ""),
        ("revenue", None),
        ("revenue", []),
        ("revenue", [1, 2]),
        ("revenue", [1, 2, None]),
        ("revenue", [1, "", 3]),
        ("division", None),
        ("division", ""),
    ],
)
def test_what_is_missing_is_refused_and_never_zero(name: str, value: Any) -> None:
    with pytest.raises(MissingInput) as refusal:
        score(SAMPLE, {**TOWN, name: value})
    assert (refusal.value.name, refusal.value.code) == (name, "missing")
    with pytest.raises(MissingInput):
        score(SAMPLE, {key: each for key, each in TOWN.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("population", 0.1, "not-a-number"),
        ("population", True, "not-a-number"),
        ("population", "many", "not-a-number"),
        ("population", Decimal("nan"), "not-a-number"),
        ("population", Decimal("inf"), "not-a-number"),
        ("population", Decimal("1e999999"), "not-a-number"),
        ("population", Decimal("1e-999999"), "not-a-number"),
        ("population", 10**24, "not-a-number"),
        ("population", -1, "below-first-band"),
        ("revenue", [1, 2, 3, 4], "too-many"),
        ("revenue", [1, 2, 0.3], "not-a-number"),
        ("division", "village", "unknown-word"),
        ("division", 3, "unknown-word"),
        ("division", ["none"], "unknown-word"),
    ],
)
def test_what_the_tables_do_not_know_is_refused(name: str, value: Any, code: str) -> None:
    with pytest.raises(UnknownInput) as refusal:
        score(SAMPLE, {**TOWN, name: value})
    assert (refusal.value.name, refusal.value.code) == (name, code)


def test_numbers_may_come_as_text_and_a_mean_as_one_number() -> None:
    text = {"population": "55703", "revenue": "133333333333.333333", "division": "farmandari"}
    assert score(SAMPLE, text).total == score(SAMPLE, TOWN).total


@given(INPUTS)
def test_an_explanation_is_plain_json_without_rounding(inputs: dict[str, Any]) -> None:
    told = score(SAMPLE, inputs)
    back = json.loads(rfc8785.dumps(told.as_dict()))
    assert back == told.as_dict()
    assert (back["ruleset"], back["grade"]) == (SAMPLE.digest, told.grade)
    assert Decimal(back["total"]) == told.total
    assert sum(Decimal(each["points"]) * Decimal(each["weight"]) for each in back["criteria"]) == told.total
    assert [Decimal(each) for each in back["criteria"][1]["amounts"]] == sorted(map(Decimal, inputs["revenue"]))


def test_the_published_towns_score_without_error() -> None:
    """The sample's tables are invented: that they score is all that can be asked, not what they score."""
    with (SHIPPED / "register" / "published-grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        told = score(SAMPLE, {**TOWN, "population": int(row["population"])})
        assert told.grade in SAMPLE.grades


@pytest.mark.parametrize(
    ("notified", "years", "eligible"),
    [
        ("1400/10/23", 4, "1404/10/23"),
        ("1399/12/30", 4, "1403/12/30"),
        ("1399/12/30", 5, "1405/01/01"),
        ("1403/12/29", 4, "1407/12/29"),
        ("1404/01/01", 0, "1404/01/01"),
    ],
)
def test_the_waiting_period_ends_on_the_same_solar_day(notified: str, years: int, eligible: str) -> None:
    assert grading.waiting_until(persian.jalali_date(notified), years) == persian.jalali_date(eligible)


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(0, 10))
def test_the_waiting_period_is_never_shorter_than_its_years(day: date, years: int) -> None:
    year, month, number = persian.jalali(day)
    assert persian.jalali(grading.waiting_until(day, years)) >= (year + years, month, number)
