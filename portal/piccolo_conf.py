"""Piccolo's configuration: which database, which apps. `aim` points the one engine at a database."""

import os

import asyncpg
from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine


class Database(PostgresEngine):
    """PostgreSQL, without a connection (and a warning) when this module is imported."""

    async def check_version(self) -> None:
        """The portal's own servers are PostgreSQL 18; an office's are its administrator's choice."""


DB = Database(
    config={"dsn": os.environ.get("PORTAL_MIGRATION_DATABASE_URL") or os.environ.get("PORTAL_DATABASE_URL", "")}
)

APP_REGISTRY = AppRegistry(apps=["portal.piccolo_app"])


class Kept(asyncpg.Connection):  # type: ignore[misc]
    """A pooled connection that is handed on as it is.

    No statement of ours leaves anything on a connection (no SET, no LISTEN, no advisory lock), so the round trip
    that would clean it up after every query is spared.
    """

    def get_reset_query(self) -> str:
        return ""


async def start_pool(*, least: int, most: int) -> None:
    """Open the engine's pool of `least` to `most` connections."""
    await DB.start_connection_pool(min_size=least, max_size=most, connection_class=Kept)


def aim(database_url: str) -> None:
    """Point the engine at `database_url` (postgresql://…). Call it before the pool is started."""
    DB.config.clear()
    DB.config["dsn"] = database_url
