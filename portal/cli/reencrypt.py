"""`portal accounts reencrypt`: after a new PORTAL_SECRET_KEY, so that the old one can leave the list."""

import asyncio
import sys

import click

from portal.cli.connect import connected
from portal.cli.speech import counted, say
from portal.services.authentication import rekeying


@click.command()
def reencrypt() -> None:
    """Encrypt every second-factor secret again, under the newest PORTAL_SECRET_KEY.

    Exit code 1 where a secret cannot be read with any key of the list: its key must come back first.
    """
    done, lost = asyncio.run(_reencrypt())
    click.echo(
        counted(
            "%(n)s secret is encrypted under the newest key.", "%(n)s secrets are encrypted under the newest key.", done
        )
    )
    if lost:
        sentence = say("%(n)s cannot be read with any key of PORTAL_SECRET_KEY:", n=len(lost))
        click.echo(f"{sentence} {', '.join(lost)}", err=True)
        sys.exit(1)


async def _reencrypt() -> tuple[int, list[str]]:
    async with connected():
        return await rekeying.reencrypt()
