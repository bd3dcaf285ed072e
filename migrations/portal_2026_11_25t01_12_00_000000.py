"""What columns alone cannot say: one standing caution of a kind, and the passkeys and codes that still count."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.factors import Caution

ID = "2026-11-25T01:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one standing caution of a kind, passkeys and recovery codes in force"

FORWARDS = (
    "CREATE UNIQUE INDEX cautions_one_standing ON cautions (person, kind) WHERE dismissed_at IS NULL",
    "CREATE INDEX passkeys_in_force ON passkeys (person) WHERE ended_at IS NULL",
    "CREATE INDEX recovery_codes_in_force ON recovery_codes (person) WHERE used_at IS NULL AND ended_at IS NULL",
)
BACKWARDS = (
    "DROP INDEX cautions_one_standing",
    "DROP INDEX passkeys_in_force",
    "DROP INDEX recovery_codes_in_force",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await Caution._meta.db.run_ddl(statement)

    async def undo() -> None:
        for statement in BACKWARDS:
            await Caution._meta.db.run_ddl(statement)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
