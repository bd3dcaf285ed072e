"""`portal rules`: score tables, without settings or a database."""

import sys
from pathlib import Path

import click

from portal.domain.rulesets import RuleSetError, parse


@click.group()
def rules() -> None:
    """Check score tables."""


@rules.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Read FILE as a rule set; exit code 1 and its findings where it is none."""
    try:
        found = parse(file.read_text(encoding="utf-8"))
    except RuleSetError as error:
        for finding in error.findings:
            click.echo(f"{file}: {finding.where}: {finding.code}")
        sys.exit(1)
    click.echo(f"{found.id}  {found.digest}")
