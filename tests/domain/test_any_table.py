"""The engine under tables that no one here has seen: generated rule sets, against arithmetic done another way."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import grading
from portal.domain.rulesets import RuleSet
from tests.world.rulesets import tables


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
