"""Codes against RFC 6238's appendix B, and the price of wrong ones."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 24, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """The last six of the eight digits that the RFC prints for SHA-1."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.current_code(SECRET, at) == code
    assert totp.match(SECRET, code, at) == seconds // 30


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_a_neighbouring_step_counts_as_that_step(steps: int) -> None:
    code = totp.current_code(SECRET, NOW + steps * timedelta(seconds=30))
    assert totp.match(SECRET, code, NOW) == totp.step_at(NOW) + steps


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_further_off_does_not_count(steps: int) -> None:
    code = totp.current_code(SECRET, NOW + steps * timedelta(seconds=30))
    assert totp.match(SECRET, code, NOW) is None
    assert totp.match(SECRET, code, NOW, window=2) == totp.step_at(NOW) + steps


@pytest.mark.parametrize("wrong", ["000000", "", "12345", "1234567", "abcdef", "१२३४५६"])
def test_a_wrong_code_matches_nothing(wrong: str) -> None:
    assert totp.match(SECRET, wrong, NOW) is None


@pytest.mark.parametrize("typed", ["123456", "۱۲۳۴۵۶", "١٢٣٤٥٦", "12۳٤56", " 123 456 ", "123-456", "۱۲۳\u200c۴۵۶"])
def test_codes_are_read_as_people_type_them(typed: str) -> None:
    assert totp.normalise_code(typed) == "123456"


@given(st.text(max_size=12))
def test_anything_else_is_no_code(text: str) -> None:
    code = totp.normalise_code(text)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdecimal())


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_next_code_comes_when_the_countdown_says_so(at: datetime) -> None:
    left = totp.seconds_left(at)
    assert 1 <= left <= 30
    assert totp.step_at(at + timedelta(seconds=left)) == totp.step_at(at) + 1
    assert totp.step_at(at.replace(microsecond=0) + timedelta(seconds=left - 1)) == totp.step_at(at)


def test_pauses_begin_with_the_fifth_wrong_try_and_end_at_five_minutes() -> None:
    pauses = [totp.pause_after(each).total_seconds() for each in range(12)]
    assert pauses == [0, 0, 0, 0, 0, 30, 60, 120, 240, 300, 300, 300]
    assert totp.pause_after(10**9) == timedelta(minutes=5)


def test_the_address_for_an_authenticator_app() -> None:
    uri = urlsplit(totp.provisioning_uri(SECRET, "shahrdari", "درجه"))
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/درجه:shahrdari")
    assert parse_qs(uri.query)["secret"] == [SECRET]
    assert parse_qs(uri.query)["issuer"] == ["درجه"]
