"""From values to points to a total to a grade, exactly, with every step kept. Pure and total on valid input.

Lower bounds are inclusive. A missing value is refused, never scored as zero. Sums and products are exact; a mean is
cut to six decimals, which no bound has more of, so that it falls into its band exactly.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation, localcontext
from operator import itemgetter
from typing import Any

import jdatetime

from portal.domain.rulesets import Criterion, Grade, RuleSet, exact
from portal.domain.toml_values import DECIMALS

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
"""Refuses to round: bounds, points and weights have at most 27 digits, amounts at most 30."""
_CUT = Decimal(1).scaleb(-DECIMALS)
_CUTTING = Context(prec=80, rounding=ROUND_FLOOR)
_MOST = Decimal(10) ** 24


class Unscorable(ValueError):
    """No score, because of the criterion `name`. `code` says why."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"{name}: {code}")
        self.name = name
        self.code = code


class MissingInput(Unscorable):
    """The criterion has no value, or not all of its amounts. `code`: `missing`."""


class UnknownInput(Unscorable):
    """The value lies outside the tables. `code`: `not-a-number`, `too-many`, `unknown-word`, `below-first-band`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion: its value, the band that it fell into, what that adds, and how far the next ones are.

    `band` is the band's lower bound, or the word itself; `amounts` are what a mean was made of, ascending.
    `next_band` gives more points, `grade_band` enough for the next grade if nothing else changes; `to_next` and
    `to_next_grade` are the distances to them, in the criterion's own unit. None: there is no such band, or no distance
    between words.
    """

    name: str
    value: Decimal | str
    amounts: tuple[Decimal, ...] | None
    band: Decimal | str
    points: Decimal
    weight: Decimal
    product: Decimal
    next_band: Decimal | str | None
    to_next: Decimal | None
    grade_band: Decimal | str | None = None
    to_next_grade: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with its whole arithmetic; `ruleset` is a digest, `to_next_grade` is in points, None at the top."""

    ruleset: str
    criteria: tuple[Step, ...]
    total: Decimal
    cutoff: Decimal
    grade: Grade
    next_cutoff: Decimal | None
    next_grade: Grade | None
    to_next_grade: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON: decimals as text, so that nothing is rounded on the way."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        steps = [{name: _plain(getattr(step, name)) for name in step.__dataclass_fields__} for step in self.criteria]
        return {name: _plain(value) for name, value in given.items()} | {"criteria": steps}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return exact(value) if isinstance(value, Decimal) else value


def score(ruleset: RuleSet, inputs: Mapping[str, Any]) -> Explanation:
    """The score of `inputs` under `ruleset`.

    `inputs` holds, by criterion, a whole number, a Decimal or its text in Latin digits; a word; or, for a mean, the
    amounts in any order (or the mean itself). Other keys are not looked at.

    Raises:
        MissingInput, UnknownInput.
    """
    with localcontext(_EXACT):
        steps = [_step(each, inputs.get(each.name)) for each in ruleset.criteria]
        total = sum((step.product for step in steps), Decimal(0))
        at = _at(ruleset.cutoffs, total, "total")
        cutoff, grade = ruleset.cutoffs[at]
        higher, better = ruleset.cutoffs[at + 1] if at + 1 < len(ruleset.cutoffs) else (None, None)
        lack = None if higher is None else higher - total
        if lack is not None:
            steps = [_towards(lack, each, step) for each, step in zip(ruleset.criteria, steps, strict=True)]
    return Explanation(ruleset.digest, tuple(steps), total, cutoff, grade, higher, better, lack)


def _at(bands: Sequence[tuple[Decimal, Any]], value: Decimal, name: str) -> int:
    """Which of the bands, from 0, `value` lies in; lower bounds are inclusive."""
    at = bisect_right(bands, value, key=itemgetter(0)) - 1
    if at < 0:
        raise UnknownInput(name, "below-first-band")
    return at


def _step(criterion: Criterion, given: Any) -> Step:
    if given is None or given == "":
        raise MissingInput(criterion.name, "missing")
    if criterion.values is not None:
        return _word(criterion, criterion.values, given)
    value, amounts = _value(criterion, given)
    at = _at(criterion.bands, value, criterion.name)
    band, points = criterion.bands[at]
    higher = criterion.bands[at + 1][0] if at + 1 < len(criterion.bands) else None
    to_next = None if higher is None else higher - value
    product = points * criterion.weight
    return Step(criterion.name, value, amounts, band, points, criterion.weight, product, higher, to_next)


def _word(criterion: Criterion, values: Mapping[str, Decimal], given: Any) -> Step:
    if not isinstance(given, str) or given not in values:
        raise UnknownInput(criterion.name, "unknown-word")
    word, points = str(given), values[given]
    product = points * criterion.weight
    higher = _least_word(values, above=points)
    return Step(criterion.name, word, None, word, points, criterion.weight, product, higher, None)


def _least_word(values: Mapping[str, Decimal], *, above: Decimal, enough: Decimal | None = None) -> str | None:
    """The word with the fewest points that are more than `above` and at least `enough`."""
    options = [word for word, each in values.items() if each > above and (enough is None or each >= enough)]
    return min(options, key=lambda word: values[word], default=None)


def _value(criterion: Criterion, given: Any) -> tuple[Decimal, tuple[Decimal, ...] | None]:
    """The number that is looked up in the bands, and the amounts that it is the mean of."""
    if not isinstance(given, (list, tuple)):
        return _number(criterion.name, given), None
    if len(given) > criterion.years:
        raise UnknownInput(criterion.name, "too-many")
    if len(given) < criterion.years or any(each is None or each == "" for each in given):
        raise MissingInput(criterion.name, "missing")
    amounts = sorted(_number(criterion.name, each) for each in given)
    return mean(amounts), tuple(amounts)


def mean(amounts: Sequence[Decimal]) -> Decimal:
    """The mean of `amounts` (one or more), cut to six decimals."""
    return _CUTTING.quantize(_CUTTING.divide(sum(amounts, Decimal(0)), Decimal(len(amounts))), _CUT)


def _number(name: str, given: Any) -> Decimal:
    """An exact number: binary floats are refused, since 0.1 is not what they hold."""
    if isinstance(given, bool) or not isinstance(given, (int, Decimal, str)):
        raise UnknownInput(name, "not-a-number")
    try:
        number = Decimal(given)
        if not (number.is_finite() and -_MOST < number < _MOST and number == number.quantize(_CUT)):
            raise UnknownInput(name, "not-a-number")
    except (InvalidOperation, Inexact):
        raise UnknownInput(name, "not-a-number") from None
    return number if number else Decimal(0)


def _towards(lack: Decimal, criterion: Criterion, step: Step) -> Step:
    """`step` with what this criterion alone would need to add the `lack` points of the total."""
    bound: Decimal | str | None
    if criterion.values is not None:
        options = {word: points * criterion.weight for word, points in criterion.values.items()}
        bound, distance = _least_word(options, above=step.product, enough=step.product + lack), None
    else:
        assert isinstance(step.value, Decimal)
        assert isinstance(step.band, Decimal)
        wanted, band = step.product + lack, step.band
        higher = (at for at, points in criterion.bands if at > band and points * criterion.weight >= wanted)
        bound = next(higher, None)
        distance = None if bound is None else bound - step.value
    return replace(step, grade_band=bound, to_next_grade=distance)


def waiting_until(notified_on: date, years: int) -> date:
    """The first day on which a town is eligible again: the same Solar Hijri day, `years` later.

    30 Esfand becomes 1 Farvardin of the year after where the target year has no such day: the years must be full.
    """
    solar = jdatetime.date.fromgregorian(date=notified_on)
    try:
        later = jdatetime.date(solar.year + years, solar.month, solar.day)
    except ValueError:
        later = jdatetime.date(solar.year + years + 1, 1, 1)
    gregorian: date = later.togregorian()
    return gregorian
