"""A waiting authenticator belongs to the session that drew it; what waits says who may not be the second person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID
from piccolo.columns.indexes import IndexMethod

from portal.tables.events import JournalHead

ID = "2026-11-25T02:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "offers of one session, the first people of what waits, every role confirmed"

# `firsts`: whoever granted something to the person, or made a link for him, since a factor of his was last confirmed.
# A link that was still open then counts: it may have been used since. The office (`role`, `province`) is that of the
# mandate where one waits, else of the account's row; the service looks for the mandate in force before that.
FORWARDS = """
CREATE OR REPLACE VIEW approvals_waiting AS
SELECT w.*, ARRAY(
    SELECT m.granted_by FROM mandates m WHERE m.person = w.person AND m.granted_by IS NOT NULL AND m.granted_at > s.at
    UNION
    SELECT i.made_by FROM invitations i WHERE i.person = w.person AND i.made_by IS NOT NULL
    AND (i.made_at > s.at OR i.used_at IS NULL OR i.used_at > s.at)
) AS firsts
FROM (
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
          UNION ALL SELECT id, person, enrolled_at, ended_at FROM passkeys) f
    JOIN people p ON p.id = f.person LEFT JOIN municipalities t ON t.code = p.municipality
    WHERE f.enrolled_at IS NOT NULL AND f.ended_at IS NULL AND p.ended_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM factor_confirmations c WHERE c.factor = f.id AND c.ended_at IS NULL)
) w
CROSS JOIN LATERAL (
    SELECT coalesce(max(c.at), '-infinity') AS at FROM factor_confirmations c WHERE c.person = w.person
) s
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)
    manager.add_column(
        table_class_name="SecondFactor",
        tablename="second_factors",
        column_name="session",
        db_column_name="session",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    async def run() -> None:
        await JournalHead._meta.db.run_ddl(FORWARDS)

    manager.add_raw(run)
    return manager
