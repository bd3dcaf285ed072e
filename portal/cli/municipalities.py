"""`portal municipalities`: what the register knows of towns beside their names and codes."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from portal.cli.connect import connected
from portal.cli.speech import counted
from portal.domain import town_tables
from portal.domain.csv_rows import BadRow
from portal.domain.scoring_table import HeaderError
from portal.services.register import census
from portal.services.register.census import Loaded
from portal.web.formats import digits
from portal.web.words import ruleset_messages

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def municipalities() -> None:
    """Load census figures and earlier grades into the register."""


@municipalities.command("import-census")
@click.argument("file", type=FILE)
@click.option("--year", type=click.IntRange(1335, 1500), help="The census, where FILE has no column census_year.")
def import_census(file: Path, year: int | None) -> None:
    """Load the populations of FILE (CSV): city_code (or province, municipality), population, census_year."""
    asyncio.run(_import(file, lambda lines, towns: town_tables.census(lines, towns, year), census.load))


@municipalities.command("import-grades")
@click.argument("file", type=FILE)
def import_grades(file: Path) -> None:
    """Load grades from before the portal: city_code (or province, municipality), grade, notified_on (1400/10/23)."""
    asyncio.run(_import(file, town_tables.grades, census.load_grades))


async def _import(file: Path, read: Any, load: Any) -> None:
    """Load what can be read, tell the rest with its line; exit code 1 then."""
    async with connected():
        towns = await census.towns()
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            try:
                good, bad = _apart(read(lines, towns))
            except HeaderError as error:
                good, bad = [], [BadRow(error.line, error.column, error.code)]
        loaded: Loaded = await load(good, now=datetime.now(UTC))
    for each in bad:
        where = f"{each.where}: " if each.where else ""
        click.echo(f"{file}:{each.line}: {where}{ruleset_messages.sentence(each.code)} [{each.code}]", err=True)
    click.echo(
        counted(
            "%(n)s row read: %(new)s new, %(changed)s changed; %(bad)s refused",
            "%(n)s rows read: %(new)s new, %(changed)s changed; %(bad)s refused",
            len(good),
            new=digits(loaded.new),
            changed=digits(loaded.changed),
            bad=digits(len(bad)),
        )
    )
    if bad:
        sys.exit(1)


def _apart(rows: Iterator[Any] | Iterable[Any]) -> tuple[list[Any], list[BadRow]]:
    good: list[Any] = []
    bad: list[BadRow] = []
    for each in rows:
        (bad if isinstance(each, BadRow) else good).append(each)
    return good, bad
