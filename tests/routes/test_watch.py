"""The process's log says what was refused, to whom and where from, and nothing that anybody typed."""

import json
from typing import Any

import pytest

from tests.world.accounts import half_way
from tests.world.portal import Portal

HIDDEN = "a password that nobody may read"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(each.getMessage()) for each in caplog.records if each.name == "portal.security"]


async def test_wrong_passwords_and_codes_are_noted(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    await portal.visit().post("/login", {"username": "clerk", "password": HIDDEN})
    visitor = await half_way(portal)
    await visitor.post("/login/code", {"code": "135790"})
    told = [(each["path"], each["code"], each["status"], each["address"]) for each in lines(caplog)]
    assert told == [("/login", "invalid", 422, "203.0.113.7"), ("/login/code", "wrong-code", 422, "203.0.113.7")]
    assert lines(caplog)[1]["person"] == str(portal.people["clerk"].id)
    assert HIDDEN not in caplog.text
    assert "135790" not in caplog.text


async def test_what_is_not_ones_own_is_noted(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    clerk = await portal.as_("clerk")
    assert (await clerk.get("/accounts")).status == 403
    assert (await clerk.get("/cases/1405-99999%0A%7B%7D")).status == 404
    assert (await clerk.post("/cases", headers={"Origin": "https://evil.example"})).status == 403
    assert [(each["code"], each["status"]) for each in lines(caplog)] == [
        ("role", 403),
        ("case", 404),
        ("other-site", 403),
    ]
    assert {each["person"] for each in lines(caplog)} == {str(portal.people["clerk"].id)}
