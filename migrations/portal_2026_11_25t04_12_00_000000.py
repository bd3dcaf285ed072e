"""One picture of a page from one renderer at one width; one text of a document from one renderer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.pages import PageImage

ID = "2026-11-25T04:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a page is drawn once"

FORWARDS = (
    "CREATE UNIQUE INDEX page_images_once ON page_images (document, page, width, renderer)",
    "CREATE UNIQUE INDEX page_texts_once ON page_texts (document, renderer)",
)
BACKWARDS = ("DROP INDEX page_images_once", "DROP INDEX page_texts_once")


async def each(statements: tuple[str, ...]) -> None:
    for statement in statements:
        await PageImage._meta.db.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await each(FORWARDS)

    async def undo() -> None:
        await each(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
