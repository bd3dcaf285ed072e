"""`portal serve` and `portal migrate`: production."""

import asyncio
import os
import signal
import sys

import click
from granian.constants import Interfaces
from granian.server import Server

from portal.cli import starting
from portal.cli.connect import is_complete, servers
from portal.cli.migrations import bring_up_to_date
from portal.settings import Settings, load
from portal.storage import guard, inspection

DEMO = "PORTAL__DEMO"
PARENT = "PORTAL__PARENT"
STOP_WITHIN = 5  # seconds: a worker with a hanging connection would wait for it without end


@click.command()
def serve() -> None:
    """Serve the portal under the environment's settings."""
    settings = load()
    _require_cage()
    with servers(settings) as complete:
        if not is_complete(settings):
            asyncio.run(bring_up_to_date(complete))
        run(complete, away=starting.first_try(complete))


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


def run(settings: Settings, *, demo: bool = False, away: str | None = None) -> None:
    """Serve until a signal; the workers learn the complete settings from their environment.

    `away`: who is not there yet, in words; he is waited for, as long as `start_patience` says.

    Raises:
        SettingsError: he did not come, or what he said then is nothing that waiting would mend.
    """
    found = environment(settings)
    for name in found:  # a worker reads the value itself: the file beside it would be a second one
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(found)
    os.environ[PARENT] = str(os.getpid())
    os.environ.pop(DEMO, None)
    if demo:
        os.environ[DEMO] = "1"
    server = Server(
        "portal.cli.serve:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        log_access=False,
        backlog=1024,
        workers_kill_timeout=STOP_WITHIN,
    )
    waiting = starting.Waiting(settings, server.signal_handler_interrupt, away) if away else None
    if waiting:
        waiting.start()
    try:
        server.serve()
    finally:
        if waiting and waiting.refusal:
            raise waiting.refusal


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


def application() -> object:
    """The ASGI application of one worker, which ends with the process that started it."""
    from portal.app import create_app

    if os.getppid() == int(os.environ.get(PARENT, "0")):
        guard.die_with(os.getppid(), signal.SIGTERM)
    return create_app(load(demo=DEMO in os.environ))
