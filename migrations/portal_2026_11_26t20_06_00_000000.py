"""A page's notes stand once for each renderer, whoever asks first."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.pages import PageNote

ID = "2026-11-26T20:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one row of notes a page and renderer"

FORWARDS = "CREATE UNIQUE INDEX page_notes_once ON page_notes (document, page, renderer)"
BACKWARDS = "DROP INDEX page_notes_once"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await PageNote._meta.db.run_ddl(FORWARDS)

    async def undo() -> None:
        await PageNote._meta.db.run_ddl(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
