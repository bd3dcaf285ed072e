"""What the migration makes of the accounts that were there, and of those that the former version opens meanwhile."""

import secrets
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from piccolo.apps.migrations.commands.forwards import run_forwards

from portal import piccolo_conf
from portal.embedded.servers import Embedded
from portal.settings import Settings
from tests.world.databases import database

BEFORE = "2026-11-24T03:12:00:000000"
OPENED = datetime(2026, 3, 20, 21, 0, tzinfo=UTC)  # past midnight in Tehran: the first day of 1405
PERSON = """
INSERT INTO people (id, username, full_name, title, role, created_at, ended_at)
VALUES (gen_random_uuid(), $1, 'نام', 'سمت', $2, $3, $4) RETURNING id
"""


async def test_every_account_holds_its_office_and_every_factor_stays_trusted(servers: Embedded) -> None:
    name = f"before_{secrets.token_hex(4)}"
    owner = database(servers.migration_database_url, name)
    admin = await asyncpg.connect(servers.migration_database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    piccolo_conf.aim(owner)
    assert (await run_forwards("portal", migration_id=BEFORE)).success
    link = await asyncpg.connect(owner)
    try:
        head = await link.fetchval(PERSON, "head", "administrator", OPENED, None)
        gone = await link.fetchval(PERSON, "gone", "auditor", OPENED, OPENED)
        factor = await link.fetchval(
            "INSERT INTO second_factors (id, person, secret, created_at, enrolled_at) "
            "VALUES (gen_random_uuid(), $1, 'x', $2, $2) RETURNING id",
            head,
            OPENED,
        )
        assert (await run_forwards("portal")).success
        rows = {row["person"]: row for row in await link.fetch("SELECT * FROM mandates")}
        assert (rows[head]["kind"], rows[head]["role"], rows[head]["starts_on"]) == (
            "regular",
            "administrator",
            date(2026, 3, 21),
        )
        assert rows[head]["confirmed_at"] == OPENED
        assert rows[head]["ended_at"] is None
        assert rows[gone]["ended_at"] == OPENED
        kept = await link.fetch("SELECT factor, approver, province FROM factor_confirmations WHERE ended_at IS NULL")
        assert [tuple(row) for row in kept] == [(factor, "administrator", None)]
        assert await link.fetchval("SELECT count(*) FROM approvals_waiting") == 0
        # The former version still serves: what it writes is taken, and waits for a second person.
        late = await link.fetchval(PERSON, "late", "minister", OPENED, None)
        await link.execute(
            "INSERT INTO second_factors (id, person, secret, created_at, enrolled_at) "
            "VALUES (gen_random_uuid(), $1, 'x', $2, $2)",
            late,
            OPENED,
        )
        assert await link.fetchval("SELECT person FROM approvals_waiting") == late
    finally:
        await link.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


BEFORE_OFFICES = "2026-11-27T01:35:00:000000"
TOWN = "1306011469"  # Asadabad of Hamadan
LATER = OPENED + timedelta(days=40)


async def test_a_confirmation_counts_for_the_office_of_that_day_alone(servers: Embedded) -> None:
    """One clerk was confirmed by his governorate while he was still to be the Minister's deputy: that stays unheard."""
    name = f"offices_{secrets.token_hex(4)}"
    owner = database(servers.migration_database_url, name)
    admin = await asyncpg.connect(servers.migration_database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    piccolo_conf.aim(owner)
    assert (await run_forwards("portal", migration_id=BEFORE_OFFICES)).success
    link = await asyncpg.connect(owner)
    mandate = """
    INSERT INTO mandates (id, person, kind, title, role, municipality, province, starts_on, ends_on, granted_at,
                          confirmed_at)
    VALUES (gen_random_uuid(), $1, 'deputy', 'سمت', $2, $3, $4, $5, $6, $7, $7)
    """
    try:
        await link.execute("INSERT INTO provinces (code, name) VALUES ('13', 'همدان')")
        await link.execute(
            "INSERT INTO municipalities (code, name, province, county, search) VALUES ($1, 'اسدآباد', '13', '', '')",
            TOWN,
        )
        officer = await link.fetchval(PERSON, "moved", "auditor", OPENED, None)
        clerk = await link.fetchval(PERSON, "clerk", "minister", OPENED, None)
        await link.execute(
            mandate, officer, "governorate", None, "13", OPENED.date(), LATER.date(), OPENED
        )  # and then an auditor, as his account's row says
        await link.execute(mandate, officer, "auditor", None, None, date(2026, 6, 1), date(2026, 9, 1), OPENED)
        await link.execute(mandate, clerk, "municipality", TOWN, None, OPENED.date(), LATER.date(), OPENED)
        await link.execute(mandate, clerk, "minister", None, None, date(2026, 6, 1), date(2026, 9, 1), OPENED)
        kept = "INSERT INTO factor_confirmations (id, factor, person, fingerprint, by, at) VALUES "
        kept += "(gen_random_uuid(), gen_random_uuid(), $1, '', $2, $3)"
        await link.execute(kept, clerk, officer, OPENED + timedelta(days=3))
        await link.execute(kept, clerk, None, OPENED + timedelta(days=4))
        assert (await run_forwards("portal")).success
        rows = await link.fetch("SELECT approver, province FROM factor_confirmations ORDER BY at")
        assert [tuple(row) for row in rows] == [("governorate", "13"), ("governorate", "13")]
    finally:
        await link.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def test_the_database_refuses_two_mandates_on_one_day(servers: Embedded, fresh: Settings) -> None:
    link = await asyncpg.connect(fresh.migration_database_url)
    grant = """
    INSERT INTO mandates (id, person, kind, title, role, starts_on, ends_on, granted_at, confirmed_at)
    VALUES (gen_random_uuid(), $1, 'regular', 'سمت', 'auditor', $2, $3, $4, $5)
    """
    try:
        person = await link.fetchval(PERSON, "someone", "auditor", OPENED, None)
        await link.execute(grant, person, date(2026, 1, 1), date(2026, 1, 31), OPENED, OPENED)
        await link.execute(grant, person, date(2026, 1, 10), None, OPENED, None)  # a proposal may be anything
        await link.execute(grant, person, date(2026, 2, 1), None, OPENED, OPENED)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await link.execute(grant, person, date(2026, 1, 31), date(2026, 1, 31), OPENED, OPENED)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await link.execute("UPDATE mandates SET confirmed_at = $1 WHERE confirmed_at IS NULL", OPENED)
    finally:
        await link.close()
