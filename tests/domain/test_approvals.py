"""Who agrees to what: the table of the issue, copied by hand."""

import pytest

from portal.domain.approvals import Office, approver_of, may_approve
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
