"""`portal rules check` and `score`: findings with lines, exit codes, bad rows that stop nothing, other countries."""

import csv
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import portal
from portal.domain import rulesets, scoring_table
from portal.domain.csv_rows import BadRow
from portal.domain.scoring_table import HeaderError
from tests.world import commands
from tests.world.files import PROJECT

HERE = PROJECT / "tests" / "rulesets"
SHIPPED = Path(portal.__file__).parent
SAMPLE = SHIPPED / "rulesets" / "ir-2762-sample.toml"
PHILIPPINES, INDONESIA = HERE / "ph-ra-11964-municipality.toml", HERE / "id-pp-18-2016-shape.toml"
HEADER = "id,population,revenue_1,revenue_2,revenue_3,division"
GOOD = "a,55703,900000000000,1100000000000,1300000000000,farmandari"


def run(*arguments: object) -> Result:
    return commands.invoke("rules", *arguments)


def scored(tmp_path: Path, rows: Iterable[str], ruleset: Path = SAMPLE) -> tuple[Result, list[dict[str, str]]]:
    table = tmp_path / "units.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8", errors="surrogateescape")
    result = run("score", ruleset, "--csv", table, "--out", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as out:
        return result, list(csv.DictReader(out))


@pytest.mark.parametrize("file", [SAMPLE, PHILIPPINES, INDONESIA], ids=lambda each: each.stem)
def test_warnings_pass(file: Path) -> None:
    result = run("check", file)
    assert result.exit_code == 0
    assert rulesets.parse(file.read_text(encoding="utf-8")).digest in result.stdout
    assert ": error:" not in result.output


def test_an_error_is_told_with_its_line_and_ends_with_one(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(SAMPLE.read_text(encoding="utf-8").replace("weight = 0.20", "wieght = 0.20"), encoding="utf-8")
    result = run("check", file)
    line = next(n for n, each in enumerate(file.read_text(encoding="utf-8").split("\n"), 1) if "wieght" in each)
    assert result.exit_code == 1
    assert f"{file}:{line}: error: criteria.2.wieght: There is no such key" in result.output
    assert run("score", file, "--csv", file).exit_code == 1
    assert run("check", tmp_path / "absent.toml").exit_code == 2


def test_the_sample_scores_a_town(tmp_path: Path) -> None:
    result, (row,) = scored(tmp_path, [HEADER, GOOD])
    assert (result.exit_code, result.output) == (0, "")
    assert row["id"] == "a"
    assert [row[f"{each}_points"] for each in ("population", "revenue", "division")] == ["50", "42", "65"]
    assert (row["total"], row["grade"]) == ("49.8", "7")


def test_bad_rows_are_told_and_stop_nothing(tmp_path: Path) -> None:
    bad = [
        "b,,1,2,3,none",
        "c,1,1,,3,none",
        'd,"1,000",1,2,3,none',
        "e,1,1,2,3,village",
        "f,-1,1,2,3,none",
        "g,1,1,2,3",
        "h,1,1,2,3,none,more",
        'i,"1,1,2,3,none',
        ",1,1,2,3,none",
        "a,1,1,2,3,none",
        "\udcff,1,1,2,3,none",
        "j,1e3,1,2,3,none",
    ]
    result, rows = scored(tmp_path, [HEADER, GOOD, *bad, "z,۲۵۰۰,۱٫۵,2,3.25,bakhshdari"])
    assert result.exit_code == 1
    assert [row["id"] for row in rows] == ["a", "z"]
    assert rows[1]["population_points"] == "12"
    told = result.output.splitlines()
    assert [int(each.split(".csv:")[1].split(":")[0]) for each in told] == list(range(3, 3 + len(bad)))
    codes = [each.rsplit("[", 1)[1].rstrip("]") for each in told]
    assert codes == [
        "missing", "missing", "not-a-number", "unknown-word", "below-first-band", "too-few-cells", "too-many-cells",
        "not-csv", "missing", "id-twice", "not-utf8", "not-a-number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "column", "code"),
    [
        ("", "", "no-header"),
        ("population,revenue,division", "id", "no-column"),
        ("id,population,division", "revenue", "no-column"),
        ("id,population,revenue_1,revenue_2,division", "revenue_3", "no-column"),
        ("id,id,population,revenue,division", "id", "column-twice"),
    ],
)
def test_a_header_that_cannot_serve_is_told(header: str, column: str, code: str) -> None:
    with pytest.raises(HeaderError) as refusal:
        scoring_table.score_all(rulesets.parse(SAMPLE.read_text(encoding="utf-8")), [header])
    assert (refusal.value.column, refusal.value.code) == (column, code)


def test_a_statistic_may_stand_for_its_years_and_columns_are_carried_along(tmp_path: Path) -> None:
    header = "name,grade,id,revenue,division,population,revenue_1,revenue_2,revenue_3"
    rows = [header, "«الف», ب,9,a,1100000000000,farmandari,55703,,,".replace("«الف», ب", '"«الف», ب"')]
    result, (row,) = scored(tmp_path, rows)
    assert result.exit_code == 0
    assert (row["name"], row["given_grade"], row["grade"], row["total"]) == ("«الف», ب", "9", "7", "49.8")


def test_the_output_may_replace_its_input(tmp_path: Path) -> None:
    table = tmp_path / "units.csv"
    table.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    assert run("score", SAMPLE, "--csv", table, "--out", table).exit_code == 0
    assert table.read_text(encoding="utf-8").splitlines()[1].endswith(",50,42,65,49.8,7")
    assert [each.name for each in tmp_path.iterdir()] == ["units.csv"]
    assert run("score", SAMPLE, "--csv", table, "--out", tmp_path / "no" / "where.csv").exit_code == 2


def test_the_philippines(tmp_path: Path) -> None:
    """RA 11964, section 3: means of three years, in pesos."""
    rows = [
        "id,income_1,income_2,income_3",
        "exactly 200 M,200000000,199999999.50,200000000.50",
        "below it,200000000,200000000,199999999.99",
        "exactly 160 M,100000000,160000000,220000000",
        "exactly 130 M,130000000,130000000,130000000",
        "exactly 90 M,0,90000000,180000000",
        "below all,89999999,90000000,90000000",
    ]
    result, found = scored(tmp_path, rows, PHILIPPINES)
    assert result.exit_code == 0
    assert [row["grade"] for row in found] == ["1st", "2nd", "2nd", "3rd", "4th", "5th"]
    result, found = scored(tmp_path, ["id,income", "mean alone,160000000"], PHILIPPINES)
    assert [row["grade"] for row in found] == ["2nd"]


def test_indonesia(tmp_path: Path) -> None:
    """The shape of PP 18/2016: «more than 800» is A, 800 itself is B."""
    rows = [
        "id,population,area,budget",
        "all large,1000001,2000.01,2000.01",
        "exactly 800,500001,1000.01,1500.01",
        "exactly 600,100001,500.01,1000.01",
        "exactly 400,50001,250.01,500.01",
    ]
    result, found = scored(tmp_path, rows, INDONESIA)
    assert result.exit_code == 0
    assert [(row["total"], row["grade"]) for row in found] == [
        ("1000", "A"),
        ("800", "B"),
        ("600", "C"),
        ("400", "none"),
    ]


def test_the_published_towns_score_without_error(tmp_path: Path) -> None:
    """The sample's tables are invented, and press is no register: that 41 towns score is all that is asserted."""
    with (SHIPPED / "register" / "published-grades.csv").open(encoding="utf-8", newline="") as file:
        towns = list(csv.DictReader(file))
    rows = [f"{n},{each['population']},100000000000,none,{each['grade']}" for n, each in enumerate(towns)]
    result, found = scored(tmp_path, ["id,population,revenue,division,grade", *rows])
    assert (result.exit_code, len(found)) == (0, 41)


def test_rules_need_no_settings(tmp_path: Path) -> None:
    """An environment that would stop a server stops no arithmetic, and in a pipe nothing else is said."""
    table = tmp_path / "units.csv"
    table.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    broken = {"PORTAL_DATABASE_URL": "nonsense", "PORTAL_PORT": "none", "PATH": ""}
    if str(SHIPPED).isascii():  # else Python itself does not start: it reads its own folder's name in that locale
        broken["LC_ALL"] = "C"
    command = [sys.executable, "-m", "portal", "rules", "score", str(SAMPLE), "--csv", str(table)]
    done = subprocess.run(command, env=broken, capture_output=True, check=True, cwd=SHIPPED.parent)
    assert done.stdout.decode().splitlines()[1] == f"{GOOD},50,42,65,49.8,7"
    assert done.stderr == b""


CELLS = st.text(st.sampled_from("0123456789.,\"'\n\r;-eE ۱٫é\udcffnone"), max_size=12)
LINES = st.lists(st.lists(CELLS, max_size=8).map(",".join) | st.just(GOOD) | st.text(max_size=30), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([HEADER, "id,population,revenue,division", ""]), LINES)
@example(HEADER, ['"' + "x" * 140_000, GOOD])
def test_fuzzed_tables_never_crash_and_every_error_names_its_line(
    tmp_path: Path, header: str, lines: list[str]
) -> None:
    table = tmp_path / "units.csv"
    text = "\n".join([header, *lines])
    table.write_bytes(text.encode("utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape"))
    result = run("score", SAMPLE, "--csv", table)
    assert result.exit_code in (0, 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    last = len(table.read_bytes().splitlines()) + text.count("\r") + 1
    for each in result.stderr.splitlines():
        assert each.startswith(f"{table}:")
        assert 1 <= int(each.removeprefix(f"{table}:").split(":")[0]) <= last


@given(st.lists(st.sampled_from([GOOD, 'b,"1', "c", 'd,1,"2,3', "", "e,1,2,3,4,none"]), max_size=12))
def test_a_damaged_row_never_swallows_a_good_one(rows: list[str]) -> None:
    ruleset = rulesets.parse(SAMPLE.read_text(encoding="utf-8"))
    named = [each.replace("a,", f"a{n},", 1) if each == GOOD else each for n, each in enumerate(rows)]
    _, answers = scoring_table.score_all(ruleset, [f"{each}\n" for each in [HEADER, *named]])
    found = list(answers)
    assert sum(not isinstance(each, BadRow) for each in found) >= rows.count(GOOD)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 40))
def test_fuzzed_rule_sets_never_crash_the_command(tmp_path: Path, junk: bytes, at: int, cut: int) -> None:
    data = SAMPLE.read_bytes()
    file = tmp_path / "rules.toml"
    file.write_bytes(data[:at] + junk + data[at + cut :])
    result = run("check", file)
    assert result.exit_code in (0, 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    told = [each for each in result.output.splitlines() if each.startswith(f"{file}:")]
    assert result.exit_code == 0 or told
    assert all(each.removeprefix(f"{file}:").split(":")[0].isdecimal() for each in told)
