"""`portal sweep`: what the store holds beside its rows, and what the rows miss in the store."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import click

from portal.cli.connect import connected, store_of
from portal.cli.speech import counted, say
from portal.services.authentication import rate_limits
from portal.services.documents import sweeping
from portal.web.formats import digits


@click.command()
@click.option("--dry-run", is_flag=True, help="Report, and remove nothing.")
@click.option(
    "--grace",
    type=click.IntRange(min=1),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="Leave alone whatever is younger.",
)
def sweep(dry_run: bool, grace: int) -> None:
    """Remove objects that no row names, and end abandoned uploads; report documents whose object is gone.

    Run it daily. Exit code 1: a document's object is missing; restore it from a copy of the store.
    """
    sys.exit(asyncio.run(_sweep(dry_run, timedelta(hours=grace))))


async def _sweep(dry_run: bool, grace: timedelta) -> int:
    now = datetime.now(UTC)
    async with connected() as settings, store_of(settings) as store:
        if not dry_run:
            ended = await sweeping.expired(store=store, now=now)
            click.echo(counted("%(n)s abandoned upload ended", "%(n)s abandoned uploads ended", ended))
            spent = await rate_limits.forget(now=now)
            click.echo(
                counted("%(n)s budget of sign-in tries forgotten", "%(n)s budgets of sign-in tries forgotten", spent)
            )
        found = removed = 0
        async for stray in sweeping.strays(store=store, now=now, grace=grace):
            found += 1
            gone = not dry_run and await sweeping.remove(stray, store=store)
            removed += gone
            size = say("open parts") if stray.parts else _bytes(stray.size or 0)
            click.echo(f"{'removed' if gone else 'stray'}: {stray.key} ({size})")
        click.echo(
            counted(
                "%(n)s object without a row, %(removed)s removed",
                "%(n)s objects without a row, %(removed)s removed",
                found,
                removed=digits(removed),
            )
        )
        lost = 0
        async for key in sweeping.missing(store=store):
            lost += 1
            click.echo(f"MISSING: {key}", err=True)
        click.echo(counted("%(n)s document without its object", "%(n)s documents without their object", lost))
        return 1 if lost else 0


def _bytes(size: int) -> str:
    return counted("%(n)s byte", "%(n)s bytes", size)
