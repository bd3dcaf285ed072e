"""From this position on every record of the journal is signed. Nodes of 0.2.0 must be stopped: they sign none."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.events import SigningBegins

ID = "2026-11-27T06:53:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the position from which on records are signed, and no unsigned one after it"

FORWARDS = """
DO $do$ BEGIN
    LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
    ALTER TABLE journal_signing_begins ADD CONSTRAINT journal_signing_begins_one CHECK (id = 1);
    INSERT INTO journal_signing_begins (id, position) SELECT 1, coalesce(max(position) + 1, 0) FROM events;

    CREATE FUNCTION records_are_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF strpos(NEW.statement, '"signature":{"key_id":') = 0 THEN
            RAISE EXCEPTION 'entry % of the journal is not signed: a former version of the portal?', NEW.position;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER events_signed BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION records_are_signed();
    CREATE TRIGGER journal_signing_begins_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_signing_begins
        FOR EACH STATEMENT EXECUTE FUNCTION rows_only_come_in();
    ALTER TABLE journal_signing_begins ENABLE ALWAYS TRIGGER journal_signing_begins_stays;
END $do$
"""

BACKWARDS = """
DO $do$ BEGIN
    DROP TRIGGER events_signed ON events;
    DROP TRIGGER journal_signing_begins_stays ON journal_signing_begins;
    DROP FUNCTION records_are_signed();
    DELETE FROM journal_signing_begins;
    ALTER TABLE journal_signing_begins DROP CONSTRAINT journal_signing_begins_one;
END $do$
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await SigningBegins._meta.db.run_ddl(FORWARDS)

    async def undo() -> None:
        await SigningBegins._meta.db.run_ddl(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
