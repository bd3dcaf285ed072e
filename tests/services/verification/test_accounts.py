"""Accounts, their mandates and what proves them: a row that says something else than the journal is named."""

from uuid import uuid4

from portal.services.administration import mandates
from portal.services.authentication import enrolment
from tests.world import cast
from tests.world.staffed import Staffed
from tests.world.verification import of, overlooked

MANDATE = """INSERT INTO mandates (id, person, kind, title, role, starts_on, granted_at, confirmed_at)
    SELECT gen_random_uuid(), id, 'regular', 'وزیر کشور', 'minister', '2020-01-01', created_at, created_at
    FROM people WHERE username = 'newcomer'"""
CONFIRMATION = """INSERT INTO factor_confirmations (id, factor, person, fingerprint, at)
    SELECT gen_random_uuid(), gen_random_uuid(), id, '', created_at FROM people WHERE username = 'newcomer'"""
CLERKS = f"person = {of('clerk')}"
SWAPPED = "UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE person = {}) WHERE {}"


OF_ACCOUNTS = [
        ("INSERT INTO people (id, username, full_name, title, role, created_at)"
         " VALUES (gen_random_uuid(), 'ghost', 'نام', 'سمت', 'minister', now())", "account-unrecorded"),
        ("UPDATE people SET username = 'other' WHERE username = 'stranger'", "account-differs"),
        ("UPDATE people SET full_name = 'دیگری' WHERE username = 'minister'", "account-differs"),
        ("UPDATE people SET role = 'administrator' WHERE username = 'keeper'", "account-differs"),
        ("UPDATE people SET province = '07' WHERE username = 'officer'", "account-differs"),
        ("UPDATE people SET municipality = '1306011469' WHERE username = 'abroad'", "account-differs"),
        ("UPDATE people SET ended_at = created_at WHERE username = 'auditor'", "account-differs"),
        (f"UPDATE people SET password_hash = (SELECT password_hash || '=' FROM people WHERE id = {of('clerk')})"
         " WHERE username = 'minister'", "password-differs"),
        ("UPDATE people SET password_hash = NULL WHERE username = 'minister'", "password-differs"),
        ("UPDATE people SET password_hash = 'x' WHERE username = 'newcomer'", "password-differs"),
        (MANDATE, "mandate-unrecorded"),
        (f"DELETE FROM mandates WHERE person = {of('auditor')}", "mandate-missing"),
        (f"UPDATE mandates SET starts_on = '2020-01-01' WHERE person = {of('auditor')}", "mandate-differs"),
        (f"UPDATE mandates SET ends_on = '2030-01-01' WHERE person = {of('minister')}", "mandate-differs"),
        ("UPDATE mandates SET ends_on = NULL WHERE ended_by IS NOT NULL AND ended_at IS NULL", "mandate-differs"),
        (f"UPDATE mandates SET kind = 'deputy', ends_on = starts_on WHERE person = {of('minister')}",
         "mandate-differs"),
        (f"UPDATE mandates SET title = 'وزیر دیگر' WHERE person = {of('minister')}", "mandate-differs"),
        (f"UPDATE mandates SET person = {of('keeper')} WHERE person = {of('auditor')}", "mandate-unrecorded"),
        ("UPDATE mandates SET confirmed_at = ended_at WHERE confirmed_at IS NULL", "mandate-differs"),
        ("UPDATE mandates SET confirmed_by = granted_by WHERE confirmed_by IS NOT NULL", "mandate-differs"),
        (CONFIRMATION, "confirmation-unrecorded"),
        ("UPDATE factor_confirmations SET fingerprint = repeat('0', 64)", "confirmation-unrecorded"),
        (f"UPDATE factor_confirmations SET ended_at = at WHERE {CLERKS}", "confirmation-differs"),
        ("UPDATE factor_confirmations SET at = at + interval '1 hour' WHERE factor = '$passkey'",
         "confirmation-unrecorded"),
        ("INSERT INTO second_factors (id, person, secret, created_at, enrolled_at)"
         f" SELECT gen_random_uuid(), id, '', created_at, created_at FROM people WHERE id = {of('newcomer')}",
         "factor-unrecorded"),
        ("INSERT INTO passkeys (id, person, credential, public_key, name, enrolled_at)"
         " SELECT gen_random_uuid(), person, 'x', public_key, name, enrolled_at FROM passkeys", "factor-unrecorded"),
        ("DELETE FROM passkeys", "factor-missing"),
        (f"DELETE FROM second_factors WHERE {CLERKS}", "factor-missing"),
        ("UPDATE passkeys SET public_key = 'x'", "factor-differs"),
        ("UPDATE passkeys SET credential = 'x'", "factor-differs"),
        ("UPDATE passkeys SET is_synced = NOT is_synced", "factor-differs"),
        ("UPDATE passkeys SET ended_at = enrolled_at", "factor-differs"),
        (f"UPDATE passkeys SET person = {of('minister')}", "factor-unrecorded"),
        (f"UPDATE second_factors SET ended_at = enrolled_at WHERE {CLERKS}", "factor-differs"),
        (SWAPPED.format(of("clerk"), f"person = {of('minister')}"), "secret-differs"),
]  # fmt: skip


async def test_an_account_that_says_something_else(staffed: Staffed) -> None:
    changes = [(change.replace("$passkey", str(staffed.passkey)), code) for change, code in OF_ACCOUNTS]
    assert await overlooked(staffed.world, changes) == []


async def test_a_passkey_that_was_woken_to_sign_and_put_to_sleep_again(staffed: Staffed) -> None:
    """Every row agrees afterwards: only the order of the journal tells."""
    clerk, now = staffed.builder.people["clerk"], staffed.builder.clock.tick(31)
    await enrolment.end_passkey(clerk, cast.code("clerk", now), staffed.passkey, now=now)
    ended = await staffed.world.owner.fetchval("SELECT ended_at FROM passkeys")
    await staffed.tamper("UPDATE passkeys SET ended_at = NULL")
    await staffed.sign_by_passkey()
    await staffed.tamper(f"UPDATE passkeys SET ended_at = '{ended}'")
    position = await staffed.world.position("CaseSubmitted")
    assert await staffed.world.found() == [f"signer-factor entry {position}"]


async def test_the_passkey_of_somebody_else(staffed: Staffed) -> None:
    await staffed.tamper(f"UPDATE passkeys SET person = {of('neighbour')}")
    staffed.builder.people["clerk"], clerk = staffed.builder.people["neighbour"], staffed.builder.people["clerk"]
    staffed.number = await staffed.world.owner.fetchval(
        "SELECT number FROM cases WHERE opened_by = $1", staffed.builder.people["clerk"].id
    )
    await staffed.tamper(
        f"UPDATE factor_confirmations SET person = {of('neighbour')} WHERE factor = '{staffed.passkey}'"
    )
    await staffed.sign_by_passkey()
    await staffed.tamper(f"UPDATE passkeys SET person = '{clerk.id}'")
    await staffed.tamper(f"UPDATE factor_confirmations SET person = '{clerk.id}' WHERE factor = '$passkey'")
    position = await staffed.world.position("CaseSubmitted")
    assert await staffed.world.found() == [f"signer-factor entry {position}"]


async def test_a_mandate_that_was_woken_to_sign_and_ended_again(staffed: Staffed) -> None:
    head, officer = staffed.builder.people["head"], staffed.builder.people["officer"]
    await staffed.sign_by_passkey()
    await staffed.builder.sign(
        head,
        lambda now: mandates.prepare_end(officer.mandate or uuid4(), last_day=None, by=head, now=now),
    )
    ended = await staffed.world.owner.fetchval("SELECT ended_at FROM mandates WHERE id = $1", officer.mandate)
    await staffed.tamper(f"UPDATE mandates SET ended_at = NULL WHERE id = '{officer.mandate}'")
    await staffed.builder.attest(staffed.number)
    await staffed.tamper(f"UPDATE mandates SET ended_at = '{ended}' WHERE id = '{officer.mandate}'")
    position = await staffed.world.position("AttestationGiven")
    assert await staffed.world.found() == [f"signer-mandate entry {position}"]
