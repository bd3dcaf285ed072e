"""What columns alone cannot say: published rule sets and recorded scores are never changed; one figure a census."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.rulesets import RuleSetVersion

ID = "2026-11-25T05:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "published rule sets and recorded scores refuse to be changed"

FORWARDS = """
CREATE UNIQUE INDEX census_figures_one ON census_figures (municipality, year);
CREATE INDEX eligibility_lifts_last ON eligibility_lifts (municipality, id DESC);
CREATE INDEX cases_town_notified ON cases (municipality, archived_at DESC) WHERE state = 'notified';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'this row is final: % on % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE TRIGGER rulesets_published_are_final BEFORE UPDATE OR DELETE ON rulesets
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rulesets_no_truncate BEFORE TRUNCATE ON rulesets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessments_are_final BEFORE UPDATE OR DELETE ON assessments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessments_no_truncate BEFORE TRUNCATE ON assessments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

BACKWARDS = """
DROP TRIGGER rulesets_published_are_final ON rulesets;
DROP TRIGGER rulesets_no_truncate ON rulesets;
DROP TRIGGER assessments_are_final ON assessments;
DROP TRIGGER assessments_no_truncate ON assessments;
DROP FUNCTION refuse_change();
DROP INDEX cases_town_notified;
"""


async def each(script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            await RuleSetVersion._meta.db.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        await each(FORWARDS)

    async def undo() -> None:
        await each(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
