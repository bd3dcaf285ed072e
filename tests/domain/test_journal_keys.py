"""The keys of the journal, told by its own events: which was good when, and what no journal would say."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import events, journal_keys, merkle, signed_notes
from portal.domain.events import EventKind
from portal.domain.journal_keys import SUBJECT, BrokenHistory, JournalKey, KeyVerdict
from portal.domain.signed_notes import Checkpoint, MalformedNote, Signer
from tests.world.statements import whole

NAME = "daraje.example.ir/journal"
FIRST, SECOND, THIRD, FOREIGN = (signed_notes.signer(NAME, bytes([each]) * 32) for each in range(1, 5))
BEGIN = datetime(2026, 11, 1, 8, tzinfo=UTC)
Statement = dict[str, Any]


def changed(
    position: int,
    new: Signer,
    *,
    replaces: Signer | None = None,
    revokes: Signer | None = None,
    signers: tuple[Signer, ...] | None = None,
    reason: str = "",
) -> Statement:
    """The statement of a change of keys at `position`; signed by both keys, the revoked one aside, unless told."""
    values = journal_keys.change(
        new.key, replaces=replaces.key if replaces else None, revokes=revokes.key if revokes else None, reason=reason
    )
    shown = events.basis(EventKind.JOURNAL_KEY_ROTATED, SUBJECT, None, [], {})
    intent = events.intent(
        shown, after=None, values=values, signer={}, nonce=f"n{position}", expires="", meaning="کلید دفتر عوض شد."
    )
    if signers is None:
        signers = (new,) if replaces is revokes else tuple(each for each in (replaces, new) if each)
    produced = {"signatures": journal_keys.sign_change(intent, signers)}
    at = BEGIN + timedelta(hours=position)
    return whole(intent, kind=EventKind.JOURNAL_KEY_ROTATED, at=at, factor=None, position=position, produced=produced)


INTRODUCED = changed(1, FIRST)
ROTATED = changed(10, SECOND, replaces=FIRST, reason="هر سال یک بار")
REVOKED = changed(20, THIRD, replaces=SECOND, revokes=SECOND, reason="لو رفت")
OLDER_REVOKED = changed(20, SECOND, revokes=FIRST, signers=(SECOND,), reason="لو رفت")


def judged(signer: Signer, size: int, keys: list[JournalKey], origin: str = NAME) -> KeyVerdict:
    note = signed_notes.read(signer.sign(Checkpoint(origin, size, merkle.leaf_hash(b"")).text()))
    verdict, said, key = journal_keys.judge(note, keys)
    assert said.size == size
    assert (key is None) == (verdict is KeyVerdict.STRANGER)
    assert key is None or key.key == signer.key
    return verdict


def test_a_journal_without_events_of_keys_has_none() -> None:
    assert journal_keys.history([]) == []


def test_a_first_key_is_in_force_until_it_is_replaced() -> None:
    assert journal_keys.history([INTRODUCED]) == [JournalKey(FIRST.key, 1, BEGIN + timedelta(hours=1))]
    first, second = journal_keys.history([INTRODUCED, ROTATED])
    assert (first.key, first.since, first.until, first.until_at) == (FIRST.key, 1, 10, BEGIN + timedelta(hours=10))
    assert (second.key, second.since, second.until) == (SECOND.key, 10, None)
    assert first.revoked_at is None


def test_a_revoked_key_in_force_is_replaced_by_one_that_signs_alone() -> None:
    _, second, third = journal_keys.history([INTRODUCED, ROTATED, REVOKED])
    assert (second.until, second.revoked_at, second.reason) == (20, BEGIN + timedelta(hours=20), "لو رفت")
    assert (third.key, third.until, third.revoked_at) == (THIRD.key, None, None)


def test_an_older_key_is_revoked_by_the_one_in_force() -> None:
    first, second = journal_keys.history([INTRODUCED, ROTATED, OLDER_REVOKED])
    assert (first.until, first.revoked_at) == (10, BEGIN + timedelta(hours=20))
    assert (second.until, second.revoked_at) == (None, None)


@pytest.mark.parametrize(
    ("statements", "signer", "size", "verdict"),
    [
        ([INTRODUCED], FIRST, 0, KeyVerdict.GOOD),
        ([INTRODUCED], FIRST, 2000, KeyVerdict.GOOD),
        ([INTRODUCED], SECOND, 5, KeyVerdict.STRANGER),
        ([INTRODUCED, ROTATED], FIRST, 5, KeyVerdict.RETIRED),
        ([INTRODUCED, ROTATED], FIRST, 11, KeyVerdict.RETIRED),
        ([INTRODUCED, ROTATED], FIRST, 12, KeyVerdict.AFTER_ITS_TIME),
        ([INTRODUCED, ROTATED], SECOND, 5, KeyVerdict.GOOD),
        ([INTRODUCED, ROTATED], SECOND, 12, KeyVerdict.GOOD),
        ([INTRODUCED, ROTATED], FOREIGN, 12, KeyVerdict.STRANGER),
        ([INTRODUCED, ROTATED, REVOKED], FIRST, 5, KeyVerdict.RETIRED),
        ([INTRODUCED, ROTATED, REVOKED], FIRST, 15, KeyVerdict.AFTER_ITS_TIME),
        ([INTRODUCED, ROTATED, REVOKED], SECOND, 15, KeyVerdict.REVOKED),
        ([INTRODUCED, ROTATED, REVOKED], SECOND, 25, KeyVerdict.REVOKED),
        ([INTRODUCED, ROTATED, REVOKED], THIRD, 25, KeyVerdict.GOOD),
        ([INTRODUCED, ROTATED, OLDER_REVOKED], FIRST, 5, KeyVerdict.REVOKED),
        ([INTRODUCED, ROTATED, OLDER_REVOKED], SECOND, 15, KeyVerdict.GOOD),
        ([INTRODUCED, ROTATED, OLDER_REVOKED], SECOND, 25, KeyVerdict.GOOD),
        ([], FIRST, 5, KeyVerdict.STRANGER),
    ],
)
def test_what_a_checkpoint_is_worth(
    statements: list[Statement], signer: Signer, size: int, verdict: KeyVerdict
) -> None:
    assert judged(signer, size, journal_keys.history(statements)) is verdict


def test_a_checkpoint_of_another_journal_is_a_strangers_even_under_a_key_of_this_one() -> None:
    assert judged(FIRST, 5, journal_keys.history([INTRODUCED]), origin="other.example/journal") is KeyVerdict.STRANGER


def test_a_checkpoint_signed_by_two_keys_is_judged_by_the_newer() -> None:
    text = Checkpoint(NAME, 15, merkle.EMPTY).text()
    both = FIRST.sign(text) + SECOND.sign(text).rpartition("\n\n")[2]
    verdict, _, key = journal_keys.judge(signed_notes.read(both), journal_keys.history([INTRODUCED, ROTATED]))
    assert (verdict, key and key.key) == (KeyVerdict.GOOD, SECOND.key)


def test_a_checkpoint_whose_bytes_changed_is_none() -> None:
    note = FIRST.sign(Checkpoint(NAME, 5, merkle.EMPTY).text()).replace("\n5\n", "\n6\n")
    with pytest.raises(MalformedNote):
        journal_keys.judge(signed_notes.read(note), journal_keys.history([INTRODUCED]))


BROKEN: dict[str, list[Statement]] = {
    "a first key that does not sign": [changed(1, FIRST, signers=())],
    "a first key that another one signs": [changed(1, FIRST, signers=(SECOND,))],
    "a first key in place of another": [changed(1, SECOND, replaces=FIRST)],
    "a second first key": [INTRODUCED, changed(10, SECOND)],
    "a rotation that the old key did not sign": [INTRODUCED, changed(10, SECOND, replaces=FIRST, signers=(SECOND,))],
    "a rotation that the new key did not sign": [INTRODUCED, changed(10, SECOND, replaces=FIRST, signers=(FIRST,))],
    "a rotation of a key that is not in force": [INTRODUCED, ROTATED, changed(20, THIRD, replaces=FIRST)],
    "a revocation by the revoked key": [
        INTRODUCED,
        changed(10, SECOND, replaces=FIRST, revokes=FIRST, signers=(FIRST,)),
    ],
    "a revocation of the older by itself": [INTRODUCED, ROTATED, changed(20, SECOND, revokes=FIRST, signers=(FIRST,))],
    "a revocation of a stranger": [INTRODUCED, changed(10, FIRST, revokes=FOREIGN, signers=(FIRST,))],
    "a revocation twice": [
        INTRODUCED,
        ROTATED,
        OLDER_REVOKED,
        changed(30, SECOND, revokes=FIRST, signers=(SECOND,)),
    ],
    "a key in force that is revoked and stays": [INTRODUCED, changed(10, FIRST, revokes=FIRST, signers=(FIRST,))],
    "a replaced key that comes back": [INTRODUCED, ROTATED, changed(20, FIRST, replaces=SECOND)],
    "a revoked key that comes back": [INTRODUCED, ROTATED, REVOKED, changed(30, SECOND, replaces=THIRD)],
    "another name": [INTRODUCED, changed(10, signed_notes.signer("other.example", b"x" * 32), replaces=FIRST)],
}


@pytest.mark.parametrize("statements", BROKEN.values(), ids=BROKEN)
def test_a_history_that_no_journal_tells_is_broken_at_its_event(statements: list[Statement]) -> None:
    with pytest.raises(BrokenHistory) as broken:
        journal_keys.history(statements)
    assert broken.value.position == statements[-1]["record"]["position"]


def _set(*path: str, to: Any) -> Callable[[Statement], None]:
    def tamper(statement: Statement) -> None:
        place: Any = statement
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = to

    return tamper


STOLEN = base64.b64encode(FOREIGN.key.public).decode()


@pytest.mark.parametrize(
    "tamper",
    [
        _set("intent", "values", "public_key", to=STOLEN),
        _set("intent", "values", "public_key", to="not base64"),
        _set("intent", "values", "public_key", to="AAAA"),
        _set("intent", "values", "public_key", to=None),
        _set("intent", "values", "reason", to="دلیلی دیگر"),
        _set("intent", "values", "replaces", to=None),
        _set("intent", "values", "revokes", to=FIRST.key.id.hex()),
        _set("intent", "values", to={}),
        _set("intent", "nonce", to="another"),
        _set("intent", "act", to="CaseOpened"),
        _set("record", "produced", to={}),
        _set("record", "produced", "signatures", to=[{"key_id": FIRST.key.id.hex(), "signature": "?"}]),
        _set("record", "at", to="yesterday"),
    ],
)
def test_a_tampered_change_of_keys_is_broken(tamper: Callable[[Statement], None]) -> None:
    rotated = changed(10, SECOND, replaces=FIRST)
    assert len(journal_keys.history([INTRODUCED, rotated])) == 2
    tamper(rotated)
    with pytest.raises(BrokenHistory) as broken:
        journal_keys.history([INTRODUCED, rotated])
    assert broken.value.position == 10


@given(st.lists(st.booleans(), max_size=6), st.integers(0, 80))
def test_of_many_keys_only_the_last_is_good_later(revoked: list[bool], size: int) -> None:
    signers = [signed_notes.signer(NAME, bytes([each]) * 32) for each in range(len(revoked) + 1)]
    statements = [changed(0, signers[0])]
    for at, (old, new, is_revoked) in enumerate(zip(signers, signers[1:], revoked, strict=False), start=1):
        statements.append(changed(10 * at, new, replaces=old, revokes=old if is_revoked else None))
    keys = journal_keys.history(statements)
    assert [each.key for each in keys] == [each.key for each in signers]
    assert judged(signers[-1], size, keys) is KeyVerdict.GOOD
    for key, signer, is_revoked in zip(keys, signers, revoked, strict=False):
        verdict = judged(signer, size, keys)
        assert key.until is not None
        in_time = KeyVerdict.RETIRED if size <= key.until + 1 else KeyVerdict.AFTER_ITS_TIME
        assert verdict is (KeyVerdict.REVOKED if is_revoked else in_time)
