"""How a command reaches the portal's database and store: by environment, or the servers of a running demo."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

from portal import piccolo_conf
from portal.embedded import datadir
from portal.embedded import servers as bundled
from portal.embedded.servers import Embedded
from portal.services.authentication import encryption
from portal.services.journal import checkpoints
from portal.settings import Settings, folder_of, load
from portal.storage.objects import ObjectStore
from portal.variables import SettingsError, kept_journal_key

ADDRESS = "address"  # in the folder of the bundled servers


def with_servers(settings: Settings, servers: Embedded) -> Settings:
    """`settings` aimed at the embedded `servers`, which have a key of the journal beside them."""
    return replace(
        settings,
        journal_keys=settings.journal_keys or (kept_journal_key(settings.var),),
        database_url=servers.database_url,
        migration_database_url=servers.migration_database_url,
        s3=servers.s3,
    )


def is_complete(settings: Settings) -> bool:
    """Whether the environment names both a database and a store of its own.

    Raises:
        SettingsError: it names only one of them.
    """
    if (settings.database_url is None) != (settings.s3 is None):
        raise SettingsError("Set both PORTAL_DATABASE_URL and PORTAL_S3_*, or neither of them.")
    return settings.database_url is not None


@contextmanager
def servers(settings: Settings) -> Iterator[Settings]:
    """Complete `settings`: as they are, with the servers that already run on `var`, or with ones of our own."""
    if is_complete(settings):
        yield settings
        return
    if found := bundled.running(settings.var):
        yield with_servers(settings, found)
        return
    ours = bundled.start(settings.var)
    try:
        yield with_servers(settings, ours)
    finally:
        ours.stop()


def announce(settings: Settings) -> None:
    """Leave word in var at which address the portal on the bundled servers runs, for commands beside it."""
    datadir.write_private(settings.var / ADDRESS, settings.base_url)


def _as_announced(settings: Settings) -> Settings:
    """`settings` with the address of the portal that runs, or ran last, on the bundled servers, if none was named."""
    path = settings.var / ADDRESS
    if settings.has_base_url or not path.exists():
        return settings
    return replace(settings, base_url=path.read_text(encoding="utf-8"))


def settings_of_command() -> Settings:
    """The settings for a command beside a portal: a demo's keys where a demo has left them."""
    try:
        return load()
    except SettingsError:
        if not (folder_of(os.environ) / "demo").exists():
            raise
        return load(demo=True)


@asynccontextmanager
async def connected() -> AsyncIterator[Settings]:
    """Everything a service needs, for the length of a command."""
    wanted = settings_of_command()
    with servers(wanted) as found:
        settings = found if is_complete(wanted) else _as_announced(found)
        assert settings.database_url is not None
        piccolo_conf.aim(settings.database_url)
        encryption.configure(settings.secret_keys)
        checkpoints.sign_with(settings.journal_keys)
        await piccolo_conf.start_pool(least=1, most=4)
        try:
            yield settings
        finally:
            await piccolo_conf.DB.close_connection_pool()


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[ObjectStore]:
    """The object store of `settings`."""
    assert settings.s3 is not None
    store = ObjectStore(settings.s3)
    await store.ready()
    try:
        yield store
    finally:
        store.close()
