"""What columns alone cannot say: partial and covering indexes, and a journal that refuses to be changed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.events import JournalHead

ID = "2026-11-24T03:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the lists, one open case a town, the append-only journal"

FORWARDS = """
CREATE UNIQUE INDEX cases_one_open ON cases (municipality) WHERE desk IS NOT NULL;
CREATE INDEX cases_desk ON cases (desk, since, id) WHERE desk IS NOT NULL;
CREATE INDEX cases_desk_province ON cases (desk, province, since, id) WHERE desk IS NOT NULL;
CREATE INDEX cases_town ON cases (municipality, since DESC, id DESC);
CREATE INDEX cases_all ON cases (since DESC, id DESC);
CREATE INDEX cases_state ON cases (state, since DESC, id DESC);
CREATE INDEX cases_confirmed ON cases (since DESC, id DESC) WHERE confirmed_at IS NOT NULL;
CREATE INDEX cases_confirmed_state ON cases (state, since DESC, id DESC) WHERE confirmed_at IS NOT NULL;
CREATE INDEX cases_archived ON cases (since DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX cases_archived_state ON cases (state, since DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX cases_province ON cases (province, since DESC, id DESC) WHERE submitted_at IS NOT NULL;
CREATE INDEX cases_province_state ON cases (province, state, since DESC, id DESC) WHERE submitted_at IS NOT NULL;
CREATE INDEX cases_province_any ON cases (province, since DESC, id DESC);
CREATE INDEX cases_province_any_state ON cases (province, state, since DESC, id DESC);
CREATE INDEX cases_sitting ON cases (sitting) WHERE sitting IS NOT NULL;
CREATE INDEX cases_number ON cases (number text_pattern_ops);

CREATE UNIQUE INDEX submissions_ordinal ON submissions ("case", ordinal);
CREATE UNIQUE INDEX declarations_one_edited ON declarations ("case") WHERE fixed_at IS NULL;
CREATE UNIQUE INDEX documents_one_current ON documents ("case", kind, coalesce(year, 0))
    WHERE ended_at IS NULL AND kind <> 'other';
CREATE UNIQUE INDEX second_factors_one ON second_factors (person) WHERE enrolled_at IS NOT NULL AND ended_at IS NULL;
CREATE UNIQUE INDEX decisions_one_standing ON decisions ("case") WHERE standing;

CREATE INDEX events_subject ON events (subject, position DESC);
CREATE INDEX events_person ON events (person, position DESC);
CREATE INDEX events_at ON events (at);

CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER journal_nodes_append_only BEFORE UPDATE OR DELETE ON journal_nodes
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER journal_nodes_no_truncate BEFORE TRUNCATE ON journal_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
ALTER TABLE events ENABLE ALWAYS TRIGGER events_no_truncate;
ALTER TABLE journal_nodes ENABLE ALWAYS TRIGGER journal_nodes_append_only;
ALTER TABLE journal_nodes ENABLE ALWAYS TRIGGER journal_nodes_no_truncate;

INSERT INTO journal_head (id, size, peaks) VALUES (1, 0, '{}');
"""

BACKWARDS = """
DROP TRIGGER events_append_only ON events;
DROP TRIGGER events_no_truncate ON events;
DROP TRIGGER journal_nodes_append_only ON journal_nodes;
DROP TRIGGER journal_nodes_no_truncate ON journal_nodes;
DROP FUNCTION journal_is_append_only();
"""


async def each(script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            await JournalHead._meta.db.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await each(FORWARDS)

    async def undo() -> None:
        await each(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
