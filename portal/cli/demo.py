"""`portal demo`: the whole portal on this machine, with its own servers, people and a past."""

import asyncio
import multiprocessing
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import click

from portal import demo_seal, piccolo_conf, texts
from portal.cli import connect, serve
from portal.cli.connect import store_of, with_servers
from portal.cli.migrations import bring_up_to_date
from portal.cli.progress import step
from portal.cli.seed import seed
from portal.cli.speech import counted, isolated, say
from portal.domain import totp
from portal.embedded import servers as bundled
from portal.embedded import supervisor
from portal.sandbox import inspection
from portal.services.administration import demo as people
from portal.services.authentication import encryption
from portal.services.journal import checkpoints
from portal.services.letters import seals
from portal.settings import Settings, load
from portal.texts import N_, _

SEALED = N_("Letters are sealed with a certificate of the demo’s own, under this root: %(path)s")
FILLING = "filling"  # stands in var while the data are not whole: the next start begins anew
CAST = (
    "shahrdari",
    "shahrdari2",
    "ostandari",
    "ostandari2",
    "sazman",
    "vazir",
    "bayegani",
    "bazres",
    "modir",
    "modir2",
)


@click.command()
@click.option("--fresh", is_flag=True, help="Start over with new data.")
def demo(fresh: bool) -> None:
    """Serve a demonstration with its own servers, people and cases."""
    settings = load(demo=True)
    if fresh or (settings.var / FILLING).exists():
        bundled.wipe(settings.var)
    texts.locale.set(settings.locale)
    with step(_("Starting the database and the store")):
        servers = bundled.start(settings.var)
    settings = load(demo=True, keep=True)
    (settings.var / "demo").touch()
    try:
        complete = with_servers(settings, servers)
        _prepare_apart(complete)
        if weakness := asyncio.run(inspection.prove_cage()):
            unfit = _("Production would not start here.")
            click.echo(f"\n  {serve.caged(weakness)}\n  {unfit}", err=True)
        inspection.shut()
        connect.announce(complete)
        _welcome(complete)
        serve.run(complete, demo=True)
    finally:
        servers.stop()


def _prepare_apart(settings: Settings) -> None:
    """Prepare in a process of its own: threads of the typesetter would not live on in the workers, which are forked."""
    apart = multiprocessing.get_context("spawn").Process(target=_prepared, args=(settings, os.getpid()))
    apart.start()
    try:
        apart.join()
    finally:  # Ctrl-C
        apart.kill()
        apart.join()
    if apart.exitcode:
        sys.exit(apart.exitcode)


def _prepared(settings: Settings, parent: int) -> None:
    supervisor.die_with(parent, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the parent ends this process
    texts.locale.set(settings.locale)
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    """Migrate, and fill an empty database."""
    with step(_("Preparing the tables")):
        await bring_up_to_date(settings)
    assert settings.database_url is not None
    piccolo_conf.aim(settings.database_url)
    encryption.configure(settings.secret_keys)
    checkpoints.sign_with(settings.journal_keys)
    seals.seal_with(settings.seal)
    await piccolo_conf.start_pool(least=1, most=4)
    try:
        if not await people.is_seeded():
            (settings.var / FILLING).touch()
            await checkpoints.introduce(settings.base_url, now=datetime.now(UTC) - timedelta(days=400))
            async with store_of(settings) as store:
                await seed(store, settings.base_url, settings.seal_kind, datetime.now(UTC))
            (settings.var / FILLING).unlink()
    finally:
        await piccolo_conf.DB.close_connection_pool()


def _welcome(settings: Settings) -> None:
    click.echo(f"\n  درجه — {settings.base_url}\n")
    click.echo(f"  {_('Username')}: {', '.join(CAST)}")
    click.echo(f"  {_('Password')}: {people.PASSWORD}")
    click.echo(f"  {_('One-time code')}: .venv/bin/portal totp USERNAME\n")
    if settings.seal_kind == "demo":
        click.echo(f"  {say(SEALED, path=settings.var / demo_seal.ROOT)}\n")
    sys.stdout.flush()


@click.command("totp")
@click.argument("username")
def totp_code(username: str) -> None:
    """Print the present code of the demo account USERNAME."""
    if bundled.running(load(demo=True).var) is None:
        click.echo(say("No demo is running here; name its folder in PORTAL_VAR, or start one: make demo"), err=True)
        sys.exit(2)
    found = asyncio.run(_known(username))
    if found is None:
        click.echo(
            say("The demo has no account “%(username)s” whose code it knows.", username=isolated(username)), err=True
        )
        sys.exit(2)
    now = datetime.now(UTC)
    click.echo(totp.current_code(people.secret_of(found), now))
    if sys.stdout.isatty():
        left = totp.seconds_left(now)
        click.echo(counted("(for another %(n)s second)", "(for another %(n)s seconds)", left))


async def _known(username: str) -> str | None:
    async with connect.connected():
        return await people.known(username)
