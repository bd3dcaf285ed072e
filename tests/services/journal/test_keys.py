"""The journal's keys: as the journal tells them, and those of them that this portal holds."""

import base64

import pytest

from portal.domain import signed_notes
from portal.domain.errors import Unavailable
from portal.services.journal import checkpoints, keys, log
from portal.settings import Settings
from portal.tables.events import Event
from tests.world.clock import BEGIN, Clock

FIRST = "A" * 43 + "="  # the key of every test's journal
SECOND = base64.b64encode(b"\x02" * 32).decode()
NAME = "127.0.0.1:8000/journal"


async def last_change() -> bytes:
    """The leaf of the last change of keys."""
    row = await Event.select(Event.leaf).where(Event.subject == "key").order_by(Event.position, ascending=False).first()
    assert row is not None
    return bytes(row["leaf"])


def test_what_is_held_signs_under_the_journals_name() -> None:
    keys.sign_with((FIRST, SECOND))
    first, second = keys.held("elsewhere.example/journal")
    assert first.key == signed_notes.signer("elsewhere.example/journal", base64.b64decode(FIRST)).key
    assert {first.key.name, second.key.name} == {"elsewhere.example/journal"}
    assert first.key.public != second.key.public
    keys.sign_with(())
    assert keys.held(NAME) == []


async def test_the_journal_tells_every_key_that_it_had(engine: Settings, clock: Clock) -> None:
    [only] = await keys.history()
    assert (only.key.name, only.since, only.until, only.revoked_at) == (NAME, 0, None, None)
    assert only.since_at < BEGIN
    keys.sign_with((FIRST, SECOND))
    await checkpoints.rotate(reason="هر سال یک بار", now=clock())
    first, second = await keys.history()
    assert (first.key, first.until, first.until_at) == (only.key, 1, clock())
    assert (second.key, second.since) == (keys.held(NAME)[1].key, 1)


async def test_only_a_key_that_is_held_signs(engine: Settings) -> None:
    [only] = await keys.history()
    assert keys.signer_of(only.key).key == only.key
    keys.sign_with((SECOND,))
    with pytest.raises(Unavailable) as missed:
        keys.signer_of(only.key)
    assert (missed.value.code, missed.value.facts) == ("journal-key-missing", {"key": only.key.id.hex()})


async def test_the_signer_in_force_changes_with_the_journals_key(engine: Settings, clock: Clock) -> None:
    keys.sign_with((FIRST, SECOND))
    before = await last_change()
    assert (await keys.in_force(before)).key == keys.held(NAME)[0].key
    await checkpoints.rotate(reason="", now=clock())
    assert (await keys.in_force(await last_change())).key == keys.held(NAME)[1].key
    assert (await log.entry(1))["leaf"] == await last_change() != before


async def test_without_a_key_in_force_nothing_signs(engine: Settings) -> None:
    with pytest.raises(Unavailable, match="no-journal-key"):
        await keys.in_force(None)
    change = await last_change()
    await keys.in_force(change)
    keys.sign_with((SECOND,))
    with pytest.raises(Unavailable, match="journal-key-missing"):
        await keys.in_force(change)
