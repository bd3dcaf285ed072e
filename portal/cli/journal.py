"""`portal journal`: checkpoints put outside, and the key that signs them."""

import asyncio
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import click

from portal.cli.connect import connected
from portal.cli.speech import counted, say, told
from portal.domain.errors import DomainError, NotFound
from portal.domain.journal_keys import JournalKey
from portal.services.journal import checkpoints, witnesses
from portal.storage.witness import WitnessError, without_secrets
from portal.web.words import error_messages


@click.group()
def journal() -> None:
    """Checkpoints of the journal, and its keys."""


@journal.command()
def checkpoint() -> None:
    """Print the present checkpoint, signed."""
    _run(_checkpoint())


async def _checkpoint() -> None:
    async with connected():
        click.echo((await checkpoints.note())[1], nl=False)


@journal.command()
@click.option("--to", "targets", multiple=True, help="A folder, s3://… or https://…; default: PORTAL_JOURNAL_WITNESS.")
def publish(targets: tuple[str, ...]) -> None:
    """Put the present checkpoint outside the portal, time-stamped where an authority is configured."""
    _run(_publish(targets))


async def _publish(targets: tuple[str, ...]) -> None:
    async with connected() as settings:
        places = targets or settings.witnesses
        published = await witnesses.publish(places, authority=settings.time_stamp_authority, now=datetime.now(UTC))
        said = counted(
            "The checkpoint over %(n)s entry is put here:",
            "The checkpoint over %(n)s entries is put here:",
            published.size,
        )
        click.echo("\n".join([said, *(without_secrets(each) for each in places)]))


@journal.command()
def keys() -> None:
    """List every key that the journal ever had."""
    _run(_keys())


async def _keys() -> None:
    async with connected():
        for each in await checkpoints.history():
            click.echo(_line(each))


@journal.command()
@click.option("--reason", default="", help="Why; it is recorded.")
def rotate(reason: str) -> None:
    """Replace the key in force by the new one of PORTAL_JOURNAL_KEY, which holds both."""
    _run(_changed(lambda: checkpoints.rotate(reason=reason, now=datetime.now(UTC))))


@journal.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="Why it is believed no more; it is recorded.")
def revoke(key_id: str, reason: str) -> None:
    """Revoke the key KEY_ID (eight hex digits); the one in force is replaced with it."""
    _run(_changed(lambda: checkpoints.revoke(key_id, reason=reason, now=datetime.now(UTC))))


async def _changed(change: Any) -> None:
    async with connected():
        click.echo(_line(await change()))


def _line(key: JournalKey) -> str:
    state = say("revoked") if key.revoked_at else say("in force") if key.until is None else say("replaced")
    until = f" – {key.until_at:%Y-%m-%d}" if key.until_at else ""
    return f"{key.key.text()}  {state}, {key.since_at:%Y-%m-%d}{until}{f', {key.reason}' if key.reason else ''}"


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work`; a refusal is one sentence and exit code 1."""
    try:
        asyncio.run(work)
    except NotFound:
        click.echo(say("The journal has no such key that is not revoked already."), err=True)
        sys.exit(1)
    except DomainError as error:
        click.echo(error_messages.sentence(error.code, error.facts), err=True)
        sys.exit(1)
    except WitnessError as error:
        click.echo(told(error), err=True)
        sys.exit(1)
