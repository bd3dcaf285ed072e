"""A picture is shown to a person for the first time once, and that it was shown only comes in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.pages import PageView

ID = "2026-11-26T05:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "page views once for each person and picture, append-only"

FORWARDS = (
    "CREATE UNIQUE INDEX page_views_once ON page_views (person, document, page, image)",
    "CREATE TRIGGER page_views_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON page_views "
    "FOR EACH STATEMENT EXECUTE FUNCTION rows_only_come_in()",
    "ALTER TABLE page_views ENABLE ALWAYS TRIGGER page_views_append_only",
)
BACKWARDS = ("DROP TRIGGER page_views_append_only ON page_views", "DROP INDEX page_views_once")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await PageView._meta.db.run_ddl(statement)

    async def undo() -> None:
        for statement in BACKWARDS:
            await PageView._meta.db.run_ddl(statement)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
