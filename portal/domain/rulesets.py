"""Rule sets: tables of points as data (TOML), read into exact values. A published one is never edited.

The schema, whose keys are all there are:

- `id`: text · `official`: true or false (default) · `effective_from`: a date · `grades`: whole numbers or labels,
  lowest first · `waiting_years`: whole years since the last notification (default 4)
- `waiting_after`: outcomes that start the waiting period (default: raised, unchanged, lowered)
- `[title]`: text by language
- `[[criteria]]`: `name`; `weight` (default 1); either `bands`, a list of [lower bound inclusive, points] in ascending
  order, or `values`, a table from word to points; for bands also `statistic = "mean"` with `years = n`
- `[result]` `cutoffs`: a list of [lowest total inclusive, grade] in ascending order

Numbers are exact: bounds and points carry at most six decimals, and so do weights. A text that `parse` accepts can
be scored under; what is merely unwise (weights that do not add up, grades that no one reaches) is for `check`.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import rfc8785

from portal.domain import rule_findings, toml_values
from portal.domain.lifecycle import Outcome
from portal.domain.toml_lines import Deep, Path, lines, require_shallow
from portal.domain.toml_values import Problem, Read, Table, Wrong

Grade = int | str

LONGEST_GRADE = 15
"""Characters of a grade, which also keeps a whole number within what JSON carries exactly."""
SAFE = 2**53
"""Integers from here on are text in JSON (RFC 8785 §3.2.2.3)."""

_NAME = re.compile(r"\w[\w-]{0,39}")
_STARTS_WAITING = (Outcome.RAISED, Outcome.UNCHANGED, Outcome.LOWERED)


class Severity(StrEnum):
    """An error stops publication, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What is wrong in a rule set: the line, from 1, the path of the key, and a stable code."""

    line: int
    where: str
    code: str
    severity: Severity = Severity.ERROR


class RuleSetError(ValueError):
    """A text that is no rule set; `findings` say why, in the order of their lines."""

    def __init__(self, findings: list[RuleFinding]) -> None:
        super().__init__("; ".join(f"{each.line}: {each.where}: {each.code}" for each in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: `bands` for numbers, or `values` for words; exactly one of them is filled.

    `statistic` is "mean" over `years` amounts, or None for a single number.
    """

    name: str
    weight: Decimal
    bands: tuple[tuple[Decimal, Decimal], ...] = ()
    values: Mapping[str, Decimal] | None = None
    statistic: str | None = None
    years: int = 1


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set as it was published; `digest` is the hex SHA-256 of its canonical content (RFC 8785)."""

    id: str
    official: bool
    effective_from: date
    waiting_years: int
    waiting_after: tuple[Outcome, ...]
    grades: tuple[Grade, ...]
    title: Mapping[str, str]
    criteria: tuple[Criterion, ...]
    cutoffs: tuple[tuple[Decimal, Grade], ...]
    digest: str


def parse(text: str) -> RuleSet:
    """The rule set that the TOML `text` says.

    Raises:
        RuleSetError: it is no TOML, a key is missing, unknown or of the wrong type, or bounds do not ascend.
    """
    problems: list[Problem] = []
    rules = _read(Table(_toml(text), (), problems))
    if problems:
        raise RuleSetError(_located(text, [(path, code, Severity.ERROR) for path, code in problems]))
    return rules


def check(text: str, today: date | None = None) -> list[RuleFinding]:
    """Every finding about the TOML `text`, by line: what `parse` refuses, and what the Organization should look at.

    `today` is for texts that are still to be published: none comes into force in the past.
    """
    try:
        rules = parse(text)
    except RuleSetError as error:
        return error.findings
    problems = [*rule_findings.of(rules), *(rule_findings.of_day(rules, today) if today else ())]
    return located(text, problems)


def located(text: str, problems: Iterable[rule_findings.Problem]) -> list[RuleFinding]:
    """`problems` of the rule set that `text` says, with their lines."""
    return _located(text, [(path, code, Severity(severity)) for path, code, severity in problems])


def _toml(text: str) -> dict[str, Any]:
    try:
        require_shallow(text.removeprefix("\ufeff"))
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=_decimal)
    except Deep as error:
        raise RuleSetError([RuleFinding(error.line, "", "too-deep")]) from error
    except (ValueError, RecursionError) as error:
        told = re.search(r"at line (\d+)", str(error))
        raise RuleSetError([RuleFinding(int(told[1]) if told else _suspect(text, error), "", "toml")]) from error


def _suspect(text: str, error: Exception) -> int:
    """The line of an error that names none: the end of the document, or whatever is too long or too deep to read."""
    rows = text.split("\n")
    if isinstance(error, tomllib.TOMLDecodeError):
        return len(rows)
    return 1 + max(range(len(rows)), key=lambda at: len(rows[at]))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond all bounds: refused where a number is wanted, with its line
        return Decimal("nan")


def _located(text: str, problems: list[tuple[Path, str, Severity]]) -> list[RuleFinding]:
    """Findings with the line of the key, or of the nearest one above it that is there."""
    known = lines(text.removeprefix("\ufeff"))
    found = []
    for path, code, severity in problems:
        near = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in known), ())
        found.append(RuleFinding(known.get(near, 1), ".".join(map(str, path)), code, severity))
    return sorted(found, key=lambda each: each.line)


def _read(given: Table) -> RuleSet:
    given.only(*RuleSet.__dataclass_fields__.keys() - {"digest", "cutoffs"}, "result")
    result = Table(given.take("result", toml_values.table) or {}, ("result",), given.problems).only("cutoffs")
    grades = given.take("grades", _grades) or ()
    rules = RuleSet(
        id=given.take("id", toml_values.text(80)),
        official=given.take("official", toml_values.flag, False),
        effective_from=given.take("effective_from", toml_values.day),
        waiting_years=given.take("waiting_years", toml_values.count(0, 50), 4),
        waiting_after=given.take("waiting_after", _outcomes, _STARTS_WAITING),
        grades=grades,
        title={"fa": "", "en": "", **(given.take("title", toml_values.texts, {}) or {})},
        criteria=tuple(
            _criterion(Table(each, at, given.problems)) for each, at in given.take("criteria", _tables) or ()
        ),
        cutoffs=result.take("cutoffs", toml_values.steps(_grade_of(grades))) or (),
        digest="" if given.problems else hashlib.sha256(rfc8785.dumps(_plain(given.given))).hexdigest(),
    )
    _apart(rules.criteria, given.problems)
    return rules


def _criterion(given: Table) -> Criterion:
    given.only(*Criterion.__dataclass_fields__)
    has = given.given.keys()
    if ("bands" in has) == ("values" in has):
        given.problems.append((given.path, "bands-or-values"))
    if ("statistic" in has) != ("years" in has) or {"statistic", "values"} <= has:
        given.problems.append((given.path, "statistic-needs-years-and-bands"))
    return Criterion(
        name=given.take("name", _name),
        weight=given.take("weight", toml_values.positive, Decimal(1)),
        bands=given.take("bands", toml_values.steps(toml_values.number), ()) or (),
        values=given.take("values", _words, None),
        statistic=given.take("statistic", _statistic, None),
        years=given.take("years", toml_values.count(1, 50), 1),
    )


def _apart(criteria: tuple[Criterion, ...], problems: list[Problem]) -> None:
    """Criteria must read different columns of a table of inputs: `name`, or `name_1` … `name_n`, beside `id`."""
    seen: set[str | None] = {"id"}
    for at, each in enumerate(criteria):
        columns = {each.name, *(f"{each.name}_{n + 1}" for n in range(each.years or 0) if each.statistic)} - {None}
        if columns & seen:
            problems.append((("criteria", at, "name"), "name-twice"))
        seen |= columns


def _tables(value: Any, path: Path) -> list[tuple[Mapping[str, Any], Path]]:
    return [(toml_values.table(each, at), at) for each, at in toml_values.items(value, path)]


def _name(value: Any, path: Path) -> str:
    name: str = toml_values.text(40)(value, path)
    if not _NAME.fullmatch(name):
        raise Wrong(path, "not-name")
    return name


def _statistic(value: Any, path: Path) -> str:
    if value != "mean":
        raise Wrong(path, "unknown-statistic")
    return "mean"


def _words(value: Any, path: Path) -> dict[str, Decimal]:
    return {word: toml_values.number(points, (*path, word)) for word, points in toml_values.table(value, path).items()}


def _outcomes(value: Any, path: Path) -> tuple[Outcome, ...]:
    if type(value) is not list or any(each not in tuple(Outcome) for each in value):
        raise Wrong(path, "unknown-outcome")
    return tuple(Outcome(each) for each in value)


def _grades(value: Any, path: Path) -> tuple[Grade, ...]:
    seen = set()
    for each, at in toml_values.items(value, path):
        if type(each) not in (int, str) or not 1 <= len(str(each)) <= LONGEST_GRADE:
            raise Wrong(at, "not-grade")
        if str(each) in seen:  # 1 and "1" would be one and the same on a screen
            raise Wrong(at, "grade-twice")
        seen.add(str(each))
    return tuple(value)


def _grade_of(grades: tuple[Grade, ...]) -> Read:
    known = frozenset(grades)

    def read(value: Any, path: Path) -> Grade:
        if grades and (type(value) not in (int, str) or value not in known):
            raise Wrong(path, "unknown-grade")
        grade: Grade = value
        return grade

    return read


def _plain(value: Any) -> Any:
    """`value` as JSON carries it exactly: numbers that are not safe integers, and dates, as text."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case bool() | str():
            return value
        case int() | Decimal():
            number = Decimal(value)
            return int(number) if number == int(number) and abs(number) < SAFE else exact(number)
        case _:
            return value.isoformat()


def exact(number: Decimal) -> str:
    """`number` in plain digits, without an exponent or trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
