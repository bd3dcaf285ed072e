"""Every account that there is gets a mandate, and its enrolled factor counts as confirmed; indexes, no overlap, one
view of what waits for a second person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.events import JournalHead

ID = "2026-11-25T02:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "mandates of the accounts there are, no two at once, what waits for a second person"

FORWARDS = (
    # One mandate from the day on which the account was opened; closed accounts held it until they were closed.
    """
    INSERT INTO mandates (id, person, kind, title, role, municipality, province, starts_on, granted_at, confirmed_at,
                          ended_at)
    SELECT gen_random_uuid(), id, 'regular', title, role, municipality, province,
           (created_at AT TIME ZONE 'Asia/Tehran')::date, created_at, created_at, ended_at
    FROM people
    """,
    # The fingerprint of a secret needs the key, which a migration has not: what was trusted stays so, unnamed.
    """
    INSERT INTO factor_confirmations (id, factor, person, fingerprint, at)
    SELECT gen_random_uuid(), id, person, '', enrolled_at FROM second_factors
    WHERE enrolled_at IS NOT NULL AND ended_at IS NULL
    """,
    """
    INSERT INTO factor_confirmations (id, factor, person, fingerprint, at)
    SELECT gen_random_uuid(), id, person, '', enrolled_at FROM passkeys WHERE ended_at IS NULL
    """,
    "CREATE INDEX mandates_of_person ON mandates (person, starts_on DESC)",
    "CREATE INDEX mandates_waiting ON mandates (granted_at) WHERE confirmed_at IS NULL AND ended_at IS NULL",
    "CREATE INDEX mandates_seats ON mandates (role) WHERE role = 'minister'",
    "CREATE UNIQUE INDEX factor_confirmations_one ON factor_confirmations (factor) WHERE ended_at IS NULL",
    "CREATE UNIQUE INDEX restorations_one ON restorations (person) WHERE ended_at IS NULL",
    'CREATE UNIQUE INDEX hands_one ON hands ("case") WHERE ended_at IS NULL',
    "CREATE INDEX hands_person ON hands (person) WHERE ended_at IS NULL",
    """
    CREATE FUNCTION mandates_do_not_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.confirmed_at IS NOT NULL AND NEW.ended_at IS NULL AND EXISTS (
            SELECT 1 FROM mandates m WHERE m.person = NEW.person AND m.id <> NEW.id
            AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL
            AND daterange(m.starts_on, m.ends_on, '[]') && daterange(NEW.starts_on, NEW.ends_on, '[]')
        ) THEN
            RAISE EXCEPTION 'two mandates of one person on the same day' USING ERRCODE = 'exclusion_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER mandates_no_overlap BEFORE INSERT OR UPDATE ON mandates
        FOR EACH ROW EXECUTE FUNCTION mandates_do_not_overlap()
    """,
    """
    CREATE VIEW approvals_waiting AS
    SELECT 'mandate' AS kind, m.id, m.person, m.granted_by AS asked_by, m.granted_at AS asked_at, m.role,
           coalesce(m.province, t.province) AS province
    FROM mandates m LEFT JOIN municipalities t ON t.code = m.municipality
    WHERE m.confirmed_at IS NULL AND m.ended_at IS NULL
    UNION ALL
    SELECT 'restoration', r.id, r.person, r.begun_by, r.begun_at, p.role, coalesce(p.province, t.province)
    FROM restorations r JOIN people p ON p.id = r.person LEFT JOIN municipalities t ON t.code = p.municipality
    WHERE r.confirmed_at IS NULL AND r.ended_at IS NULL
    UNION ALL
    SELECT 'enrolment', f.id, f.person,
           (SELECT i.made_by FROM invitations i WHERE i.person = f.person ORDER BY i.made_at DESC LIMIT 1),
           f.enrolled_at, p.role, coalesce(p.province, t.province)
    FROM (SELECT id, person, enrolled_at, ended_at FROM second_factors
          UNION ALL SELECT id, person, enrolled_at, ended_at FROM passkeys) f JOIN people p ON p.id = f.person LEFT JOIN municipalities t ON t.code = p.municipality
    WHERE f.enrolled_at IS NOT NULL AND f.ended_at IS NULL AND p.ended_at IS NULL
      AND p.role NOT IN ('archivist', 'auditor')
      AND NOT EXISTS (SELECT 1 FROM factor_confirmations c WHERE c.factor = f.id AND c.ended_at IS NULL)
    """,
)

BACKWARDS = (
    "DROP VIEW approvals_waiting",
    "DROP TRIGGER mandates_no_overlap ON mandates",
    "DROP FUNCTION mandates_do_not_overlap()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await JournalHead._meta.db.run_ddl(statement)

    async def undo() -> None:
        for statement in BACKWARDS:
            await JournalHead._meta.db.run_ddl(statement)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
