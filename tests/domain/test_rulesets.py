"""Rule sets are data: what is accepted, what is refused and on which line, and what only deserves a look."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal
from portal.domain import rule_findings, rulesets
from portal.domain.lifecycle import Outcome
from portal.domain.rulesets import RuleSetError, Severity
from portal.domain.toml_lines import lines
from portal.web.words.ruleset_messages import SENTENCES

SAMPLE = (Path(portal.__file__).parent / "rulesets" / "ir-2762-sample.toml").read_text(encoding="utf-8")
ROWS = SAMPLE.split("\n")


def line_of(text: str, among: str = SAMPLE) -> int:
    return among[: among.index(text)].count("\n") + 1


def test_the_sample_says_what_it_is() -> None:
    rules = rulesets.parse(SAMPLE)
    assert rules.id == "ir-2762-sample"
    assert rules.official is False
    assert "INVENTED" in ROWS[0]
    assert rules.effective_from == date(2015, 4, 18)
    assert rules.waiting_years == 4
    assert Outcome.REFUSED not in rules.waiting_after
    assert rules.grades == tuple(range(1, 13))
    assert [(each.name, each.weight) for each in rules.criteria] == [
        ("population", Decimal("0.4")),
        ("revenue", Decimal("0.4")),
        ("division", Decimal("0.2")),
    ]
    assert (rules.criteria[1].statistic, rules.criteria[1].years) == ("mean", 3)
    assert rules.cutoffs[-1] == (Decimal(92), 12)


def test_nothing_is_found_in_the_sample() -> None:
    assert rulesets.check(SAMPLE) == []


def test_the_digest_is_of_the_content_and_never_moves() -> None:
    """Decisions keep this digest: a release that computes another one would orphan them."""
    digest = "796fd234b5442527890724300a590fafacec7d9ac5f8c36233fff12577250c00"
    assert rulesets.parse(SAMPLE).digest == digest
    assert rulesets.parse("# another comment\n" + SAMPLE.replace("0.40", "0.4")).digest == digest
    assert rulesets.parse("\ufeff" + SAMPLE.replace("\n", "\r\n")).digest == digest
    assert rulesets.parse(SAMPLE.replace("[92, 12]", "[92.5, 12]")).digest != digest
    assert rulesets.parse(SAMPLE.replace("waiting_years = 4", "waiting_years = 5")).digest != digest


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "ir-2762-sample"', "", "missing-key"),
        ('id = "ir-2762-sample"', "id = 2762", "not-str"),
        ("official = false", 'official = "no"', "not-bool"),
        ("effective_from = 2015-04-18", 'effective_from = "2015-04-18"', "not-date"),
        ("effective_from = 2015-04-18", "effective_from = 2015-04-18T00:00:00", "not-date"),
        ("waiting_years = 4 ", "waiting_years = -1 ", "not-count"),
        ("waiting_years = 4 ", "waiting_years = true ", "not-count"),
        ("waiting_years = 4 ", 'waiting_after = ["never"] ', "unknown-outcome"),
        ("grades = [1, 2,", 'grades = [1, "1", 2,', "grade-twice"),
        ("grades = [1, 2,", "grades = [1, 2.5, 2,", "not-grade"),
        ('name = "population" ', 'name = "popu lation" ', "not-name"),
        ('name = "population" ', 'name = "id" ', "name-twice"),
        ('name = "division" ', 'name = "revenue_2" ', "name-twice"),
        ("weight = 0.20", "wieght = 0.20", "unknown-key"),
        ("weight = 0.20", "weight = 0", "not-positive"),
        ("weight = 0.20", "weight = nan", "not-number"),
        ("weight = 0.20", "weight = 1e99999999999999999999", "not-number"),
        ("weight = 0.20", "weight = 1e999999999", "too-large"),
        ("weight = 0.20", "weight = 0.2000001", "too-many-decimals"),
        ("weight = 0.20", 'weight = "0.20"', "not-number"),
        ('statistic = "mean"', 'statistic = "median"', "unknown-statistic"),
        ("[2500, 12]", "[0, 12]", "overlap"),
        ("[2500, 12]", "[-1, 12]", "not-ascending"),
        ("[2500, 12]", "[2500]", "not-pair"),
        ("[2500, 12]", '[2500, "12"]', "not-number"),
        ("values = {", "worth = {", "unknown-key"),
        ("{ none = 10,", '{ none = "10",', "not-number"),
        ("[92, 12]", "[92, 13]", "unknown-grade"),
        ("[92, 12]", "[82, 12]", "overlap"),
        ("[92, 12]", "[92, true]", "unknown-grade"),
        ("cutoffs = ", "cut_offs = ", "unknown-key"),
        ("[result] ", "[[result]] ", "not-dict"),
    ],
)
def test_what_cannot_be_scored_under_is_refused_with_its_line(old: str, new: str, code: str) -> None:
    assert SAMPLE.count(old) == 1
    with pytest.raises(RuleSetError) as refusal:
        rulesets.parse(SAMPLE.replace(old, new))
    found = [each for each in refusal.value.findings if each.code == code]
    assert found, refusal.value
    assert code in SENTENCES
    assert code == "missing-key" or found[0].line == line_of(old)


@pytest.mark.parametrize(
    ("old", "new", "code", "severity"),
    [
        ("[5000, 22]", "[5000, 11]", "fewer-points-for-more", "error"),
        ("[5000, 22]", "[5000, 12]", "band-without-effect", "warning"),
        ("[[0, 5], [2500, 12]", "[[1, 5], [2500, 12]", "gap-below-first-band", "warning"),
        ("[[0, 1], [10, 2]", "[[7, 1], [10, 2]", "totals-below-first-cutoff", "error"),
        ("[82, 11], [92, 12]", "[82, 12], [92, 11]", "lower-grade-for-more", "error"),
        ("[92, 12]", "[100.5, 12]", "grade-out-of-reach", "warning"),
        (", [92, 12]", "", "grade-without-cutoff", "warning"),
        ("effective_from = 2015-04-18", "effective_from = 1015-04-18", "odd-date", "warning"),
        ('id = "ir-2762-sample"', 'id = "x\\u0000"', "control-character", "error"),
        ('id = "ir-2762-sample"', f'id = "{"0a" * 32}"', "id-like-digest", "error"),
        ('id = "ir-2762-sample"', f'id = "{"0A" * 32}"', "id-like-digest", "error"),
        ('fa = "', 'fa = "\\u001b', "control-character", "error"),
        ("effective_from = 2015-04-18", "effective_from = 0001-01-01", "unshowable-date", "error"),
        ("effective_from = 2015-04-18", "effective_from = 9999-12-31", "unshowable-date", "error"),
        ("fa = ", "ar = ", "no-title-fa", "warning"),
    ],
)
def test_what_is_unwise_is_found_on_its_line(old: str, new: str, code: str, severity: str) -> None:
    assert SAMPLE.count(old) == 1
    text = SAMPLE.replace(old, new)
    rulesets.parse(text)
    (found,) = [each for each in rulesets.check(text) if each.code == code]
    assert found.severity is Severity(severity)
    assert code in SENTENCES
    assert ROWS[found.line - 1].startswith(("[title]", "grades")) or found.line == line_of(old)


def test_a_day_in_the_past_is_told_to_whoever_wants_to_publish() -> None:
    (found,) = rulesets.check(SAMPLE, today=date(2015, 4, 19))
    assert (found.code, found.line, found.severity) == ("effective-in-past", line_of("effective_from"), "warning")
    assert rulesets.check(SAMPLE, today=date(2015, 4, 18)) == []


def test_weights_add_up_to_a_whole_or_stand_out() -> None:
    def codes(text: str) -> list[str]:
        return [each.code for each in rulesets.check(text) if each.severity is Severity.ERROR]

    assert codes(SAMPLE.replace("0.20", "0.21")) == ["weights-do-not-add-up"]
    assert codes(SAMPLE.replace("0.40", "40").replace("0.20", "20")) == []
    assert codes(re.sub(r"weight = .*", "", SAMPLE)) == []


def test_a_band_on_a_line_of_its_own_is_found_there() -> None:
    text = SAMPLE.replace("[2500, 12], [5000, 22]", "\n  [2500, 12],  # a town\n\n  [5000, 2_2.0],\n [4000, 23]")
    (finding,) = rulesets.check(text)
    assert (finding.code, finding.line) == ("not-ascending", line_of("[4000", text))


@pytest.mark.parametrize("text", ["", "=", "a = [", "a" * 9000, "x = " + "[" * 9000, "x = " + "1" * 9000, "\x00", "é"])
def test_what_is_no_toml_is_refused(text: str) -> None:
    findings = rulesets.check(text)
    assert findings
    assert all(each.line == 1 and each.severity is Severity.ERROR for each in findings)


@given(
    st.lists(
        st.tuples(st.integers(0, len(ROWS) - 1), st.integers(0, 200), st.text("[]{}=,.\"'#-e019\n ab", max_size=4))
    )
)
def test_damaged_rule_sets_never_crash(damage: list[tuple[int, int, str]]) -> None:
    rows = list(ROWS)
    for row, at, text in damage:
        rows[row] = rows[row][:at] + text + rows[row][at + 1 :]
    text = "\n".join(rows)
    for each in rulesets.check(text):
        assert 1 <= each.line <= text.count("\n") + 1


VALUES = st.recursive(
    st.sampled_from(["-9", "true", "1.5", '"a]b"', "'c,d'", "2015-04-18 07:00:00", '"""e\nf"""']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: "[" + ",\n ".join(map(str, each)) + "]")
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3).map(
            lambda each: "{" + ", ".join(f"{name} = {value}" for name, value in each.items()) + "}"
        )
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5))
def test_every_key_of_any_document_has_a_line(values: list[object]) -> None:
    text = "".join(f"[[t]] # [\nk.'l m' = {each} # ]\n[t.u]\n" for each in values)
    found = lines(text)
    for path in _paths(tomllib.loads(text)):
        assert path in found
    ends = [text[: text.index("k.", at)].count("\n") + 1 for at in _starts(text, "[[t]]")]
    assert [found["t", at, "k", "l m"] for at in range(len(values))] == ends


def _starts(text: str, part: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(part), text)]


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for name, each in inner:
        found += _paths(each, (*path, name))
    return found


DEEP = {
    "a dotted key": ".".join("a" * 20_000) + " = 1",
    "one of quoted names": '."," '.join(["a"] * 20_000) + " = 1",
    "one behind a text of several lines": 'a = [ """\n"""  , {' + ".".join("b" * 20_000) + " = 1} ]",
    "one behind quotation marks": "a = '\"'\n" + ".".join("b" * 20_000) + " = 1",
    "one in a header": "[" + " . ".join("a" * 20_000) + "]",
    "brackets": "a = " + "[" * 300 + "1," * 50_000 + "]" * 300,
    "tables in tables": "a = " + "{b = " * 300 + "[" + "1," * 50_000 + "]" + "}" * 300,
}
"""What `tomllib`, and the search for lines behind it, take quadratic time for: 18 s for the first."""


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_too_deep_is_refused_before_it_is_parsed(text: str) -> None:
    (found,) = rulesets.check("# a remark\n" + text)
    assert (found.code, found.line) == ("too-deep", 2 + text.partition(" 1")[0].count("\n"))


MANY = 500_000
"""Quotation marks; a search that began anew at each of them would not come to an end."""
UNCLOSED = (
    '"' + '\\"' * MANY,
    '"""' + '\\"' * MANY + "\\",
    "'" * (2 * MANY + 1),
    '"' * (2 * MANY + 1),
    "'''" + "''\n" * MANY,
)


@pytest.mark.parametrize("text", UNCLOSED, ids=range(len(UNCLOSED)))
def test_texts_that_are_never_closed_are_looked_over_once(text: str) -> None:
    assert [each.code for each in rulesets.check("a = " + text)] == ["toml"]


class Bound(Decimal):
    """A number that counts how often such are compared."""

    compared: ClassVar[int] = 0

    def __lt__(self, other: object) -> bool:
        Bound.compared += 1
        return super().__lt__(other)  # type: ignore[operator]

    def __gt__(self, other: object) -> bool:
        Bound.compared += 1
        return super().__gt__(other)  # type: ignore[operator]


class Label(str):
    """A grade that counts how often such are compared."""

    __slots__ = ()
    __hash__ = str.__hash__
    compared: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Label.compared += 1
        return super().__eq__(other)


def test_as_many_grades_as_totals_are_each_compared_with_few() -> None:
    many = range(1, 5000)
    steps = ",".join(f"[{each},{each}]" for each in many)
    cutoffs = ",".join(f'[{each},"{each}"]' for each in many)
    text = (
        f'id = "a"\neffective_from = 2027-01-01\ngrades = {[str(each) for each in many]}\n'
        f'[[criteria]]\nname = "a"\nbands = [[0,0],{steps}]\n[result]\ncutoffs = [{cutoffs}]\n'
    )
    assert "totals-below-first-cutoff" in {each.code for each in rulesets.check(text)}
    rules = rulesets.parse(text)
    counted = replace(
        rules,
        grades=tuple(map(Label, many)),
        cutoffs=tuple((Bound(bound), Label(grade)) for bound, grade in rules.cutoffs),
    )
    Bound.compared = Label.compared = 0
    assert "totals-below-first-cutoff" in {code for _, code, _ in rule_findings.of(counted)}
    assert len(many) < Bound.compared < 40 * len(many)
    assert Label.compared < 2 * len(many)
    known = rulesets._grade_of(counted.grades)
    assert all(known(str(each), ()) == str(each) for each in many)
    assert Label.compared < 4 * len(many)


def test_dots_in_texts_and_numbers_are_no_depth() -> None:
    dots = "." * 60
    assert rulesets.parse(SAMPLE.replace('fa = "', f'fa = "{dots}')).title["fa"].startswith(dots)
