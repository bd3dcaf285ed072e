"""Piccolo's configuration: which database, which apps. `aim` points the one engine at a database."""

import os

from piccolo.conf.apps import AppRegistry

from portal.database import COMMANDS, LIMITS, Database

DB = Database(
    config={"dsn": os.environ.get("PORTAL_MIGRATION_DATABASE_URL") or os.environ.get("PORTAL_DATABASE_URL", "")}
)

APP_REGISTRY = AppRegistry(apps=["portal.piccolo_app"])


async def start_pool(*, least: int, most: int, in_haste: bool = False) -> None:
    """Open the engine's pool of `least` to `most` connections.

    `in_haste`: somebody waits for the answer, so that whatever takes long ends in an exception (`database.LIMITS`).
    Commands may take their time, though none may fall silent within a transaction (`database.COMMANDS`).
    """
    await DB.start(least=least, most=most, **(LIMITS if in_haste else {}))


def aim(database_url: str) -> None:
    """Point the engine at `database_url` (postgresql://…). Call it before the pool is started."""
    DB.config.clear()
    DB.config.update(dsn=database_url, timeout=10, server_settings=COMMANDS)
