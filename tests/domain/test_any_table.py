"""The engine under tables that no one here has seen: generated rule sets, against arithmetic done another way."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import grading, rulesets
from portal.domain.rulesets import RuleSet

NUMBERS = st.decimals(-1000, 1000, places=3, allow_nan=False)
WEIGHTS = st.decimals("0.001", 10, places=3)
LABELS = st.lists(st.text("abcXYZ ۱۲۳é", min_size=1, max_size=6), min_size=2, max_size=6, unique=True)


def _bands(draw: Any) -> list[list[str]]:
    bounds = sorted(draw(st.sets(NUMBERS, min_size=1, max_size=6)) | {Decimal(-1000)})
    points = sorted(draw(st.lists(NUMBERS, min_size=len(bounds), max_size=len(bounds))))
    return [[format(bound, "f"), format(each, "f")] for bound, each in zip(bounds, points, strict=True)]


def _pairs(pairs: list[list[str]]) -> str:
    return "[" + ", ".join(f"[{bound}, {result}]" for bound, result in pairs) + "]"


@st.composite
def tables(draw: Any) -> tuple[RuleSet, dict[str, Any]]:
    """A monotone rule set with labels for grades, and inputs that it can score."""
    labels = draw(LABELS)
    bounds = sorted(draw(st.sets(NUMBERS, min_size=len(labels) - 1, max_size=len(labels) - 1)))
    cutoffs = [
        [format(bound, "f"), json.dumps(label, ensure_ascii=False)]
        for bound, label in zip([Decimal(-(10**9)), *bounds], labels, strict=True)
    ]
    text = f'id = "generated"\neffective_from = 2026-03-21\ngrades = {json.dumps(labels, ensure_ascii=False)}\n'
    inputs: dict[str, Any] = {}
    for n in range(draw(st.integers(1, 3))):
        text += f'[[criteria]]\nname = "c{n}"\nweight = {draw(WEIGHTS):f}\nbands = {_pairs(_bands(draw))}\n'
        years = draw(st.integers(1, 4))
        if years > 1:
            text += f'statistic = "mean"\nyears = {years}\n'
        amounts = draw(st.lists(NUMBERS, min_size=years, max_size=years))
        inputs[f"c{n}"] = amounts if years > 1 else amounts[0]
    return rulesets.parse(f"{text}[result]\ncutoffs = {_pairs(cutoffs)}\n"), inputs


def by_hand(rules: RuleSet, inputs: dict[str, Any]) -> tuple[Fraction, Any]:
    """Total and grade in fractions, by walking the tables from the top."""
    total = Fraction(0)
    for each in rules.criteria:
        given_ = inputs[each.name]
        amounts = given_ if isinstance(given_, list) else [given_]
        value = sum((Fraction(one) for one in amounts), Fraction(0)) / len(amounts)
        points = next(found for bound, found in reversed(each.bands) if Fraction(bound) <= value)
        total += Fraction(points) * Fraction(each.weight)
    return total, next(grade for bound, grade in reversed(rules.cutoffs) if Fraction(bound) <= total)


@given(tables())
def test_any_table_is_scored_as_by_hand(table: tuple[RuleSet, dict[str, Any]]) -> None:
    rules, inputs = table
    told = grading.score(rules, inputs)
    total, grade = by_hand(rules, inputs)
    assert (Fraction(told.total), told.grade) == (total, grade)
    assert told.total == sum(each.points * each.weight for each in told.criteria)
    assert rfc8785.dumps(told.as_dict()) == rfc8785.dumps(grading.score(rules, inputs).as_dict())


@given(tables(), st.decimals(0, 500, places=3), st.data())
def test_more_of_any_criterion_never_lowers_the_grade(
    table: tuple[RuleSet, dict[str, Any]], more: Decimal, data: st.DataObject
) -> None:
    rules, inputs = table
    name = data.draw(st.sampled_from(sorted(inputs)))
    added = [each + more for each in inputs[name]] if isinstance(inputs[name], list) else inputs[name] + more
    before, after = grading.score(rules, inputs), grading.score(rules, {**inputs, name: added})
    assert before.total <= after.total
    assert rules.grades.index(before.grade) <= rules.grades.index(after.grade)


@given(tables())
def test_an_untouched_text_has_the_same_digest(table: tuple[RuleSet, dict[str, Any]]) -> None:
    rules, inputs = table
    assert grading.score(rules, inputs).ruleset == rules.digest
    assert len(rules.digest) == 64
