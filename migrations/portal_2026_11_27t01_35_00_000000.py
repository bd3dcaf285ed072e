"""A day of a municipality is counted in one row, however many requests come at once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.uploads import IntakeDay

ID = "2026-11-27T01:35:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one row of what a municipality sends in a day"

FORWARDS = "CREATE UNIQUE INDEX intake_days_once ON intake_days (municipality, day)"
BACKWARDS = "DROP INDEX intake_days_once"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await IntakeDay._meta.db.run_ddl(FORWARDS)

    async def undo() -> None:
        await IntakeDay._meta.db.run_ddl(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
