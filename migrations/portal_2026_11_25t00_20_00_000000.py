"""What was put outside and what was read only comes in, as the journal does; and how readings are looked for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.events import Event

ID = "2026-11-25T00:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "append-only checkpoints and access log; indexes of the journal's search"

FORWARDS = """
CREATE INDEX readings_number ON readings (number, id DESC);
CREATE INDEX readings_again ON readings (person, subject, at DESC);
CREATE INDEX events_kind ON events (kind, position DESC);

CREATE FUNCTION rows_only_come_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rows of % only come in: % is refused', TG_TABLE_NAME, TG_OP; END $$;
CREATE TRIGGER published_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON published_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION rows_only_come_in();
CREATE TRIGGER readings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON readings
    FOR EACH STATEMENT EXECUTE FUNCTION rows_only_come_in();
ALTER TABLE published_checkpoints ENABLE ALWAYS TRIGGER published_checkpoints_append_only;
ALTER TABLE readings ENABLE ALWAYS TRIGGER readings_append_only
"""

BACKWARDS = """
DROP TRIGGER published_checkpoints_append_only ON published_checkpoints;
DROP TRIGGER readings_append_only ON readings;
DROP FUNCTION rows_only_come_in();
DROP INDEX readings_number;
DROP INDEX readings_again;
DROP INDEX events_kind
"""


async def each(script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            await Event._meta.db.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await each(FORWARDS)

    async def undo() -> None:
        await each(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
