"""Devices that have proved themselves: known for whom, under the portal's seal, and no further."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from portal.services.authentication import devices, encryption
from portal.services.authentication.devices import Device

CLERK, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    before = encryption._keys
    encryption.configure(("s" * 40,))
    yield
    encryption.configure(before)


def test_a_device_vouches_for_whom_it_has_proved_and_for_nobody_else() -> None:
    device = devices.opened(None).remembering(CLERK)
    assert device.knows(CLERK) == device.id
    assert device.knows(OTHER) is None
    assert devices.opened(None).id != device.id, "every browser is one of its own"


def test_the_mark_of_one_device_is_none_on_another() -> None:
    marks = Device("one").remembering(CLERK).marks
    assert Device("two", marks).knows(CLERK) is None
    assert str(CLERK) not in marks[0], "it does not say for whom it is"


def test_the_last_twelve_people_count() -> None:
    people = [uuid4() for _ in range(devices.MOST + 1)]
    device = Device("one")
    for each in (*people[: devices.MOST], people[0], people[-1]):
        device = device.remembering(each)
    assert len(device.marks) == devices.MOST
    assert [device.knows(each) is not None for each in people] == [True, False, *[True] * 11]


def test_a_sealed_device_is_opened_as_it_was() -> None:
    device = Device("one").remembering(CLERK).remembering(OTHER)
    assert devices.opened(devices.seal(device)) == device


@pytest.mark.parametrize("text", ["", "nonsense", "W10.x", None])
def test_what_this_portal_did_not_seal_is_a_new_device(text: str | None) -> None:
    device = devices.opened(text)
    assert (len(device.id), device.marks) == (32, ())


def test_neither_another_key_nor_a_seal_for_something_else_makes_a_device() -> None:
    device = Device("one").remembering(CLERK)
    elsewhere = encryption.sign("form", [device.id, *device.marks])
    assert devices.opened(elsewhere).knows(CLERK) is None
    sealed = devices.seal(device)
    encryption.configure(("t" * 40,))
    assert devices.opened(sealed).knows(CLERK) is None
