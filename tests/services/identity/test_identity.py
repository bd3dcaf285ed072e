"""Who acts, as a statement carries the signer."""

from uuid import UUID

from portal.domain import events
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind
from portal.services.identity.identity import Identity

PERSON, MANDATE = UUID(int=7), UUID(int=8)
DEPUTY = Identity(
    id=PERSON,
    username="deputy",
    full_name="علی کریمی",
    title="جانشین مدیر کل",
    role=Role.GOVERNORATE,
    municipality=None,
    province="13",
    place_name="همدان",
    session=UUID(int=9),
    address="192.0.2.1",
    device="a device",
    mandate=MANDATE,
    mandate_kind=MandateKind.DEPUTY,
)


def test_a_signer_is_told_with_office_place_and_mandate() -> None:
    assert DEPUTY.as_signer() == {
        "id": str(PERSON),
        "username": "deputy",
        "name": "علی کریمی",
        "title": "جانشین مدیر کل",
        "role": "governorate",
        "place": {"municipality": None, "province": "13", "name": "همدان"},
        "mandate": {"id": str(MANDATE), "kind": "deputy"},
    }


def test_neither_address_nor_device_nor_session_enters_a_statement() -> None:
    text = events.canonical(DEPUTY.as_signer()).decode()
    assert not any(each in text for each in ("192.0.2.1", "a device", str(UUID(int=9))))


def test_who_acts_without_a_mandate_says_so() -> None:
    bare = Identity(PERSON, "reader", "نام", "بازرس", Role.AUDITOR, None, None, "")
    assert bare.as_signer()["mandate"] == {"id": None, "kind": "regular"}
    assert (bare.confirmed, bare.enrolled, bare.restoring) == (True, True, False)
