"""What one key signs: no text of one kind is a text of another, and no signature of one counts as another's."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import events, journal_keys, merkle, signatures, signed_notes
from portal.domain.events import EventKind
from portal.domain.journal_keys import BrokenHistory, JournalKey
from portal.domain.signatures import Signs, Worth
from portal.domain.signed_notes import Checkpoint, MalformedNote
from tests.world.statements import signed, whole

NAME, AT = "daraje.example.ir/journal", datetime(2026, 11, 27, tzinfo=UTC)
OWN, NEXT, OTHER = (signed_notes.signer(NAME, bytes([each]) * 32) for each in range(1, 4))
KEYS = [
    JournalKey(OWN.key, 3, AT, until=10, until_at=AT),
    JournalKey(NEXT.key, 10, AT),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.dictionaries(st.text(max_size=10), JSON, max_size=4)


def statement(position: int = 5) -> dict[str, Any]:
    of = events.intent(
        events.basis("act", {"type": "case", "id": "1"}, None, [], {}),
        after=None,
        values={},
        signer={},
        nonce="n",
        expires="",
        meaning="",
    )
    return whole(of, kind=EventKind.CASE_OPENED, at=AT, factor=None, position=position, root=merkle.EMPTY)


@given(CONTENT, CONTENT, st.sampled_from(Signs), st.sampled_from(Signs))
def test_texts_of_different_kinds_differ_whatever_they_hold(
    one: dict[str, Any], other: dict[str, Any], kind: Signs, another: Signs
) -> None:
    first, second = signatures.message(kind, one), signatures.message(another, other)
    assert (kind is another) or first != second
    assert first.count(b"\n") == 1
    assert not first.endswith(b"\n")  # the text of a note ends with one, and has three


@given(CONTENT, st.sampled_from(Signs))
def test_no_text_of_a_kind_is_that_of_a_checkpoint(content: dict[str, Any], kind: Signs) -> None:
    text = signatures.message(kind, content).decode()
    for made in (text, text + "\n", text + "\n1\n"):
        with pytest.raises(ValueError, match="no text of a note"):
            OWN.sign(made)
    signature = base64.b64encode(OWN.key.id + OWN.private.sign(text.encode())).decode()
    with pytest.raises(MalformedNote):
        journal_keys.judge(signed_notes.read(f"{text}\n\n— {NAME} {signature}\n"), KEYS)


@pytest.mark.parametrize("kind", Signs)
def test_no_journal_is_named_like_a_kind(kind: Signs) -> None:
    assert not signatures.may_name(kind)
    signer = signed_notes.signer(kind, bytes(32))
    values = journal_keys.change(signer.key, replaces=None, revokes=None, reason="")
    of = {**statement()["intent"], "values": values}
    made = {"signatures": journal_keys.sign_change(of, [signer])}
    said = whole(of, kind=EventKind.JOURNAL_KEY_INTRODUCED, at=AT, factor=None, position=0, produced=made)
    with pytest.raises(BrokenHistory, match="named like a kind"):
        journal_keys.history([said])
    with pytest.raises(MalformedNote):
        signed_notes.checkpoint(
            signed_notes.read(f"{kind}\n1\n{base64.b64encode(merkle.EMPTY).decode()}\n\n— x {'A' * 12}\n")
        )


def test_a_text_of_a_note_may_be_a_journals_own_name() -> None:
    assert all(map(signatures.may_name, (NAME, "127.0.0.1:8000/journal", "daraje/journal", "")))
    assert not signatures.may_name("daraje/something-to-come/2")


@pytest.mark.parametrize(
    ("signer", "position", "worth"),
    [
        (OWN, 3, Worth.GOOD),  # the event that brings a key in is signed by it
        (OWN, 9, Worth.GOOD),
        (OWN, 10, Worth.FORGED),
        (NEXT, 9, Worth.FORGED),
        (NEXT, 10, Worth.GOOD),
        (OWN, 2, Worth.FORGED),
        (OTHER, 12, Worth.FORGED),
    ],
)
def test_a_record_is_signed_by_the_key_of_its_position(
    signer: signed_notes.Signer, position: int, worth: Worth
) -> None:
    assert signatures.judge(signed(statement(position), signer), KEYS) is worth


def test_a_signature_of_a_key_that_was_revoked_since_is_told_apart() -> None:
    revoked = JournalKey(OWN.key, 3, AT, until=10, until_at=AT, revoked_at=AT)
    assert signatures.judge(signed(statement(), OWN), [revoked, KEYS[1]]) is Worth.REVOKED


def test_a_signature_of_another_kind_by_the_same_key_is_none() -> None:
    said = statement()
    for text in (
        signatures.message(Signs.KEY_CHANGE, said),
        signatures.message(Signs.LETTER_CODE, said),
        events.canonical(said),
        Checkpoint(NAME, 5, merkle.EMPTY).text().encode(),
    ):
        made = {"key_id": OWN.key.id.hex(), "signature": base64.b64encode(OWN.private.sign(text)).decode()}
        assert signatures.judge({**said, "signature": made}, KEYS) is Worth.FORGED


@pytest.mark.parametrize(
    "change",
    [
        {"intent": {}},
        {"record": {"position": 5}},
        {"more": 1},
        {"signature": None},
        {"signature": {}},
        {"signature": {"key_id": OWN.key.id.hex(), "signature": "?"}},
        {"signature": {"key_id": OWN.key.id.hex(), "signature": 7}},
        {"record": None},
        {"signature": {"signature": "AAAA"}},
    ],
)
def test_whatever_is_changed_or_malformed_is_forged(change: dict[str, Any]) -> None:
    made = signed(statement(), OWN)
    assert signatures.judge(made, KEYS) is Worth.GOOD
    assert signatures.judge({**made, **change}, KEYS) is Worth.FORGED


def test_what_carries_none_is_unsigned() -> None:
    assert signatures.judge(statement(), KEYS) is Worth.UNSIGNED
    assert signatures.judge({}, KEYS) is Worth.UNSIGNED


def vouched(*each: bool) -> list[JournalKey]:
    return [
        JournalKey(signed_notes.signer(NAME, bytes([at]) * 32).key, at, AT, vouched=it) for at, it in enumerate(each)
    ]


def test_keys_are_trusted_as_far_as_they_vouch_for_each_other() -> None:
    keys = vouched(True, True, False, True)
    public = [each.key.public for each in keys]
    assert journal_keys.trusted(keys[:2], ())
    assert not journal_keys.trusted(keys, ()), "nobody vouches for the third"
    assert journal_keys.trusted(keys, public[2:3]), "the safe does"
    assert journal_keys.trusted(keys, public[3:])
    assert not journal_keys.trusted(keys, public[:2])
    assert not journal_keys.trusted(keys[:1], public[1:2]), "another journal than the one in the safe"
