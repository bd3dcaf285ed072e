"""Each confirmation that there is counts for the office whose officer gave it, and for no other."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.tables.mandates import FactorConfirmation

ID = "2026-11-27T06:29:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "confirmations of factors by office; one for each factor and office"

# The view `approvals_waiting` is read no more; it stays for nodes of version 0.2.0 that still serve.
FORWARDS = (
    # Whoever spoke did so for the office that he held that day.
    """
    UPDATE factor_confirmations c SET approver = h.role, province = h.province FROM (
        SELECT c.id, coalesce(m.role, p.role) AS role, CASE WHEN m.id IS NULL THEN p.province ELSE m.province END
            AS province
        FROM factor_confirmations c JOIN people p ON p.id = c.by LEFT JOIN LATERAL (
            SELECT * FROM mandates m WHERE m.person = c.by AND m.confirmed_at IS NOT NULL
            AND m.starts_on <= (c.at AT TIME ZONE 'Asia/Tehran')::date
            ORDER BY m.starts_on DESC, m.granted_at DESC LIMIT 1
        ) m ON true
    ) h WHERE h.id = c.id
    """,
    # By whoever holds the machine, or by a factor before it: for the office that its owner held then, or held next.
    """
    UPDATE factor_confirmations c SET
        approver = CASE h.role WHEN 'municipality' THEN 'governorate' WHEN 'governorate' THEN 'organization'
                   ELSE 'administrator' END,
        province = CASE WHEN h.role = 'municipality' THEN h.province END
    FROM (
        SELECT c.id, coalesce(m.role, p.role) AS role, t.province
        FROM factor_confirmations c JOIN people p ON p.id = c.person LEFT JOIN LATERAL (
            SELECT * FROM mandates m WHERE m.person = c.person AND m.confirmed_at IS NOT NULL
            AND coalesce(m.ends_on, 'infinity') >= (c.at AT TIME ZONE 'Asia/Tehran')::date
            AND coalesce(m.ended_at, 'infinity') > c.at
            ORDER BY m.starts_on, m.granted_at LIMIT 1
        ) m ON true
        LEFT JOIN municipalities t ON t.code = CASE WHEN m.id IS NULL THEN p.municipality ELSE m.municipality END
    ) h WHERE h.id = c.id AND c.by IS NULL
    """,
    "DROP INDEX factor_confirmations_one",
    "CREATE UNIQUE INDEX factor_confirmations_one ON factor_confirmations (factor, approver, coalesce(province, ''))"
    " WHERE ended_at IS NULL",
)
BACKWARDS = (
    "DROP INDEX factor_confirmations_one",
    """
    UPDATE factor_confirmations c SET ended_at = c.at WHERE c.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM factor_confirmations f
        WHERE f.factor = c.factor AND f.ended_at IS NULL AND (f.at, f.id) < (c.at, c.id))
    """,
    "CREATE UNIQUE INDEX factor_confirmations_one ON factor_confirmations (factor) WHERE ended_at IS NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await FactorConfirmation._meta.db.run_ddl(statement)

    async def undo() -> None:
        for statement in BACKWARDS:
            await FactorConfirmation._meta.db.run_ddl(statement)

    manager.add_raw(run)
    manager.add_raw_backwards(undo)
    return manager
