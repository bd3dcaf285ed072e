"""A Python whose parser of cookies is weak is named at the start, and no other."""

import http.cookies

import pytest

from portal.cli import interpreter


@pytest.mark.parametrize("is_old", [True, False])
def test_an_affected_interpreter_is_named(is_old: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(http.cookies, "_OctalPatt", raising=False)
    if is_old:
        monkeypatch.setattr(http.cookies, "_OctalPatt", object(), raising=False)
    said = interpreter.weakness()
    assert (said is not None) == is_old
    assert not is_old or "CVE-2024-7592" in str(said)
