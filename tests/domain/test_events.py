"""What is put together of parts that are canonical already is what canonical JSON makes of the whole."""

import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.domain import events, signatures, signed_notes
from tests.world.statements import signed

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=6)
KEY = signed_notes.signer("daraje.example.ir/journal", b"\x01" * 32)


@given(OBJECTS)
def test_an_object_joined_of_its_members_is_its_canonical_form(value: dict[str, Any]) -> None:
    assert events.joined(events.members(value)) == events.canonical(value)


@given(OBJECTS, OBJECTS)
def test_a_statement_joined_of_its_texts_and_its_signature_is_the_signed_one(
    intent: dict[str, Any], record: dict[str, Any]
) -> None:
    parts = {"intent": events.canonical(intent), "record": events.canonical(record)}
    made = signatures.signature_of(events.joined(parts), KEY)
    text = events.joined({**parts, signatures.SIGNATURE: events.canonical(made)})
    assert text == events.canonical(signed({"intent": intent, "record": record}, KEY))
