"""Who agrees to what: the table of the issue, copied by hand."""

import pytest

from portal.domain.approvals import Office, approver_of, may_approve, spoken_code
from portal.domain.lifecycle import Role

TABLE = {
    "municipality": "governorate",
    "governorate": "organization",
    "organization": "administrator",
    "minister": "administrator",
    "archivist": "administrator",
    "auditor": "administrator",
    "administrator": "administrator",
}


@pytest.mark.parametrize("role", list(Role))
def test_every_account_has_one_office_that_agrees(role: Role) -> None:
    assert approver_of(Office(role), "13").role == TABLE[role]


def test_a_governorate_agrees_for_its_own_towns_alone() -> None:
    approver = approver_of(Office(Role.MUNICIPALITY, municipality="1306011469"), "13")
    assert may_approve(Role.GOVERNORATE, "13", approver)
    assert not may_approve(Role.GOVERNORATE, "07", approver)
    assert not may_approve(Role.GOVERNORATE, None, approver)
    assert not may_approve(Role.ADMINISTRATOR, None, approver)
    assert may_approve(Role.ORGANIZATION, None, approver_of(Office(Role.GOVERNORATE, province="13"), "13"))


def test_a_factor_is_told_by_digits_alone() -> None:
    """Letters of another script are misheard on the telephone (b, d, e)."""
    assert spoken_code("bed0e6fbb14befa6" + "0" * 48) == spoken_code("BED0E6FBB14BEFA6" + "0" * 48)
    assert spoken_code("0" * 63 + "7") == "0000 0000 0000 0000 0000 0007"
    assert len(spoken_code("ab" * 32).split()) == 6
