"""Accounts as rows: found by id or username, their place named by the register, their office in a statement's words."""

from datetime import date
from uuid import uuid4

import pytest

from portal.domain.approvals import Office
from portal.domain.errors import Invalid, NotFound
from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind, Span
from portal.services.identity import accounts
from tests.world.cast import TOWN, Cast


async def test_a_row_names_its_place(people: Cast) -> None:
    names = {}
    for username in ("clerk", "officer", "minister"):
        row = await accounts.find(people[username].id)
        names[username] = (row["username"], row["town"], row["province_name"])
    assert names == {
        "clerk": ("clerk", "اسدآباد", None),
        "officer": ("officer", None, "همدان"),
        "minister": ("minister", None, None),
    }
    with pytest.raises(NotFound, match="account"):
        await accounts.find(uuid4())


async def test_a_username_is_found_as_it_is_kept(people: Cast) -> None:
    row = await accounts.of_username("clerk")
    assert row is not None
    assert row["id"] == people["clerk"].id
    assert await accounts.of_username("CLERK") is None
    assert await accounts.of_username("nobody") is None


@pytest.mark.parametrize("typed", ["Town-12", " town-۱۲ ", "TOWN-١٢\t"])
def test_a_username_is_one_from_whatever_keyboard(typed: str) -> None:
    assert accounts.username_of(typed) == "town-12"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.MUNICIPALITY, Office(Role.MUNICIPALITY, TOWN, None)),
        (Role.GOVERNORATE, Office(Role.GOVERNORATE, None, "13")),
        (Role.AUDITOR, Office(Role.AUDITOR, None, None)),
    ],
)
def test_an_office_has_the_place_that_its_role_asks_for_and_no_other(role: Role, expected: Office) -> None:
    assert accounts.placed(role, "۱۳۰۶۰۱۱۴۶۹", "١٣") == expected


async def test_a_place_is_named_by_the_register_or_refused(people: Cast) -> None:
    assert await accounts.require_place(Office(Role.MUNICIPALITY, TOWN)) == "اسدآباد"
    assert await accounts.require_place(Office(Role.GOVERNORATE, None, "13")) == "همدان"
    assert await accounts.require_place(Office(Role.MINISTER)) == ""
    for office, errors in (
        (accounts.placed(Role.MUNICIPALITY, None, None), {"municipality": "unknown-municipality"}),
        (accounts.placed(Role.GOVERNORATE, None, "99"), {"province": "choose"}),
    ):
        with pytest.raises(Invalid) as refused:
            await accounts.require_place(office)
        assert refused.value.errors == errors


def test_a_mandate_in_words_names_its_days_in_iso_and_an_open_end() -> None:
    office, kind = Office(Role.GOVERNORATE, None, "13"), MandateKind.DEPUTY
    told = accounts.in_words(office, "مدیر کل", kind, Span(date(2026, 11, 1), date(2027, 1, 31)))
    assert told == {
        "kind": "deputy",
        "title": "مدیر کل",
        "role": "governorate",
        "municipality": None,
        "province": "13",
        "starts_on": "2026-11-01",
        "ends_on": "2027-01-31",
    }
    assert accounts.in_words(office, "مدیر کل", kind, Span(date(2026, 11, 1)))["ends_on"] is None
