"""Indexes of uploads: the open ones of a case, the next to expire, and keys in the order of the store's listing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.uploads import Upload

ID = "2026-11-25T03:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of uploads, and of documents by their keys"

FORWARDS = """
CREATE INDEX uploads_open ON uploads ("case") WHERE ended_at IS NULL;
CREATE INDEX uploads_expiring ON uploads (expires_at);
CREATE INDEX documents_key ON documents (key COLLATE "C");
"""

BACKWARDS = """
DROP INDEX uploads_open;
DROP INDEX uploads_expiring;
DROP INDEX documents_key;
"""


async def each(script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            await Upload._meta.db.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await each(FORWARDS)

    async def undo() -> None:
        await each(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
