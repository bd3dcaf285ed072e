"""Accounts played again: what version 0.1 wrote before there were mandates, and who may sign with what."""

from typing import Any

import pytest

from portal.domain.account_replay import FIRST, AccountReplay
from portal.domain.events import EventKind

AT, LATER = "2026-03-20T21:00:00.000000Z", "2026-03-25T08:00:00.000000Z"  # the first: past midnight in Tehran
OFFICE = {"title": "مدیر", "role": "administrator", "municipality": None, "province": None}
SIGNER = {"id": "p", "role": "administrator", "place": {"municipality": None, "province": None, "name": ""}}


def statement(
    values: dict[str, Any], at: str = AT, factor: dict[str, Any] | None = None, **signer: Any
) -> dict[str, Any]:
    record = {"at": at, "factor": factor, "produced": {}}
    return {"intent": {"signer": signer, "values": values, "facts": {}}, "record": record}


@pytest.fixture
def former() -> AccountReplay:
    """An account and an authenticator as version 0.1 wrote them."""
    replay = AccountReplay()
    replay.play(EventKind.ACCOUNT_OPENED, statement({"username": "head", "name": "نام", **OFFICE}, id="somebody"))
    replay.play(EventKind.FACTOR_ENROLLED, statement({"factor": "f", "kind": "totp"}))
    return replay


def test_a_former_account_holds_what_the_migration_gave(former: AccountReplay) -> None:
    said = former.mandates[FIRST]
    assert said.items() >= {**OFFICE, "kind": "regular", "starts_on": "2026-03-21", "ends_on": None}.items()
    assert (said["granted_at"], said["granted_by"], said["confirmed_at"], said["ended_at"]) == (AT, None, AT, None)
    former.play(EventKind.ACCOUNT_ENDED, statement({}, LATER, id="somebody"))
    assert said["ended_at"] == LATER
    assert "ended_by" not in said


def test_a_former_reset_ended_the_authenticator_and_a_later_one_voids_confirmations(former: AccountReplay) -> None:
    former.play(EventKind.PASSWORD_SET, statement({"by": "reset", "link_made_by": None}, LATER))
    assert (former.voids, former.factors["f"]["ended_at"]) == ([LATER], None)
    former.play(EventKind.PASSWORD_SET, statement({"by": "reset"}, LATER))
    assert former.factors["f"]["ended_at"] == LATER


TOTP = {"kind": "totp", "id": "f", "step": 1}


@pytest.mark.parametrize(
    ("factor", "signer", "at", "wrong"),
    [
        (TOTP, {}, LATER, None),  # as version 0.1 signed
        (TOTP, {"mandate": {"id": "m"}}, LATER, None),
        (TOTP, {"mandate": {"id": "m"}, "role": "minister"}, LATER, "signer-mandate"),
        (TOTP, {"mandate": {"id": "m"}}, "2026-03-20T20:00:00.000000Z", "signer-mandate"),
        ({**TOTP, "id": "g"}, {}, LATER, "signer-factor"),
        ({**TOTP, "kind": "passkey"}, {}, LATER, "signer-factor"),
    ],
)
def test_a_signature_needs_a_factor_and_a_mandate_of_its_signer(
    former: AccountReplay, factor: dict[str, Any], signer: dict[str, Any], at: str, wrong: str | None
) -> None:
    assert former.wrong_signature(statement({}, at, factor, **{**SIGNER, **signer})) == wrong


def test_only_one_mandate_can_be_the_first(former: AccountReplay) -> None:
    assert former.wrong_signature(statement({}, LATER, TOTP, **SIGNER, mandate={"id": "m"})) is None
    assert former.wrong_signature(statement({}, LATER, TOTP, **SIGNER, mandate={"id": "n"})) == "signer-mandate"
