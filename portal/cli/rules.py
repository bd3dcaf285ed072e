"""`portal rules`: score tables. Checking and scoring need no settings and no database."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO, cast

import click
from tqdm import tqdm

from portal.cli.speech import say
from portal.domain import persian, rulesets, scoring_table
from portal.domain.csv_rows import BadRow
from portal.domain.rulesets import RuleFinding, RuleSet, RuleSetError, Severity
from portal.domain.scoring_table import HeaderError, Scored
from portal.web.words import ruleset_messages

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rules() -> None:
    """Check score tables, score under them, recompute what was decided."""


@rules.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Look FILE over: every finding with its line. Exit code 1 for errors; warnings pass."""
    found = rulesets.check(_text(file), today=persian.tehran_date(datetime.now(UTC)))
    for each in found:
        _tell(file, each)
    if any(each.severity is Severity.ERROR for each in found):
        sys.exit(1)
    known = rulesets.parse(_text(file))
    click.echo(f"{known.id}  {known.digest}")


@rules.command()
@click.argument("file", type=FILE)
@click.option("--csv", "table", type=FILE, required=True, help="One row a unit: id, and the criteria's columns.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; else standard output.")
def score(file: Path, table: Path, out: Path | None) -> None:
    """Score every unit of a CSV under FILE. Bad rows are told and left out; exit code 1 then."""
    known = _known(file)
    with table.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as given:
        try:
            columns, rows = scoring_table.score_all(known, given)
        except HeaderError as error:
            _complain(table, error.line, error.column, error.code)
            sys.exit(1)
        with _writing(out) as file_out:
            bad = _write(known, columns, rows, file_out, table)
    sys.exit(1 if bad else 0)


def _write(
    known: RuleSet, columns: scoring_table.Columns, rows: Iterator[Scored | BadRow], out: TextIO, table: Path
) -> int:
    """Write what is scored, complain of the rest; how many rows were bad."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(scoring_table.header_of(known, columns))
    bad = 0
    for each in tqdm(rows, desc=say("units"), unit="", disable=None, leave=False):
        if isinstance(each, Scored):
            writer.writerow(scoring_table.row_of(each))
        else:
            bad += 1
            _complain(table, each.line, each.where, each.code)
    return bad


@contextmanager
def _writing(out: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is there only once it is whole: its name may be that of the input."""
    if out is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # names are Persian, whatever the terminal's locale
        yield sys.stdout
        return
    try:
        file = NamedTemporaryFile(  # noqa: SIM115 (closed below, and kept)
            "w", dir=out.parent, prefix=f".{out.name}.", encoding="utf-8", newline="", delete=False
        )
    except OSError as error:
        raise click.UsageError(f"{out}: {error.strerror}") from error
    try:
        with file:
            yield cast(TextIO, file)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(out)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _known(file: Path) -> RuleSet:
    try:
        return rulesets.parse(_text(file))
    except RuleSetError as error:
        for each in error.findings:
            _tell(file, each)
        sys.exit(1)


def _text(file: Path) -> str:
    """The text of `file`; bytes that are no UTF-8 are a finding on their line."""
    data = file.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        _complain(file, data[: error.start].count(b"\n") + 1, "", "not-utf8")
        sys.exit(1)


def _tell(file: Path, each: RuleFinding) -> None:
    where = f"{each.where}: " if each.where else ""
    click.echo(f"{file}:{each.line}: {each.severity}: {where}{ruleset_messages.sentence(each.code)} [{each.code}]")


def _complain(file: Path, line: int, where: str, code: str) -> None:
    named = f"{where}: " if where else ""
    click.echo(f"{file}:{line}: {named}{ruleset_messages.sentence(code)} [{code}]", err=True)


@rules.command()
def replay() -> None:
    """Compute every recorded score again, and say which ones no longer agree (exit code 1)."""
    from portal.cli.replaying import replay_all  # only here: the rest needs no database

    sys.exit(1 if replay_all() else 0)
