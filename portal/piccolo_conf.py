"""Piccolo's configuration: which database, which apps. `aim` points the one engine at a database."""

import os

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


def aim(database_url: str) -> None:
    """Point the engine at `database_url` (postgresql://…). Call it before the pool is started."""
    DB.config.clear()
    DB.config["dsn"] = database_url
