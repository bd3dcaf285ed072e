"""`portal serve` and `portal migrate`: production."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

import click
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal import piccolo_conf
from portal.cli.connect import servers
from portal.cli.migrations import bring_up_to_date
from portal.cli.node import Node
from portal.domain.errors import Unavailable
from portal.services import checkpoints, register
from portal.settings import Settings, SettingsError, load
from portal.storage import inspection
from portal.tables.people import Person

DEMO = "PORTAL__DEMO"
DEMO_USERNAME = "shahrdari"
LOST = "The workers ended again and again as soon as they had started; the lines above say how."


@click.command()
def serve() -> None:
    """Serve the portal under the environment's settings."""
    settings = load()
    _require_cage()
    with servers(settings) as complete:
        asyncio.run(_refuse_demo(complete))
        asyncio.run(_hold_the_key(complete))
        run(complete)


@click.command()
def migrate() -> None:
    """Bring the database up to date: schema, rights, register, score tables."""
    with servers(load()) as complete:
        click.echo(asyncio.run(bring_up_to_date(complete)).strip())


def _require_cage() -> None:
    """Production opens strangers' files in a sound cage or not at all."""
    weakness = asyncio.run(inspection.prove_cage())
    inspection.shut()  # the workers have their own
    if weakness:
        click.echo(weakness, err=True)
        sys.exit(2)


async def _refuse_demo(settings: Settings) -> None:
    """Production never starts on a database in which anyone can compute the demo accounts' codes."""
    assert settings.database_url is not None
    piccolo_conf.aim(settings.database_url)
    await register.check()
    if await Person.exists().where((Person.username == DEMO_USERNAME) & Person.ended_at.is_null()):
        click.echo("This database holds the demo's accounts, whose codes anyone can compute: use another.", err=True)
        sys.exit(2)


async def _hold_the_key(settings: Settings) -> None:
    """Bring in the journal's first key; refuse to start without the one in force.

    Raises:
        SettingsError.
    """
    checkpoints.sign_with(settings.journal_keys)
    try:
        await checkpoints.introduce(settings.base_url, now=datetime.now(UTC))
    except Unavailable as error:
        raise SettingsError(f"PORTAL_JOURNAL_KEY lacks the journal's key in force, {error.facts['key']}.") from error


def run(settings: Settings, *, demo: bool = False) -> None:
    """Serve until a signal, or until no worker lasts; workers learn the complete settings from their environment."""
    found = environment(settings)
    for name in found:  # a worker reads the value itself: the file beside it would be a second one
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(found)
    os.environ.pop(DEMO, None)
    if demo:
        os.environ[DEMO] = "1"
    node = Node(
        "portal.cli.serve:application",
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        backlog=1024,
    )
    if code := node.run():
        if code == 1:
            click.echo(LOST, err=True)
        sys.exit(code)


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a worker process the same database and store."""
    assert settings.database_url is not None
    assert settings.s3 is not None
    return {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_S3_ENDPOINT": settings.s3.endpoint,
        "PORTAL_S3_ACCESS_KEY": settings.s3.access_key,
        "PORTAL_S3_SECRET_KEY": settings.s3.secret_key,
        "PORTAL_S3_BUCKET": settings.s3.bucket,
        "PORTAL_S3_SECURE": str(settings.s3.secure).lower(),
        "PORTAL_S3_REGION": settings.s3.region,
        "PORTAL_JOURNAL_KEY": " ".join(settings.journal_keys),
    }


def application() -> ASGIApp:
    """The ASGI application of one worker, which ends at once when it is told to while it starts."""
    from portal.app import create_app

    app = create_app(load(demo=DEMO in os.environ))

    async def endable(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":  # type: ignore[comparison-overlap]
            await app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, os._exit, 0)

        async def told(message: Message) -> None:
            # Granian's handler of SIGTERM cannot be had back; that of SIGINT does the same.
            loop.add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
            await send(message)

        await app(scope, receive, told)

    return endable
