"""Every record is signed by the journal's key: what the database's role alone writes is found."""

import asyncio
import base64
import json
import lzma
import secrets
import subprocess
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from portal import piccolo_conf
from portal.cli.migrations import bring_up_to_date
from portal.domain import events, journal_keys, merkle, persian, signed_notes
from portal.domain.errors import Unavailable
from portal.domain.events import EventKind
from portal.domain.journal_keys import SUBJECT
from portal.domain.lifecycle import Role
from portal.domain.merkle import Frontier
from portal.embedded import commands
from portal.embedded.servers import Embedded
from portal.services.authentication import encryption
from portal.services.cases import cases
from portal.services.identity import accounts as identities
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints, log
from portal.services.verification import audit
from portal.settings import Settings
from portal.tables.events import Event
from portal.tables.mandates import Mandate
from portal.tables.places import Municipality, Province
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.databases import database
from tests.world.files import DATABASES
from tests.world.forging import Statement, forge, frontier, insert
from tests.world.statements import signed, whole
from tests.world.verification import World

OWN, NEXT = b"\x07" * 32, "B" * 43 + "="
DUMP = DATABASES / "demo-0.2.0.sql.xz"
"""What the demo of 0.2.0 leaves in its database, under the keys of the tests."""


async def forged(world: World, people: Cast, clock: Clock, dress: Any) -> int:
    """A sign-off of the head's that the application's role appended."""
    assert world.settings.database_url is not None
    about = str(people["clerk"].id)
    return await forge(world.settings.database_url, people["head"], about, at=clock.tick(), dress=dress)


def unsigned(statement: Statement, before: Frontier) -> Statement:
    """As 0.2.0 wrote it, with what the database looks for where it counts for nothing."""
    statement["intent"]["values"]["signature"] = {"key_id": "00000000", "signature": ""}
    statement["record"]["intent_sha256"] = events.digest(statement["intent"])
    return statement


def signed_by_a_stranger(statement: Statement, before: Frontier) -> Statement:
    statement["record"]["root"] = before.root().hex()
    return signed(statement, signed_notes.signer("127.0.0.1:8000/journal", OWN))


def signed_by_nobody(statement: Statement, before: Frontier) -> Statement:
    return {**statement, "signature": {"key_id": None, "signature": 7}}


@pytest.mark.parametrize(
    ("dress", "code"),
    [
        (unsigned, "record-unsigned"),
        (signed_by_a_stranger, "record-forged"),
        (signed_by_nobody, "record-forged"),
    ],
)
async def test_what_the_database_role_appended_is_found(
    world: World, people: Cast, clock: Clock, dress: Any, code: str
) -> None:
    position = await forged(world, people, clock, dress)
    assert await world.found() == [f"{code} entry {position}"]
    await cases.open_case(by=people["abroad"], now=clock.tick())
    assert await world.found() == [f"{code} entry {position}"], "and what comes after it stands"


async def test_a_signature_of_another_record_or_of_another_kind_is_none(
    world: World, people: Cast, clock: Clock
) -> None:
    row = await log.entry(await world.position("AttestationGiven"))
    signer = signed_notes.signer("127.0.0.1:8000/journal", base64.b64decode(world.settings.journal_keys[0]))
    own = json.loads(row["statement"])["signature"]
    assert own["key_id"] == signer.key.id.hex()
    note = (await checkpoints.note())[1]
    of_note = base64.b64encode(signed_notes.read(note).signatures[0].signature).decode()
    found = []
    for signature in (own["signature"], of_note):
        made = {"key_id": own["key_id"], "signature": signature}
        position = await forged(world, people, clock, lambda statement, _, made=made: {**statement, "signature": made})
        found.append(f"record-forged entry {position}")
    assert await world.found() == found


async def test_a_record_that_was_not_signed_at_all_is_refused_by_the_database(
    world: World, people: Cast, clock: Clock
) -> None:
    with pytest.raises(asyncpg.RaiseError, match="not signed"):
        await forged(world, people, clock, lambda statement, before: statement)


async def bring_in_a_key(link: Any, at: datetime) -> int:
    """Revoke the key in force by a key that nobody knows, which signs for itself alone."""
    keys, stranger = await checkpoints.history(), signed_notes.signer("127.0.0.1:8000/journal", OWN)
    values = journal_keys.change(stranger.key, replaces=keys[-1].key, revokes=keys[-1].key, reason="لو رفت")
    intent = events.intent(
        events.basis(EventKind.JOURNAL_KEY_REVOKED, SUBJECT, None, [], {}),
        after=None,
        values=values,
        signer={},
        nonce=uuid4().hex,
        expires=events.moment(at),
        meaning="",
    )
    before = await frontier(link)
    statement = whole(
        intent,
        kind=EventKind.JOURNAL_KEY_REVOKED,
        at=at,
        factor=None,
        position=before.size,
        produced={"signatures": journal_keys.sign_change(intent, [stranger])},
        root=before.root(),
    )
    await insert(link, before, signed(statement, stranger))
    return before.size


async def test_a_key_that_somebody_brought_in_himself_stops_the_portal_and_is_found(
    world: World, people: Cast, clock: Clock
) -> None:
    link = await asyncpg.connect(world.settings.database_url)
    try:
        entry = await bring_in_a_key(link, clock.tick())
    finally:
        await link.close()
    await forged(world, people, clock, signed_by_a_stranger)
    outside = "checkpoint-revoked published checkpoint 1"
    assert await world.found() == [f"key-unknown entry {entry}", outside]
    with pytest.raises(Unavailable, match="journal-key-missing"):
        await cases.open_case(by=people["abroad"], now=clock.tick())
    checkpoints.sign_with(())  # a verifier who holds no key is told as much
    assert await world.found() == [f"key-alone entry {entry}", outside]


async def test_records_verify_under_the_key_of_their_time(world: World, people: Cast, clock: Clock) -> None:
    old, keys = (await checkpoints.history())[0].key, world.settings.journal_keys
    checkpoints.sign_with((*keys, NEXT))
    await checkpoints.rotate(reason="", now=clock.tick())
    checkpoints.sign_with((NEXT,))
    await cases.open_case(by=people["abroad"], now=clock.tick())
    assert await world.found() == []
    last = json.loads((await log.entry(await log.size() - 1))["statement"])
    assert last["signature"]["key_id"] == (await checkpoints.history())[-1].key.id.hex() != old.id.hex()
    await checkpoints.revoke(old.id.hex(), reason="لو رفت", now=clock.tick())
    assert [each for each in await world.found() if not each.startswith("checkpoint-revoked")] == []
    late = await forged(world, people, clock, late_by(old, keys[0]))
    assert f"record-forged entry {late}" in await world.found()


def late_by(old: signed_notes.VerifierKey, key: str) -> Any:
    """Signed with a key whose time is over."""
    signer = signed_notes.signer(old.name, base64.b64decode(key))

    def dress(statement: Statement, before: Frontier) -> Statement:
        statement["record"]["root"] = before.root().hex()
        return signed(statement, signer)

    return dress


async def test_the_revocation_of_a_key_that_is_held_is_vouched_for_and_of_a_lost_one_asks_for_the_safe(
    world: World, people: Cast, clock: Clock
) -> None:
    first = (await checkpoints.history())[0].key.id.hex()
    checkpoints.sign_with((*world.settings.journal_keys, NEXT))
    second = await checkpoints.revoke(first, reason="لو رفت", now=clock.tick())
    checkpoints.sign_with(())
    revoked = ["checkpoint-revoked"]
    assert [each.split()[0] for each in await world.found()] == revoked
    third = base64.b64encode(b"c" * 32).decode()
    checkpoints.sign_with((third,))
    key = await checkpoints.revoke(second.key.id.hex(), reason="گم شد", now=clock.tick())
    assert [each.split()[0] for each in await world.found()] == revoked, "the portal holds it"
    checkpoints.sign_with(())
    assert [each.split()[0] for each in await world.found()] == ["key-alone", *revoked]
    done = await audit.journal((), None, lambda name, total: nullcontext(lambda done: None), [key.key.public])
    assert [each.code for each in done.findings] == revoked, "the one from the safe"


async def test_nobody_moves_the_position_unseen(world: World, people: Cast, clock: Clock) -> None:
    link = await asyncpg.connect(world.settings.database_url)
    try:
        for statement in (
            "UPDATE journal_signing_begins SET position = 100",
            "DELETE FROM journal_signing_begins",
            "INSERT INTO journal_signing_begins VALUES (2, 100)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await link.execute(statement)
    finally:
        await link.close()
    with pytest.raises(asyncpg.RaiseError, match="refused"):
        await world.owner.execute("UPDATE journal_signing_begins SET position = 100")
    position = await forged(world, people, clock, unsigned)
    await world.tamper(f"UPDATE journal_signing_begins SET position = {position + 1}")
    assert await world.found() == [f"record-unsigned entry {position}", "signing-moved entry 0"]
    await world.tamper("DELETE FROM journal_signing_begins")
    assert await world.found() == [f"record-unsigned entry {position}", "signing-moved entry 0"]


async def test_without_the_key_nothing_is_recorded(world: World, people: Cast, clock: Clock) -> None:
    size = await log.size()
    for keys in ((), (NEXT,)):
        checkpoints.sign_with(keys)
        with pytest.raises(Unavailable, match="journal-key-missing"):
            await cases.open_case(by=people["abroad"], now=clock.tick())
    assert await log.size() == size


# A database of 0.2.0


@pytest.fixture
async def former(servers: Embedded, settings: Settings) -> AsyncIterator[Settings]:
    """The database that the demo of 0.2.0 left."""
    name = f"former_{secrets.token_hex(4)}"
    owner = database(servers.migration_database_url, name)
    admin = await asyncpg.connect(servers.migration_database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    link = await asyncpg.connect(owner)
    await link.execute("GRANT USAGE ON SCHEMA public TO portal")
    await link.close()
    text = await asyncio.to_thread(lambda: lzma.decompress(DUMP.read_bytes()))
    command = [commands.found().tool("psql"), "--quiet", "-v", "ON_ERROR_STOP=1", "--output=/dev/null", owner]
    await asyncio.to_thread(lambda: subprocess.run(command, input=text, check=True, capture_output=True))
    aimed = replace(settings, database_url=database(servers.database_url, name), migration_database_url=owner)
    encryption.configure(aimed.secret_keys)
    checkpoints.sign_with(aimed.journal_keys)
    yield aimed
    await piccolo_conf.DB.close_connection_pool()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def migrate(former: Settings) -> None:
    await bring_up_to_date(former)
    assert former.database_url is not None
    piccolo_conf.aim(former.database_url)
    await piccolo_conf.start_pool(least=1, most=4)


async def found() -> list[str]:
    """What a verification finds; the store of 0.2.0's demo is not there."""
    done = await audit.journal((), None, lambda name, total: nullcontext(lambda done: None))
    return [f"{each.code} {each.where}" for each in done.findings]


async def administrator() -> Identity:
    """The demo's, from columns that the database of 0.2.0 has too."""
    row = await identities.of_username("modir")
    assert row is not None
    mandate = await Mandate.select(Mandate.id).where(Mandate.person == row["id"]).first()
    assert mandate is not None
    names = (row["id"], row["username"], row["full_name"], row["title"], Role(row["role"]))
    return Identity(*names, municipality=None, province=None, place_name="", mandate=mandate["id"])


async def test_a_database_of_0_2_0_is_clean_and_what_is_forged_after_its_migration_is_found(former: Settings) -> None:
    await migrate(former)
    assert await found() == []
    since = await log.size()
    assert since == await log.signed_since() > 800
    now = datetime.now(UTC)
    await checkpoints.introduce(former.base_url, now=now)
    assert (await log.entry(since))["kind"] == EventKind.SIGNING_BEGUN
    assert json.loads((await log.entry(since))["statement"])["intent"]["values"] == {"since": since}
    await checkpoints.introduce(former.base_url, now=now)
    assert await log.size() == since + 1, "once"
    assert await found() == []
    by = await administrator()
    assert former.database_url is not None
    position = await forge(former.database_url, by, str(by.id), at=now, dress=unsigned)
    assert await found() == [f"record-unsigned entry {position}"]


async def test_towns_of_0_2_0_are_shown_in_their_official_spelling_and_signed_as_they_were(former: Settings) -> None:
    await migrate(former)
    towns = {row["name"]: row for row in await Municipality.select()}
    assert towns["صفی آباد"]["display_name"] == "صفی‌آباد"
    assert towns["صفی آباد"]["sort_key"] == persian.order_key("صفی‌آباد")
    names = [row["name"] for row in await Province.select().order_by(Province.sort_key)]
    assert names.index("چهارمحال و بختیاری") < names.index("خوزستان") < names.index("گلستان") < names.index("همدان")
    spelled = {row["town"] for row in await Event.raw(SIGNED_TOWNS)} - {None}
    assert spelled
    assert spelled <= towns.keys()
    assert await found() == []


SIGNED_TOWNS = "SELECT DISTINCT statement::json #>> '{{intent,facts,town}}' AS town FROM events"


async def test_before_the_first_start_the_stated_position_holds(former: Settings) -> None:
    await migrate(former)
    by = await administrator()
    assert former.database_url is not None
    position = await forge(former.database_url, by, str(by.id), at=datetime.now(UTC), dress=unsigned)
    assert await found() == [f"record-unsigned entry {position}"]
    await checkpoints.introduce(former.base_url, now=datetime.now(UTC))
    assert await found() == [f"record-unsigned entry {position}"]


async def test_what_was_forged_before_the_migration_cannot_be_told_and_what_is_changed_after_it_can(
    former: Settings,
) -> None:
    """As docs/security.md says: a signature tells nothing of what stood there before the first one."""
    assert former.migration_database_url is not None
    link = await asyncpg.connect(former.migration_database_url)
    piccolo_conf.aim(former.migration_database_url)
    by = await administrator()
    await link.close()
    position = await forge(former.migration_database_url, by, str(by.id), at=datetime.now(UTC))
    await migrate(former)
    assert await found() == []
    await checkpoints.introduce(former.base_url, now=datetime.now(UTC) + timedelta(seconds=1))
    assert await found() == []
    await rewritten(former.migration_database_url, position)
    assert await found() == [f"before-differs entry {position + 1}"]


async def rewritten(owner: str, position: int) -> None:
    """The owner of the schema changes an old record, its leaf, and every node above it."""
    link = await asyncpg.connect(owner)
    try:
        async with link.transaction():
            texts = [row["statement"] for row in await link.fetch("SELECT statement FROM events ORDER BY position")]
            statement = json.loads(texts[position])
            statement["intent"]["values"]["reason"] = "دلیلی دیگر"
            statement["record"]["intent_sha256"] = events.digest(statement["intent"])
            texts[position] = events.canonical(statement).decode()
            made, nodes = Frontier(), list[tuple[int, int, bytes]]()
            for text in texts:
                made, completed = made.append(merkle.leaf_hash(text.encode()))
                nodes += completed
            for table in ("events", "journal_nodes"):
                await link.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await link.execute(
                "UPDATE events SET statement = $1, leaf = $2 WHERE position = $3",
                texts[position],
                merkle.leaf_hash(texts[position].encode()),
                position,
            )
            await link.executemany(
                "UPDATE journal_nodes SET hash = $2 WHERE id = $1",
                [(log.node_id(level, index), each) for level, index, each in nodes],
            )
            for table in ("events", "journal_nodes"):
                await link.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        await link.close()
