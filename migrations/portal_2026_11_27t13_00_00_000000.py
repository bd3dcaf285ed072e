from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-27T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who has a case in hand: assignments"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="portal", description=DESCRIPTION
    )

    manager.rename_table(
        old_class_name="Hand",
        old_tablename="hands",
        new_class_name="Assignment",
        new_tablename="assignments",
        schema=None,
    )

    return manager
