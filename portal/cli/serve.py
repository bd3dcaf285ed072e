"""`portal serve` and `portal migrate`: production."""

import asyncio
import os
import resource
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

import click
from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.cli import interpreter, starting
from portal.cli.connect import announce, is_complete, servers
from portal.cli.migrations import bring_up_to_date
from portal.cli.node import Node
from portal.cli.speech import isolated, say
from portal.sandbox import inspection
from portal.services.journal import checkpoints
from portal.settings import Settings, load
from portal.texts import N_
from portal.variables import OperatorError

NOFILE = resource.RLIMIT_NOFILE
DEMO = "PORTAL__DEMO"
BACKLOG = 2048  # connections that nobody has accepted yet
CONNECTIONS = 4096  # that a worker holds at once; Granian's backpressure counts them, idle and slow ones too
DESCRIPTORS = 512  # files that a worker opens beside them
HEADERS_WITHIN = 15_000  # milliseconds for a request's head, and for an idle connection's next one
BUFFER = 64 * 1024  # bytes of a connection's buffer, and so of a request's head
UNSEALED = N_("No seal is set (PORTAL_SEAL_PKCS12 or PORTAL_SEAL_PKCS11_MODULE): letters are not sealed.")
LOST = N_("The workers ended again and again as soon as they had started; the lines above say how.")


@click.command()
def serve() -> None:
    """Serve the portal under the environment's settings."""
    settings = load()
    _require_cage()
    with servers(settings) as complete:
        if not is_complete(settings):
            asyncio.run(bring_up_to_date(complete))
            announce(complete)
        away = starting.first_try(complete)
        if complete.seal is None:
            click.echo(say(UNSEALED), err=True)
        if said := interpreter.weakness():
            click.echo(said, err=True)
        run(complete, away=away)


@click.command()
def migrate() -> None:
    """Bring the database up to date: schema, rights, register, score tables, the journal's key."""
    with servers(load()) as complete:
        click.echo(asyncio.run(_migrated(complete)).strip())


async def _migrated(settings: Settings) -> str:
    """With the journal's key at hand records are signed from this moment on; else from the first start."""
    printed = await bring_up_to_date(settings)
    if settings.journal_keys:
        checkpoints.sign_with(settings.journal_keys)
        await checkpoints.introduce(settings.base_url, now=datetime.now(UTC))
    return printed


def _require_cage() -> None:
    """Production opens strangers' files in a sound cage or not at all."""
    weakness = asyncio.run(inspection.prove_cage())
    inspection.shut()  # the workers have their own
    if weakness:
        click.echo(caged(weakness), err=True)
        sys.exit(2)


def caged(weakness: str) -> str:
    """What `prove_cage` found, and what to do about it."""
    return say(
        "Files cannot be opened safely here (%(why)s). The portal needs Linux with seccomp on x86-64 or ARM64; in a "
        "container, its profile must allow seccomp.",
        why=isolated(weakness),
    )


def run(settings: Settings, *, demo: bool = False, away: OperatorError | None = None) -> None:
    """Serve until a signal, or until no worker lasts; workers learn the complete settings from their environment.

    `away`: who is not there yet; they are waited for, as long as `start_patience` says.

    Raises:
        SettingsError: they did not come, or what they said then is nothing that waiting would mend.
    """
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
        http=HTTPModes.http1,  # of both, it would wait without end for the first byte, to tell which
        workers=settings.workers,
        backlog=BACKLOG,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN, max_buffer_size=BUFFER),
    )
    waiting = starting.Waiting(settings, node.signal_handler_interrupt, away) if away else None
    if waiting:
        waiting.start()
    code = node.run()
    if waiting and waiting.refusal:
        raise waiting.refusal
    if code:
        if code == 1:
            click.echo(say(LOST), err=True)
        sys.exit(code)


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
