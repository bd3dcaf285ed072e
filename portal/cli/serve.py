"""`portal serve` and `portal migrate`: production."""

import asyncio
import os
import resource
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

import click
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from portal import piccolo_conf
from portal.cli import interpreter
from portal.cli.connect import servers
from portal.cli.migrations import bring_up_to_date
from portal.domain.errors import Unavailable
from portal.services import checkpoints, register
from portal.settings import Settings, SettingsError, load
from portal.storage import guard, inspection
from portal.tables.people import Person

NOFILE = resource.RLIMIT_NOFILE
DEMO = "PORTAL__DEMO"
PARENT = "PORTAL__PARENT"
DEMO_USERNAME = "shahrdari"
BACKLOG = 2048  # connections that nobody has accepted yet
CONNECTIONS = 4096  # that a worker holds at once; Granian's backpressure counts them, idle and slow ones too
DESCRIPTORS = 512  # files that a worker opens beside them
HEADERS_WITHIN = 15_000  # milliseconds for a request's head, and for an idle connection's next one
BUFFER = 64 * 1024  # bytes of a connection's buffer, and so of a request's head
STOP_WITHIN = 5  # seconds: a worker with a hanging connection would wait for it without end


@click.command()
def serve() -> None:
    """Serve the portal under the environment's settings."""
    settings = load()
    if said := interpreter.weakness():
        click.echo(said, err=True)
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
    """Serve until a signal; the workers learn the complete settings from their environment."""
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
        backlog=BACKLOG,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN, max_buffer_size=BUFFER),
        workers_kill_timeout=STOP_WITHIN,
    )
    server.serve()


def _connections() -> int:
    """How many connections a worker may hold: as many as the limit of open files allows, once it is raised."""
    wanted = CONNECTIONS + DESCRIPTORS
    soft, hard = (wanted if each == resource.RLIM_INFINITY else each for each in resource.getrlimit(NOFILE))
    if soft < wanted:
        soft = min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(NOFILE, (soft, resource.getrlimit(NOFILE)[1]))
    return max(64, min(CONNECTIONS, soft - DESCRIPTORS))


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
