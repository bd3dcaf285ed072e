"""`portal verify journal` beyond the acts: accounts, mandates, factors, rule sets, lifts, sittings, cases' columns."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.domain import events, persian
from portal.domain.assertions import encode, parse
from portal.domain.lifecycle import Role, State
from portal.domain.mandates import MandateKind
from portal.services.administration import accounts as opening
from portal.services.administration import approvals, mandates
from portal.services.administration.accounts import NewAccount
from portal.services.administration.mandates import Grant
from portal.services.authentication import enrolment, passkeys, sessions
from portal.services.authentication.passkeys import Answered, Enrolment
from portal.services.cases import eligibility, notices, sittings, submissions
from portal.services.identity import mandates as identity_mandates
from portal.services.rulesets import versions
from portal.services.signing.signoffs import CodeAwaited, Proof
from portal.storage.objects import ObjectStore
from tests.world import cast
from tests.world.authenticators import Device
from tests.world.builders import Builder
from tests.world.cast import NEIGHBOUR, TOWN, Cast
from tests.world.clock import Clock
from tests.world.publishing import publish, variant
from tests.world.verification import World

SITE = ("localhost", "http://localhost:8000")


@dataclass
class Staffed:
    """The portal of the cases, with something of everything that the registers keep."""

    world: World
    builder: Builder
    device: Device
    number: str
    passkey: UUID

    async def sign_by_passkey(self) -> None:
        """The clerk submits the case under his passkey."""
        by, now = self.builder.people["clerk"], self.builder.clock.tick(31)

        async def submit(proof: Proof) -> None:
            await submissions.submit(self.number, by=by, proof=proof, now=now)

        with pytest.raises(CodeAwaited) as awaited:
            await submit(Proof(None, "", uuid4().hex, now + timedelta(minutes=30)))
        intent = awaited.value.intent
        answer = parse(self.device.answer(encode(bytes.fromhex(events.digest(intent)))))
        await submit(Proof(Answered(answer, SITE), awaited.value.basis, intent["nonce"], now + timedelta(minutes=30)))

    async def tamper(self, statement: str) -> None:
        await self.world.tamper(statement.replace("$passkey", str(self.passkey)))


@pytest.fixture
async def staffed(world: World, people: Cast, store: ObjectStore, clock: Clock) -> Staffed:
    builder = Builder(people, store, clock)
    examiner = people["examiner"]
    await builder.sign(
        examiner, lambda proof, now: eligibility.lift(TOWN, by=examiner, reason="سیل", proof=proof, now=now)
    )
    sitting = await builder.sitting()
    await sittings.keep(sitting, by=examiner, agenda=[], minutes="متن", attendance="همه", now=clock.tick())
    await publish(builder, variant(persian.tehran_date(clock()), ("[57, 8]", "[55, 8]")))
    await versions.draft(
        variant(persian.tehran_date(clock()), ("[57, 8]", "[54, 8]")), by=people["head"], now=clock.tick()
    )
    await newcomer(builder)
    device = Device()
    passkey = await with_passkey(builder, device)
    return Staffed(world, builder, device, await builder.draft("clerk"), passkey)


async def newcomer(builder: Builder) -> None:
    """An account opened, a second mandate agreed to, a third one declined, the first one shortened."""
    head, second, person = builder.people["head"], builder.people["second"], uuid4()
    today = persian.tehran_date(builder.clock())
    new = NewAccount("newcomer", "تازه‌وارد", "بایگان", Role.ARCHIVIST, ends_on=today + timedelta(days=10))
    await builder.sign(head, lambda proof, now: opening.open_account(person, new, by=head, proof=proof, now=now))
    (first,) = await identity_mandates.of_person(person)
    await grant(builder, person, today + timedelta(days=20))
    await builder.sign(second, lambda proof, now: agree(builder, person, proof, now))
    waiting = await grant(builder, person, today + timedelta(days=90))
    await builder.sign(
        second, lambda proof, now: approvals.decline(waiting, reason="زود است", by=second, proof=proof, now=now)
    )
    last = today + timedelta(days=5)
    await builder.sign(head, lambda proof, now: mandates.end(first["id"], last_day=last, by=head, proof=proof, now=now))


async def grant(builder: Builder, person: UUID, day: date) -> UUID:
    head = builder.people["head"]
    wanted = Grant(MandateKind.ACTING, "بازرس", Role.AUDITOR, None, None, day, day + timedelta(days=9))
    await builder.sign(head, lambda proof, now: mandates.grant(person, wanted, by=head, proof=proof, now=now))
    return await waiting_of(person)


async def waiting_of(person: UUID) -> UUID:
    held = await identity_mandates.of_person(person)
    found: UUID = next(row["id"] for row in held if row["confirmed_at"] is None and row["ended_at"] is None)
    return found


async def agree(builder: Builder, person: UUID, proof: Proof, now: Any) -> None:
    second = builder.people["second"]
    await approvals.agree(await waiting_of(person), compared=None, by=second, proof=proof, now=now)


async def with_passkey(builder: Builder, device: Device) -> UUID:
    """A passkey of the clerk, enrolled under his code."""
    clerk, now, challenge = builder.people["clerk"], builder.clock.tick(31), uuid4().bytes * 2
    session = await sessions.begin(clerk.id, sessions.digest("token"), address="", agent="", now=now)
    by = builder.people["clerk"] = replace(clerk, session=session)
    offered = Enrolment(device.make(encode(challenge)), "کلید", challenge, SITE)
    await enrolment.add_passkey(by, cast.code("clerk", now), offered, now=now)
    (row,) = await passkeys.of_person(by.id)
    passkey: UUID = row["id"]
    return passkey


async def test_whatever_the_verbs_do_agrees(staffed: Staffed) -> None:
    assert await staffed.world.found() == []
    await staffed.sign_by_passkey()
    assert await staffed.world.found() == []


def of(username: str) -> str:
    return f"(SELECT id FROM people WHERE username = '{username}')"


UNTIED = """DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.t, each.conname);
    END LOOP;
END $$"""
"""Whoever owns the schema can drop its foreign keys too; so rows can be taken out, and put back as they were."""


async def overlooked(world: World, changes: list[tuple[str, str]]) -> list[str]:
    """Make each change alone, and take it back; those that the verification does not call by this code."""
    missed = []
    await world.owner.execute(UNTIED)
    for change, code in changes:
        table = re.split(r"(?:UPDATE|INSERT INTO|DELETE FROM) ", change)[1].split()[0]
        await world.owner.execute(f"CREATE TEMP TABLE kept AS TABLE {table}")
        await world.tamper(change)
        if code not in {each.split()[0] for each in await world.found()}:
            missed.append(change)
        await world.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table}")
        await world.owner.execute(f"INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
    assert await world.found() == [], "all was taken back"
    return missed


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


DRAFT, PUBLISHED = "published_at IS NULL", "event IS NOT NULL"


OF_REGISTERS = [
        (f"UPDATE rulesets SET source = replace(source, '[54, 8]', '[58, 8]') WHERE {DRAFT}", "ruleset-differs"),
        (f"UPDATE rulesets SET source = replace(source, '[55, 8]', '[50, 8]') WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET source = source || ' = = ='", "ruleset-differs"),
        (f"UPDATE rulesets SET effective_from = '2030-01-01' WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET waiting_years = 0 WHERE drafted_at IS NULL", "ruleset-differs"),
        (f"UPDATE rulesets SET name = 'another' WHERE {PUBLISHED}", "ruleset-differs"),
        (f"UPDATE rulesets SET published_at = now() WHERE {DRAFT}", "ruleset-differs"),
        (f"UPDATE rulesets SET published_at = published_at - interval '1 day' WHERE {PUBLISHED}", "ruleset-differs"),
        ("UPDATE rulesets SET published_at = NULL WHERE drafted_at IS NULL", "ruleset-unrecorded"),
        (f"DELETE FROM rulesets WHERE {DRAFT}", "ruleset-missing"),
        ("UPDATE eligibility_lifts SET reason = 'هیچ'", "lift-differs"),
        ("UPDATE eligibility_lifts SET notified_on = NULL", "lift-differs"),
        ("UPDATE eligibility_lifts SET eligible_on = '2020-01-01'", "lift-differs"),
        (f"UPDATE eligibility_lifts SET municipality = '{NEIGHBOUR}'", "lift-unrecorded"),
        (f"INSERT INTO eligibility_lifts (municipality, reason, by, at, event)"
         f" SELECT '{NEIGHBOUR}', reason, by, at, event FROM eligibility_lifts", "lift-unrecorded"),
        ("DELETE FROM eligibility_lifts", "lift-missing"),
        ("UPDATE sittings SET title = 'دیگر' WHERE minutes <> ''", "sitting-differs"),
        ("UPDATE sittings SET held_on = held_on - 1", "sitting-differs"),
        ("UPDATE sittings SET minutes = ''", "sitting-differs"),
        ("UPDATE sittings SET attendance = 'هیچ‌کس'", "sitting-differs"),
        ("INSERT INTO sittings SELECT gen_random_uuid(), title, held_on, minutes, attendance, made_by, made_at"
         " FROM sittings", "sitting-unrecorded"),
        ("DELETE FROM sittings WHERE minutes <> ''", "sitting-missing"),
        (f"UPDATE municipalities SET name = 'ناکجا' WHERE code = '{NEIGHBOUR}'", "town-differs"),
        (f"UPDATE municipalities SET province = '07' WHERE code = '{NEIGHBOUR}'", "town-differs"),
        (f"UPDATE municipalities SET code = '9999999999' WHERE code = '{NEIGHBOUR}'", "town-unrecorded"),
        (f"DELETE FROM municipalities WHERE code = '{NEIGHBOUR}'", "town-missing"),
        ("UPDATE provinces SET name = 'ناکجا' WHERE code = '07'", "town-differs"),
]  # fmt: skip


async def test_a_register_that_says_something_else(staffed: Staffed) -> None:
    assert await overlooked(staffed.world, OF_REGISTERS) == []


NOTIFIED = "state = 'notified'"
EARLIER = "interval '1 hour'"


OF_CASES = [
        (f"UPDATE cases SET municipality = '{NEIGHBOUR}' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET province = '07' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET follows = '1404-00001' WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET submitted_at = submitted_at - {EARLIER} WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET submitted_at = NULL WHERE {NOTIFIED}", "case-column"),
        (f"UPDATE cases SET confirmed_at = confirmed_at - {EARLIER} WHERE {NOTIFIED}", "case-column"),
        ("UPDATE cases SET archived_at = NULL WHERE archived_at IS NOT NULL", "case-column"),
        ("UPDATE cases SET opened_at = opened_at - interval '1 year'", "case-column"),
        (f"UPDATE cases SET opened_by = {of('minister')}", "case-column"),
        ("UPDATE cases SET since = since - interval '1 year'", "case-column"),
        ("UPDATE cases SET current_grade = 1", "case-column"),
        ("UPDATE cases SET requested_grade = 12", "case-column"),
        (f"UPDATE cases SET sitting = gen_random_uuid() WHERE {NOTIFIED}", "case-column"),
        ("UPDATE cases SET reopened = '{declaration}' WHERE state = 'draft'", "case-column"),
        (f"UPDATE cases SET submission = NULL WHERE {NOTIFIED}", "case-column"),
        ("UPDATE declarations SET population = 1 WHERE fixed_at IS NULL", "declaration-differs"),
        ("UPDATE decisions SET standing = false", "act-differs"),
        (f"UPDATE decisions SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE notices SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE attestations SET at = at - {EARLIER}", "act-differs"),
        (f"UPDATE submissions SET at = at - {EARLIER}", "submission-differs"),
        (f"UPDATE submissions SET by = {of('neighbour')}", "submission-differs"),
        ("UPDATE documents SET filename = 'other.pdf'", "document-differs"),
        ("UPDATE documents SET media_type = 'text/html'", "document-differs"),
        (f"UPDATE documents SET uploaded_by = {of('neighbour')}", "document-differs"),
        (f"UPDATE documents SET uploaded_at = uploaded_at - {EARLIER}", "document-differs"),
]  # fmt: skip


async def test_a_column_of_a_case_that_says_something_else(world: World) -> None:
    assert await overlooked(world, OF_CASES) == []


async def test_what_points_at_another_act(world: World, people: Cast, store: ObjectStore, clock: Clock) -> None:
    builder = Builder(people, store, clock)
    number = await builder.case(State.DECIDED, clerk="abroad", officer="stranger")
    minister = people["minister"]
    await builder.sign(
        minister, lambda proof, now: notices.refuse(number, by=minister, reason="نه", proof=proof, now=now)
    )
    await builder.decide(number)
    assert await world.found() == []
    await world.tamper("UPDATE notices SET decision = (SELECT max(id) FROM decisions)")
    assert [each.split()[:2] for each in await world.found()] == [["act-differs", "notices"]]
    await world.tamper("UPDATE refusals SET decision = (SELECT max(id) FROM decisions)")
    assert ["act-differs", "refusals"] in [each.split()[:2] for each in await world.found()]
    await world.tamper("UPDATE decisions SET standing = false")
    assert ["act-differs", "decisions"] in [each.split()[:2] for each in await world.found()]


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
        lambda proof, now: mandates.end(officer.mandate or uuid4(), last_day=None, by=head, proof=proof, now=now),
    )
    ended = await staffed.world.owner.fetchval("SELECT ended_at FROM mandates WHERE id = $1", officer.mandate)
    await staffed.tamper(f"UPDATE mandates SET ended_at = NULL WHERE id = '{officer.mandate}'")
    await staffed.builder.attest(staffed.number)
    await staffed.tamper(f"UPDATE mandates SET ended_at = '{ended}' WHERE id = '{officer.mandate}'")
    position = await staffed.world.position("AttestationGiven")
    assert await staffed.world.found() == [f"signer-mandate entry {position}"]


async def test_statements_that_lost_their_parts_are_named_and_stop_nothing(staffed: Staffed) -> None:
    await staffed.world.tamper(
        """UPDATE events SET statement = regexp_replace(statement, '"(values|signer|facts)"', '"gone"', 'g')
           WHERE subject_type <> 'case'"""
    )
    assert {"leaf-differs", "statement-unreadable"} <= {each.split()[0] for each in await staffed.world.found()}
    await staffed.world.tamper("""UPDATE events SET statement = '{"intent":{"signer":[]},"record":{"factor":1}}'""")
    assert "statement-unreadable" in {each.split()[0] for each in await staffed.world.found()}


async def test_a_case_that_lost_its_first_event(world: World) -> None:
    await world.tamper("DELETE FROM events WHERE kind = 'CaseOpened'")
    assert {"entry-missing", "state-before"} <= {each.split()[0] for each in await world.found()}
